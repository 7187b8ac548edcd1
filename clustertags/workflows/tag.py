"""Tags for new photos from a fitted library, without anything that only a fit needs.

features -> nearest fitted photos -> cluster by their vote -> scores -> candidates -> rules -> predictions
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clustertags.errors import UnreadablePhotoError
from clustertags.features.conversion import COMPILED_FILE, DESCRIPTION_FILE, MODEL_FILE, PARAMETERS_FILE, read_converted
from clustertags.features.extraction import Content, ExtractedFile, Extractor
from clustertags.features.runtime import OpenVinoRuntime
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.library.fitted_photos import FittedPhotos
from clustertags.library.saving import (
    CLUSTERS_FILE,
    DESCRIPTIONS_FILE,
    PHOTOS_FILE,
    TAG_MODEL_FILE,
    TAGS_FILE,
    load_demoted,
    load_descriptions,
    load_none,
    load_rejected,
    load_rules,
    load_tag_model,
    read_json,
    reading,
)
from clustertags.photos.discovery import FoundFile
from clustertags.photos.files import DecodeLimits
from clustertags.support.printable import printable
from clustertags.tagging.model import TagScores
from clustertags.tagging.photo_tags import ClusterPrediction, PhotoTags
from clustertags.tagging.predictions import (
    DEFAULT_OPTIONS,
    JoinedScores,
    PredictionBuilder,
    TagOptions,
    predict_blank,
    predict_by_cluster,
)
from clustertags.tagging.score_rules import ScoreRules
from clustertags.types import UNCLUSTERED, Assignment, Features, Progress, no_progress

if TYPE_CHECKING:
    from clustertags.tagging.candidates import Candidates
    from clustertags.tagging.evidence import Evidence

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
class Examined:
    """A photo's prediction and its nearest photos. `photo`: its index if it is fitted, else None; `nearest`: fitted
    photos with their cosine in the PCA space; `labelled`: labelled photos with the tag model's cosine; nearest first.
    """

    prediction: PhotoTags
    content_hash: str
    photo: int | None
    nearest: tuple[tuple[int, float], ...]
    labelled: tuple[tuple[int, float], ...]


class Tagger:
    """A fitted version, ready to tag photos.

    A photo's tags do not depend on the other photos of a call; a fitted photo keeps its cluster.

    Parameters
    ----------
    artifacts : Path
        The folder that a fit wrote to.
    limits : DecodeLimits, optional
        The largest files, in bytes, and pictures, in pixels, that are read.

    Attributes
    ----------
    version : Version
        The fitted version in use.
    vocabulary : tuple of str
        The tags that it can predict.

    Raises
    ------
    ArtifactsError
        Where there is no fitted version, or one that cannot be used.

    Examples
    --------
    >>> tagger = clustertags.Tagger(Path("artifacts"))
    >>> len(tagger.vocabulary)
    4
    """

    def __init__(self, artifacts: Path = DEFAULT_FOLDER, limits: DecodeLimits | None = None) -> None:
        self.version: Version = Artifacts(artifacts).current()
        self.version.verify(_NEEDED)
        self._limits = limits or DecodeLimits()
        with reading(self.version):
            self._fitted = FittedPhotos.load(self.version)
            self._descriptions = load_descriptions(self.version)
            tags_json = read_json(self.version, TAGS_FILE)
            self.vocabulary: tuple[str, ...] = tuple(tags_json["vocabulary"])
            self._model = load_tag_model(self.version, tags_json)
            self._demoted = load_demoted(tags_json)
            self._rules = load_rules(tags_json)
            self._score_rules = ScoreRules.of(
                self.vocabulary, self._rules, load_rejected(tags_json), load_none(tags_json)
            )
        self._prepared: dict[tuple[str, ...], Candidates | None] = {}

    def tag(self, photo: str | Path, options: TagOptions = DEFAULT_OPTIONS) -> PhotoTags:
        """Tag one photo.

        Parameters
        ----------
        photo : str or Path
            The file.
        options : TagOptions
            Which tags are returned.

        Returns
        -------
        PhotoTags
            Its tags, best first, and its cluster.

        Raises
        ------
        UnreadablePhotoError
            Where it cannot be read, with the reason.

        Examples
        --------
        >>> prediction = clustertags.load("artifacts").tag("new.jpg")
        >>> prediction.tags[0].score > 0.5
        True
        """
        prediction = next(self.tag_all([photo], options))
        if prediction.unreadable:
            raise UnreadablePhotoError(f"{printable(prediction.path)}: {prediction.reason}")
        return prediction

    def prepare(self, options: TagOptions) -> None:
        """Prepare predictions under these options, so that missing requirements raise before any photo is read.

        Parameters
        ----------
        options : TagOptions
            The options of later predictions.

        Raises
        ------
        WordsError
            Where the encoder of names, which scores candidate tags, is missing or damaged.
        UsageError
            Where the library's backbone has no ImageNet classifier, which scores candidate tags.
        """
        self._candidates(options)

    def tag_all(
        self, photos: Iterable[str | Path], options: TagOptions = DEFAULT_OPTIONS, progress: Progress = no_progress
    ) -> Iterator[PhotoTags]:
        """Tag photos in the given order.

        Parameters
        ----------
        photos : iterable of str or Path
            The files.
        options : TagOptions
            Which tags are returned.
        progress : callable
            Called with the stage, the number of photos done, and their total.

        Yields
        ------
        PhotoTags
            One per photo; if it cannot be read, `unreadable` is set and `reason` states why.

        Examples
        --------
        >>> tagger = clustertags.load("artifacts")
        >>> [prediction.unreadable for prediction in tagger.tag_all(["new.jpg", "seeds.csv"])]
        [False, True]
        """
        paths = [str(photo) for photo in photos]
        for start in range(0, len(paths), _CHUNK_PHOTOS):
            chunk = paths[start : start + _CHUNK_PHOTOS]
            yield from self._predict_all(self._extract(chunk), options)
            progress("Tagging photos", start + len(chunk), len(paths))

    def warm_up(self) -> None:
        """Load the network now, not with the first photo."""
        _ = self._extractor, self._photo_names

    def examine(self, name: str, data: bytes, options: TagOptions = DEFAULT_OPTIONS) -> Examined:
        """Tag one photo in memory, and find the nearest fitted photos.

        Safe to call from several threads.

        Parameters
        ----------
        name : str
            Stands for its path.
        data : bytes
            The file's content.
        options : TagOptions
            Which tags are returned.

        Returns
        -------
        Examined
            The prediction, and the nearest fitted and labelled photos.

        Raises
        ------
        UnreadablePhotoError
            Where it cannot be read, with the reason.
        """
        outcome = self._extractor.extract_data(name, data)
        if outcome.content is None:
            raise UnreadablePhotoError(outcome.skipped.reason if outcome.skipped else "")
        features = _features_of([outcome.content])
        indices = self._fitted.indices([outcome.content_hash])
        found = self._fitted.neighbours(features, indices)
        nearest_photos = zip(found.indices[0].tolist(), found.similarities[0].tolist(), strict=True)
        return Examined(
            next(self._predict([outcome], options)),
            outcome.content_hash,
            None if indices[0] < 0 else int(indices[0]),
            tuple(nearest_photos),
            self._nearest_labelled(features),
        )

    def _nearest_labelled(self, features: Features) -> tuple[tuple[int, float], ...]:
        if self._model is None:
            return ()
        voters = self._model.nearest_labelled(features)
        return tuple(zip(self._model.photos[voters.rows[0]].tolist(), voters.cosines[0].tolist(), strict=True))

    def _extract(self, paths: Sequence[str]) -> list[ExtractedFile]:
        files = [FoundFile(path, 0, 0) for path in dict.fromkeys(paths)]
        outcomes = {outcome.file.path: outcome for outcome in self._extractor.run(Path(), files)}
        return [outcomes[path] for path in paths]

    @cached_property
    def _extractor(self) -> Extractor:
        folder = self.version.folder
        runtime = OpenVinoRuntime(folder / MODEL_FILE, folder / COMPILED_FILE)
        return Extractor(runtime, read_converted(folder).preprocess, self._limits, lambda _: False, follow_links=True)

    def _predict_all(self, outcomes: Sequence[ExtractedFile], options: TagOptions) -> Iterator[PhotoTags]:
        read = [outcome for outcome in outcomes if outcome.content]
        predictions = iter(self._predict(read, options) if read else ())
        for outcome in outcomes:
            if outcome.content:
                yield next(predictions)
            else:
                reason = outcome.skipped.reason if outcome.skipped else ""
                yield PhotoTags(outcome.file.path, (), None, True, f"cannot be read: {reason}", unreadable=True)

    def _predict(self, read: Sequence[ExtractedFile], options: TagOptions) -> Iterator[PhotoTags]:
        """The recipe: features -> nearest fitted photos -> cluster -> scores -> candidates -> rules -> predictions."""
        features = _features_of([outcome.content for outcome in read if outcome.content])
        hashes = [outcome.content_hash for outcome in read]
        indices = self._fitted.indices(hashes)
        neighbours = self._fitted.neighbours(features, indices)
        assignment = self._fitted.assign(neighbours, indices)
        clusters = [
            self._cluster(label, score, is_fitted=index >= 0)
            for label, score, index in zip(
                assignment.labels.tolist(), assignment.scores.tolist(), indices.tolist(), strict=True
            )
        ]
        blank = self._blank(read, clusters, indices)
        candidates = self._candidates(options)
        if self._model is None and candidates is None:
            for row, (outcome, cluster) in enumerate(zip(read, clusters, strict=True)):
                path = outcome.file.path
                yield blank.get(row) or predict_by_cluster(path, cluster, self._descriptions, options)
            return
        learnt = self._model.predict(features, neighbours, assignment) if self._model else TagScores.none(len(read))
        joined = JoinedScores(learnt)
        if candidates:
            keep_learnt = options.precision is not None
            joined = candidates.join(learnt, features, keep_learnt=keep_learnt, explain=options.explain)
        scores = self._score_rules.apply(joined.scores, hashes, indices)
        builder = PredictionBuilder(
            (*self.vocabulary, *joined.names),
            scores,
            options.least_scores(self._model, len(joined.names)),
            options,
            self._evidence(features, assignment) if options.explain else None,
            self._demoted,
            n_by_name=len(joined.names),
            name_reasons=joined.reasons,
        )
        for row, (outcome, cluster) in enumerate(zip(read, clusters, strict=True)):
            yield blank.get(row) or builder.build(row, outcome.file.path, cluster)

    def _blank(
        self,
        read: Sequence[ExtractedFile],
        clusters: Sequence[ClusterPrediction | None],
        indices: NDArray[np.intp],
    ) -> dict[int, PhotoTags]:
        """The predictions, by row, of photos in which there is nothing to see and which no person labelled. A fitted
        one keeps its cluster, a new one has none.
        """
        predictions = {}
        for row, (outcome, photo) in enumerate(zip(read, indices.tolist(), strict=True)):
            labelled = self._model is not None and bool((self._model.photos == photo).any())
            if outcome.content and outcome.content.blank and not labelled:
                cluster = clusters[row] if photo >= 0 else None
                predictions[row] = predict_blank(outcome.file.path, cluster, outcome.content.blank)
        return predictions

    def _candidates(self, options: TagOptions) -> Candidates | None:
        """The candidates of the options, encoded once; None if all of them are learnt tags."""
        if not options.candidates:
            return None
        if options.candidates not in self._prepared:
            from clustertags.tagging.candidates import prepare  # noqa: PLC0415

            with reading(self.version):
                backbone = read_converted(self.version.folder)
                self.version.verify([name for name in backbone.files if name not in _NEEDED])
            self._prepared[options.candidates] = prepare(
                options.candidates, self.vocabulary, self._model, self._rules, backbone
            )
        return self._prepared[options.candidates]

    def _cluster(self, label: int, score: float, *, is_fitted: bool) -> ClusterPrediction | None:
        if label == UNCLUSTERED:
            return None
        described, n_photos = self._descriptions[label], int(self._cluster_sizes[label])
        return ClusterPrediction(label, described.name, round(score, 6), n_photos - is_fitted, described.n_labelled)

    @cached_property
    def _cluster_sizes(self) -> NDArray[np.intp]:
        return self._fitted.clusters.sizes()

    def _evidence(self, features: Features, assignment: Assignment) -> Evidence | None:
        if self._model is None:
            return None
        from clustertags.tagging.evidence import gather_evidence  # noqa: PLC0415

        names = [description.name for description in self._descriptions]
        return gather_evidence(self._model, features, assignment.labels.tolist(), names, self._photo_names.__getitem__)

    @cached_property
    def _photo_names(self) -> list[str]:
        self.version.verify([PHOTOS_FILE])
        return [first for _, first, *_ in read_json(self.version, PHOTOS_FILE)["photos"]]


def _features_of(contents: Sequence[Content]) -> Features:
    return Features(
        np.stack([content.values for content in contents]).astype(np.float32),
        np.array([content.norm for content in contents], np.float32),
    )
