"""A prediction as the JSON object that `tag --format jsonl` prints and `POST /api/tag` returns."""

from __future__ import annotations

from typing import Any

from clustertags.tagging.photo_tags import PhotoTags, TagScore


def as_json(prediction: PhotoTags, *, explain: bool = False) -> dict[str, Any]:
    """The object with the keys that other programs rely on."""
    cluster = prediction.cluster
    fields: dict[str, Any] = {
        "path": prediction.path,
        "tags": [_tag_as_json(tag) for tag in prediction.tags],
        "cluster": {"id": cluster.id, "name": cluster.name, "score": cluster.score} if cluster else None,
        "abstained": prediction.abstained,
        "reason": prediction.reason,
    }
    if explain:
        fields["withheld"] = [_tag_as_json(tag) for tag in prediction.withheld]
    return fields


def _tag_as_json(tag: TagScore) -> dict[str, Any]:
    fields: dict[str, Any] = {"tag": tag.tag, "score": tag.score}
    if tag.demoted:
        fields["demoted"] = tag.demoted
    if tag.by_name:
        fields["by_name"] = True
    if tag.parts:
        fields["parts"] = [{"part": part.part, "share": part.share, "detail": part.detail} for part in tag.parts]
    return fields
