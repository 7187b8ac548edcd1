"""Tags for new photos from a fitted library, without anything that only a fit needs.

files -> features -> predictions (`predict`)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from clustertags.engines.local import LocalEngine
from clustertags.engines.workers import choose_workers
from clustertags.errors import UnreadablePhotoError
from clustertags.features.conversion import read_converted
from clustertags.features.extracted_file import ExtractedFile
from clustertags.features.extraction import Extractor
from clustertags.features.photo_reading import PhotoReader
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.photos.discovery import FoundFile
from clustertags.photos.files import DecodeLimits
from clustertags.photos.pairs import photo_beside
from clustertags.support.printable import printable
from clustertags.tagging.photo_tags import PhotoTags
from clustertags.tagging.predictions import (
    DEFAULT_OPTIONS,
    TagOptions,
)
from clustertags.types import Progress, no_progress
from clustertags.workflows.predict import NEEDED_FILES, Predictor, features_of

if TYPE_CHECKING:
    pass

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
    jobs : int, optional
        How many photos are decoded at a time; as many as there are cores without it.

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

    def __init__(
        self, artifacts: Path = DEFAULT_FOLDER, limits: DecodeLimits | None = None, *, jobs: int | None = None
    ) -> None:
        self.version: Version = Artifacts(artifacts).current()
        self.version.verify(NEEDED_FILES)
        self._limits, self._jobs = limits or DecodeLimits(), jobs
        self._predictor = Predictor(self.version)
        self.vocabulary: tuple[str, ...] = self._predictor.vocabulary

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
        self._predictor.candidates(options)

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
        with LocalEngine(self._extractor, choose_workers(len(paths), self._jobs)) as engine:
            for start in range(0, len(paths), _CHUNK_PHOTOS):
                chunk = paths[start : start + _CHUNK_PHOTOS]
                yield from self._predict_all(_extract(engine, chunk), options)
                progress("Tagging photos", start + len(chunk), len(paths))

    def warm_up(self) -> None:
        """Load the network now, not with the first photo."""
        _ = self._extractor, self._predictor.photo_names

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
        features = features_of([outcome.content])
        indices = self._predictor.fitted.indices([outcome.content_hash])
        found = self._predictor.fitted.neighbours(features, indices)
        nearest_photos = zip(found.indices[0].tolist(), found.similarities[0].tolist(), strict=True)
        return Examined(
            next(self._predictor.predict([outcome], options)),
            outcome.content_hash,
            None if indices[0] < 0 else int(indices[0]),
            tuple(nearest_photos),
            self._predictor.nearest_labelled(features),
        )

    @cached_property
    def _extractor(self) -> Extractor:
        converted = read_converted(self.version.folder)
        reader = PhotoReader(converted.preprocess, self._limits, follow_links=True)
        return Extractor(converted.runtime(), reader)

    def _predict_all(self, outcomes: Sequence[ExtractedFile], options: TagOptions) -> Iterator[PhotoTags]:
        read = [outcome for outcome in outcomes if outcome.content]
        predictions = iter(self._predictor.predict(read, options) if read else ())
        for outcome in outcomes:
            if outcome.content:
                yield next(predictions)
            else:
                reason = outcome.skipped.reason if outcome.skipped else ""
                yield PhotoTags(outcome.file.path, (), None, True, f"cannot be read: {reason}", unreadable=True)


def _extract(engine: LocalEngine, paths: Sequence[str]) -> list[ExtractedFile]:
    """One outcome a path, under its name; a RAW file is the photo of the JPEG or HEIC beside it, if that is one."""
    beside = {path: str(photo) for path in dict.fromkeys(paths) if (photo := photo_beside(Path(path)))}
    outcomes = _outcomes(engine, [beside.get(path, path) for path in paths])
    again = [path for path, photo in beside.items() if outcomes[photo].content is None]
    if again:
        outcomes.update(_outcomes(engine, again))
    renamed = {
        path: replace(outcomes[photo], file=FoundFile(path, 0, 0))
        for path, photo in beside.items()
        if path not in again
    }
    return [renamed.get(path) or outcomes[path] for path in paths]


def _outcomes(engine: LocalEngine, paths: Sequence[str]) -> dict[str, ExtractedFile]:
    files = [FoundFile(path, 0, 0) for path in dict.fromkeys(paths)]
    return {outcome.file.path: outcome for outcome in engine.run(Path(), files)}
