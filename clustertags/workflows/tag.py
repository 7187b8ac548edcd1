"""Tags for new photos from a fitted library, without anything that only a fit needs.

decode -> features -> nearest fitted photos -> cluster by their vote + tag model -> fused tags
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clustertags.errors import UnreadablePhotoError
from clustertags.features.conversion import COMPILED_FILE, DESCRIPTION_FILE, MODEL_FILE, PARAMETERS_FILE, read_converted
from clustertags.features.extraction import Content, ExtractedFile, Extractor
from clustertags.features.runtime import OpenVinoRuntime
from clustertags.labels.rules import ancestor_columns, raise_parents
from clustertags.labels.vocabulary import normalise_tag
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.library.saving import (
    CLUSTERS_FILE,
    DESCRIPTIONS_FILE,
    PHOTOS_FILE,
    TAG_MODEL_FILE,
    TAGS_FILE,
    clusters_from,
    load_demoted,
    load_descriptions,
    load_rejected,
    load_rules,
    load_tag_model,
    read_arrays,
    read_json,
    reading,
)
from clustertags.neighbours import N_VOTERS, assign, nearest
from clustertags.photos.discovery import FoundFile
from clustertags.photos.files import DecodeLimits
from clustertags.support.printable import printable
from clustertags.tagging.model import TagScores
from clustertags.tagging.predictions import (
    DEFAULT_OPTIONS,
    JoinedScores,
    PredictionBuilder,
    TagOptions,
    predict_by_cluster,
)
from clustertags.types import (
    UNCLUSTERED,
    Assignment,
    ClusterPrediction,
    Features,
    Neighbours,
    PhotoTags,
    Progress,
    Projection,
    no_progress,
)

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
    """A photo's prediction with what it is like. `photo`: its index where it is one of the fitted photos. `nearest`:
    fitted photos with their cosine in the PCA space, `labelled`: tagged ones by the tag model's own likeness; nearest
    first.
    """

    prediction: PhotoTags
    content_hash: str
    photo: int | None
    nearest: tuple[tuple[int, float], ...]
    labelled: tuple[tuple[int, float], ...]


class Tagger:
    """A fitted version, ready to tag photos.

    The same photo gets the same tags alone, among others and in any order; a photo of the fitted folder keeps the
    cluster that it has there.

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
        The tags that it can give.

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
            arrays = read_arrays(self.version, CLUSTERS_FILE)
            self._projection = Projection(arrays["mean"], arrays["components"])
            self._space = arrays["space"]
            self._clusters = clusters_from(arrays)
            self._fitted = {row.tobytes(): index for index, row in enumerate(arrays["content_hashes"])}
            self._descriptions = load_descriptions(self.version)
            words = read_json(self.version, TAGS_FILE)
            self.vocabulary: tuple[str, ...] = tuple(words["vocabulary"])
            self._model = load_tag_model(self.version, words)
            self._demoted = load_demoted(words)
            self._rejected = load_rejected(words)
            self._rules = load_rules(words)
            self._ancestors = ancestor_columns(self.vocabulary, self._rules)
        self._prepared: dict[tuple[str, ...], Candidates | None] = {}

    def tag(self, photo: str | Path, options: TagOptions = DEFAULT_OPTIONS) -> PhotoTags:
        """Tag one photo.

        Parameters
        ----------
        photo : str or Path
            The file.
        options : TagOptions
            Which tags are wanted.

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
        """Prepare predictions under these options, so that what they lack is told before any photo is read.

        Parameters
        ----------
        options : TagOptions
            Those of the predictions to come.

        Raises
        ------
        WordsError
            Where candidate tags cannot be scored as the encoder of names is missing or damaged.
        UsageError
            Where they cannot as the library's backbone has no classifier of ImageNet's classes.
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
            Which tags are wanted.
        progress : callable
            Called with the stage, how many photos are done, and how many there are.

        Yields
        ------
        PhotoTags
            One a photo; where it cannot be read, `unreadable` is set and `reason` says why.

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
        """Load the network now rather than with the first photo."""
        _ = self._extractor, self._photo_names

    def examine(self, name: str, data: bytes, options: TagOptions = DEFAULT_OPTIONS) -> Examined:
        """Tag one photo whose bytes are in memory, and find the fitted photos that it is like.

        Safe to call from several threads.

        Parameters
        ----------
        name : str
            Stands for its path.
        data : bytes
            The file's content.
        options : TagOptions
            Which tags are wanted.

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
        fitted = self._fitted.get(bytes.fromhex(outcome.content_hash), -1)
        found = self._neighbours(features, np.array([fitted]))
        nearest_photos = zip(found.indices[0].tolist(), found.similarities[0].tolist(), strict=True)
        return Examined(
            next(self._predict([outcome], options)),
            outcome.content_hash,
            None if fitted < 0 else fitted,
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
        fitted = np.array([self._fitted.get(bytes.fromhex(outcome.content_hash), -1) for outcome in read])
        neighbours = self._neighbours(features, fitted)
        place = self._place(neighbours, fitted)
        clusters = [
            self._cluster(label, score)
            for label, score in zip(place.labels.tolist(), place.scores.tolist(), strict=True)
        ]
        candidates = self._candidates(options)
        if self._model is None and candidates is None:
            for outcome, cluster in zip(read, clusters, strict=True):
                yield predict_by_cluster(outcome.file.path, cluster, self._descriptions, options)
            return
        learnt = self._model.predict(features, neighbours, place) if self._model else TagScores.none(len(read))
        joined = JoinedScores(learnt)
        if candidates:
            keep_learnt = options.precision is not None
            joined = candidates.join(learnt, features, keep_learnt=keep_learnt, explain=options.explain)
        scores = self._under_rules(joined.scores, [outcome.content_hash for outcome in read])
        builder = PredictionBuilder(
            (*self.vocabulary, *joined.names),
            scores,
            options.least_scores(self._model, len(joined.names)),
            options,
            self._surroundings(features, place) if options.explain else None,
            self._demoted,
            n_by_name=len(joined.names),
            name_reasons=joined.reasons,
        )
        for row, (outcome, cluster) in enumerate(zip(read, clusters, strict=True)):
            yield builder.build(row, outcome.file.path, cluster)

    def _candidates(self, options: TagOptions) -> Candidates | None:
        """The options' candidates, encoded once; None without any that the library has no photo of."""
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

    def _under_rules(self, scores: TagScores, hashes: Sequence[str]) -> TagScores:
        """Scores in which parents are as likely as what brings them, and 0 where the person rejected the tag for a
        photo with this content, (n,) `hashes`.
        """
        kept = raise_parents(scores.scores, self._ancestors)
        if self._rejected:
            column = {normalise_tag(tag): at for at, tag in enumerate(self.vocabulary)}
            kept = kept.copy()
            for row, content_hash in enumerate(hashes):
                tags = self._rejected.get(content_hash, ())
                kept[row, [column[tag] for tag in tags if tag in column]] = 0
        return replace(scores, scores=kept)

    def _neighbours(self, features: Features, fitted: NDArray[np.intp]) -> Neighbours:
        """The nearest fitted photos; a photo that is fitted itself is not its own neighbour, as at the fit."""
        found = nearest(self._space, self._projection.project(features.values), N_VOTERS + 1)
        kept = min(N_VOTERS, max(len(self._space) - 1, 1))
        order = np.argsort(found.indices == fitted[:, None], axis=1, kind="stable")[:, :kept]
        return Neighbours(
            np.take_along_axis(found.indices, order, axis=1), np.take_along_axis(found.similarities, order, axis=1)
        )

    def _place(self, neighbours: Neighbours, fitted: NDArray[np.intp]) -> Assignment:
        voted = assign(neighbours, self._clusters)
        known = fitted >= 0
        return Assignment(
            np.where(known, self._clusters.labels[fitted], voted.labels).astype(np.int32),
            np.where(known, self._clusters.probabilities[fitted], voted.scores).astype(np.float32),
        )

    def _cluster(self, label: int, score: float) -> ClusterPrediction | None:
        if label == UNCLUSTERED:
            return None
        return ClusterPrediction(label, self._descriptions[label].name, round(score, 6))

    def _surroundings(self, features: Features, place: Assignment) -> Evidence | None:
        if self._model is None:
            return None
        from clustertags.tagging.evidence import gather_evidence  # noqa: PLC0415

        names = [description.name for description in self._descriptions]
        return gather_evidence(self._model, features, place.labels.tolist(), names, self._photo_names.__getitem__)

    @cached_property
    def _photo_names(self) -> list[str]:
        self.version.verify([PHOTOS_FILE])
        return [first for _, first, *_ in read_json(self.version, PHOTOS_FILE)["photos"]]


def _features_of(contents: Sequence[Content]) -> Features:
    return Features(
        np.stack([content.values for content in contents]).astype(np.float32),
        np.array([content.norm for content in contents], np.float32),
    )
