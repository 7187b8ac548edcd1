"""Tags for new photos from a fitted library, without anything that only a fit needs.

    decode -> features -> nearest fitted photos -> cluster by their vote + tag model -> fused tags
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from clustertags.clustering.assignment import assign, nearest
from clustertags.errors import PhotosError
from clustertags.features.conversion import COMPILED_FILE, DESCRIPTION_FILE, MODEL_FILE, PARAMETERS_FILE, read_converted
from clustertags.features.extraction import ExtractedFile, Extractor
from clustertags.features.runtime import OpenVinoRuntime
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.library.saving import (
    CLUSTERS_FILE,
    DESCRIPTIONS_FILE,
    PHOTOS_FILE,
    TAG_MODEL_FILE,
    TAGS_FILE,
    clusters_from,
    load_descriptions,
    load_tag_model,
    read_arrays,
    read_json,
)
from clustertags.photos.discovery import FoundFile, discover
from clustertags.photos.files import DecodeLimits
from clustertags.printable import printable
from clustertags.tagging.evidence import explain
from clustertags.types import (
    UNCLUSTERED,
    Assignment,
    ClusterAnswer,
    Features,
    Neighbours,
    PhotoTags,
    Progress,
    Projection,
    TagScore,
    no_progress,
)

N_VOTERS = 15
"""How many nearest fitted photos vote on a photo's cluster and lend it their tags."""

_NEEDED = (
    CLUSTERS_FILE,
    DESCRIPTIONS_FILE,
    TAGS_FILE,
    TAG_MODEL_FILE,
    MODEL_FILE,
    PARAMETERS_FILE,
    COMPILED_FILE,
    DESCRIPTION_FILE,
)
_CHUNK_PHOTOS = 512


@dataclass(frozen=True, slots=True)
class TagOptions:
    """What to answer. `min_score`: tags below it are left out; `precision`: instead, each tag's own threshold, so that
    the tags given are right about this often; `explain`: give the reasons with each tag.
    """

    top_k: int = 10
    min_score: float = 0.3
    precision: float | None = None
    explain: bool = False


class Tagger:
    """A fitted version, ready to tag photos. Raises `ArtifactsError` if it cannot be used.

    The same photo gets the same answer alone, among others and in any order; a photo of the fitted folder keeps the
    cluster that it has there.
    """

    def __init__(self, artifacts: Path = DEFAULT_FOLDER, limits: DecodeLimits | None = None) -> None:
        self.version: Version = Artifacts(artifacts).current()
        self.version.verify(_NEEDED)
        self._limits = limits or DecodeLimits()
        arrays = read_arrays(self.version, CLUSTERS_FILE)
        self._projection = Projection(arrays["mean"], arrays["components"])
        self._space = arrays["space"]
        self._clusters = clusters_from(arrays)
        self._fitted = {row.tobytes(): index for index, row in enumerate(arrays["content_hashes"])}
        self._descriptions = load_descriptions(self.version)
        words = read_json(self.version, TAGS_FILE)
        self.vocabulary: tuple[str, ...] = tuple(words["vocabulary"])
        self._model = load_tag_model(self.version, words)

    def tag(self, photo: str | Path, options: TagOptions = TagOptions()) -> PhotoTags:
        """Tag one photo. Raises `UnreadablePhotoError` with the reason where it cannot be read."""
        answer = next(self.tag_all([photo], options))
        if answer.unreadable:
            raise UnreadablePhotoError(f"{printable(answer.path)}: {answer.reason}")
        return answer

    def tag_all(
        self, photos: Iterable[str | Path], options: TagOptions = TagOptions(), progress: Progress = no_progress
    ) -> Iterator[PhotoTags]:
        """Tag photos in the given order; one that cannot be read is an answer with the reason."""
        paths = [str(photo) for photo in photos]
        for start in range(0, len(paths), _CHUNK_PHOTOS):
            chunk = paths[start : start + _CHUNK_PHOTOS]
            yield from self._tag_chunk(self._extract(chunk), options)
            progress("Tagging", start + len(chunk), len(paths))

    def _extract(self, paths: Sequence[str]) -> list[ExtractedFile]:
        files = {str(index): FoundFile(path, 0, 0) for index, path in enumerate(paths)}
        outcomes = {outcome.file.path: outcome for outcome in self._extractor.run(Path(), list(files.values()))}
        return [outcomes[path] for path in paths]

    @cached_property
    def _extractor(self) -> Extractor:
        folder = self.version.folder
        runtime = OpenVinoRuntime(folder / MODEL_FILE, folder / COMPILED_FILE)
        return Extractor(runtime, read_converted(folder).preprocess, self._limits, lambda _: False, follow_links=True)

    def _tag_chunk(self, outcomes: Sequence[ExtractedFile], options: TagOptions) -> Iterator[PhotoTags]:
        read = [outcome for outcome in outcomes if outcome.content]
        answers = iter(self._answers(read, options) if read else ())
        for outcome in outcomes:
            if outcome.content:
                yield next(answers)
            else:
                reason = outcome.skipped.reason if outcome.skipped else ""
                yield PhotoTags(outcome.file.path, (), None, True, f"cannot be read: {reason}", unreadable=True)
