"""Answers to suggestions come back: recorded for good, learnt at once on the layout that is there, put in use.

answers -> catalogue -> seeds and answers -> tag model -> tags of every photo -> a new version
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from clustertags.errors import DamagedError, NotFittedError, UsageError
from clustertags.features.conversion import read_converted
from clustertags.learning import Grouped, learn_tags
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.library.catalogue import Catalogue
from clustertags.library.model import FittedLibrary
from clustertags.library.publishing import publish
from clustertags.library.reuse import earlier_reduction
from clustertags.library.saving import load_library
from clustertags.printable import printable
from clustertags.tagging.recorded import unite_answers, withdraw_answers
from clustertags.tagging.rules import apply_rules
from clustertags.tagging.seeds import read_seed_tags
from clustertags.types import Features, PhotoSet, Progress, SeedTags, no_progress


@dataclass(frozen=True, slots=True)
class Retagging:
    """What some answers changed. `n_answers`: photos answered; `before` and `after`: labelled photos; `n_changed`: how
    many photos have another best tag; `new_tags`: tags that were not known before.
    """

    version: str
    n_answers: int
    before: int
    after: int
    n_tags: int
    new_tags: tuple[str, ...]
    n_changed: int
    n_photos: int
    notices: tuple[str, ...]


def fitted_features(artifacts: Artifacts, version: Version, library: FittedLibrary) -> Features:
    """The features that the version was fitted on. Raises `NotFittedError` where the catalogue is gone."""
    if not artifacts.catalogue.is_file():
        raise NotFittedError(f"{printable(artifacts.catalogue)} is missing: run `clustertags fit` again")
    backbone = version.manifest["backbone"]
    with Catalogue(artifacts.catalogue) as catalogue:
        hashes = [photo.content_hash for photo in library.photos]
        return catalogue.features(hashes, backbone["key"], backbone["n_features"])


def take_answers(source: Path, folder: Path = DEFAULT_FOLDER, progress: Progress = no_progress) -> Retagging:
    """Record the tags in `source` (a CSV or JSON lines, see `read_seed_tags`), learn from them and publish.

    An answer takes the place of an earlier answer for the same photo. Raises `SeedsError` or `UsageError` where the
    file is malformed or holds no tag; then nothing is recorded. What is recorded stays, should the rest fail.
    """
    artifacts = Artifacts(folder)
    library = load_library(artifacts.current())
    answers = _read_answers(library, source)
    with artifacts.writing():
        version = artifacts.current()
        library = load_library(version)
        features = fitted_features(artifacts, version, library)
        given = answers_by_content(library, answers)
        with Catalogue(artifacts.catalogue) as catalogue:
            earlier = {key: tags for key, tags in catalogue.labels().items() if key in given}
            catalogue.record_labels(given)
        kept = replace(withdraw_answers(library.seeds, library.photos, earlier), notices=())
        seeds = apply_rules(unite_answers(kept, library.photos, given), library.rules)
        return _refit(artifacts, version, library, features, seeds, answers, progress)


def answers_by_content(library: FittedLibrary, answers: SeedTags) -> dict[str, tuple[str, ...]]:
    """The tags of each answered photo by its content hash, as the catalogue keeps them."""
    return {
        library.photos[photo].content_hash: tuple(answers.vocabulary[at] for at in np.flatnonzero(row))
        for photo, row in zip(answers.photos.tolist(), answers.matrix, strict=True)
    }


def _read_answers(library: FittedLibrary, source: Path) -> SeedTags:
    answers = read_seed_tags(PhotoSet(library.root, library.photos, library.skipped), source)
    if not answers.n_labelled:
        raise UsageError(f"{printable(source)} holds no tag yet: fill in its column tags, with | between two tags")
    return answers


def _refit(  # noqa: PLR0917
    artifacts: Artifacts,
    version: Version,
    library: FittedLibrary,
    features: Features,
    seeds: SeedTags,
    answers: SeedTags,
    progress: Progress,
) -> Retagging:
    reduction = earlier_reduction(artifacts, version.manifest["layout"])
    if reduction is None:
        raise DamagedError(f"{printable(version.folder)} lacks its layout: fit again, the answers are recorded")
    converted = read_converted(version.folder)
    grouped = Grouped(features, converted.classifier(), library.space, library.clusters)
    learnt = learn_tags(grouped, seeds, library.rules, seed=int(library.settings["seed"]), progress=progress)
    renewed = replace(
        library,
        seeds=learnt.seeds,
        demoted=learnt.demoted,
        tag_model=learnt.tag_model,
        top_tags=learnt.top_tags,
        descriptions=learnt.descriptions,
    )
    published = publish(artifacts, renewed, reduction.embedding, converted, version.manifest["layout"])
    changed = [_best(library, at) != _best(renewed, at) for at in range(library.n_photos)]
    return Retagging(
        published.name,
        answers.n_labelled,
        library.seeds.n_labelled,
        renewed.seeds.n_labelled,
        len(renewed.seeds.vocabulary),
        tuple(tag for tag in renewed.seeds.vocabulary if tag not in library.seeds.vocabulary),
        sum(changed),
        library.n_photos,
        (*answers.notices, *learnt.seeds.notices),
    )


def _best(library: FittedLibrary, photo: int) -> str | None:
    return next((tag for tag, _ in library.tags_of(photo)), None)
