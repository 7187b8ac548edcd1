"""A fitted library in memory: what a fit saves, and the input of galleries, tags and lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.rules import NO_RULES, Rules
from clustertags.photos.files import VIDEO_REASON
from clustertags.photos.left_out_folders import LEFT_OUT
from clustertags.tagging.model import TagModel
from clustertags.tagging.top_tags import TopTags
from clustertags.types import (
    ClusterDescription,
    Clusters,
    Float32,
    Float64,
    Int32,
    Neighbours,
    Photo,
    Projection,
    SeedTags,
    SkippedFile,
)


@dataclass(frozen=True, slots=True)
class Base:
    """The fit's own result, before any edit; `seeds`: the seed tags of its source, before rules. `keys`: of the
    clusters, those of an earlier fit for clusters that it had too; empty in a library of an earlier version.
    """

    clusters: Clusters
    seeds: SeedTags
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FittedLibrary:
    """A fitted library in memory; `photos[i]` goes with row i of every array.

    Attributes
    ----------
    root : Path
        The photo folder.
    photos : tuple of Photo
        The distinct photos, n_photos: those of the fit in the order of their first path, then the added ones.
    skipped : tuple of SkippedFile
        Every file that is not used, with the reason.
    projection : Projection
        The PCA that maps features to `space`.
    space : (n_photos, n_pca) float32
        The PCA space, rows of unit length.
    map : (n_photos, 2) float32
        The two-dimensional layout.
    clusters : Clusters
        Labels, medoids and levels.
    descriptions : tuple of ClusterDescription
        The name and tags of each cluster.
    seeds : SeedTags
        The labels that the user gave.
    tag_model : TagModel or None
        None if no tags were given.
    top_tags : TopTags
        The best tags of each photo.
    settings : dict
        The settings of the fit, serialisable as JSON.
    demoted : mapping of str to str
        Tags that carry no information about a picture, with the reason.
    rules : Rules
        The user's rules for tags, as at the fit.
    neighbours : Neighbours or None
        The nearest other photos of each photo in `space`; None in a library without its hidden photos.
    duplicate_groups : (n_photos,) int32 or None
        A number for each group of near-duplicates, -1 for photos in none; None in a library of an earlier version.
    base : Base or None
        The fit's result before edits; None in a library without its hidden photos.
    edits : str
        Digest of the applied edits, "" for none.
    edit_notices : tuple of str
        A line for each edit that could not be applied.
    cluster_keys : tuple of str
        An identifier of each cluster that edits do not change.
    hidden : (n_hidden,) int32
        Hidden photos, ascending; they are in no cluster and have no tags.
    rejected : mapping of str to tuple of str
        Content hash to the normalised tags that the user rejected for it.
    blank : mapping of str to str
        Content hash to the reason why there is nothing to see in the photo; it gets no tags unless the user labels it.
    n_added : int
        How many photos joined after the fit: the last ones.
    """

    root: Path
    photos: tuple[Photo, ...]
    skipped: tuple[SkippedFile, ...]
    projection: Projection
    space: Float32
    map: Float32
    clusters: Clusters
    descriptions: tuple[ClusterDescription, ...]
    seeds: SeedTags
    tag_model: TagModel | None
    top_tags: TopTags
    settings: dict[str, Any]
    demoted: Mapping[str, str] = field(default_factory=dict)
    rules: Rules = NO_RULES
    neighbours: Neighbours | None = None
    base: Base | None = None
    edits: str = ""
    edit_notices: tuple[str, ...] = ()
    cluster_keys: tuple[str, ...] = ()
    hidden: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    rejected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blank: Mapping[str, str] = field(default_factory=dict)
    duplicate_groups: Int32 | None = None
    n_added: int = 0

    @property
    def n_photos(self) -> int:
        return len(self.photos)

    @property
    def n_fitted(self) -> int:
        """The photos of the fit, which come first."""
        return self.n_photos - self.n_added

    def is_added(self, photo: int) -> bool:
        """Whether a photo joined after the fit.

        Parameters
        ----------
        photo : int
            Its index.

        Returns
        -------
        bool
            False for the photos of the fit.
        """
        return photo >= self.n_fitted

    def by_path(self, photos: Iterable[int]) -> list[int]:
        """Photos in the order of their first path.

        Parameters
        ----------
        photos : iterable of int
            Indices, ascending.

        Returns
        -------
        list of int
            The same in another order where some were added.
        """
        if not self.n_added:
            return list(photos)
        return sorted(photos, key=lambda photo: self.photos[photo].path)

    @property
    def n_files(self) -> int:
        """All files found, used, companions of a photo, or skipped."""
        return sum(len(photo.files) for photo in self.photos) + len(self.skipped)

    @property
    def n_used(self) -> int:
        return sum(len(photo.paths) for photo in self.photos)

    @property
    def unreadable(self) -> tuple[SkippedFile, ...]:
        """The skipped files that are photos by name or content."""
        return tuple(file for file in self.skipped if file.is_photo)

    @property
    def n_videos(self) -> int:
        """The skipped files that are videos by name, those of Live Photos apart."""
        return sum(file.reason == VIDEO_REASON for file in self.skipped)

    @property
    def n_left_out(self) -> int:
        """The folders and files that are hidden or another program's own."""
        return sum(file.reason == LEFT_OUT for file in self.skipped)

    @property
    def n_unlabelled(self) -> int:
        """Photos that the person did not label, not even as showing none of the tags, and that are not hidden."""
        return self.n_photos - len(self.seeds.reviewed) - len(self.hidden)

    @property
    def n_unclustered(self) -> int:
        """Photos in no cluster that are not hidden."""
        return self.clusters.n_unclustered - len(self.hidden)

    def visible(self) -> NDArray[np.bool_]:
        """The photos that are not hidden.

        Returns
        -------
        (n_photos,) bool
            False for hidden photos.
        """
        shown = np.ones(self.n_photos, np.bool_)
        shown[self.hidden] = False
        return shown

    def without_content(self) -> NDArray[np.bool_]:
        """The photos in which there is nothing to see, by the pixels and by the user, who gave them no label.

        Returns
        -------
        (n_photos,) bool
            False for labelled photos.
        """
        if not self.blank:
            return np.zeros(self.n_photos, np.bool_)
        found = np.array([photo.content_hash in self.blank for photo in self.photos], np.bool_)
        found[self.seeds.photos] = False
        return found

    def why_blank(self, photo: int) -> str:
        """Why a photo gets no tags.

        Parameters
        ----------
        photo : int
            Its index.

        Returns
        -------
        str
            Such as "nothing to see: one colour"; "" where there is something to see, or the user labelled it.
        """
        return "" if self.seed_tags_of(photo) else self.blank.get(self.photos[photo].content_hash, "")

    def cluster_sizes(self) -> NDArray[np.intp]:
        """The number of photos of each cluster.

        Returns
        -------
        (n_clusters,) int
            Photos.
        """
        return self.clusters.sizes()

    def informative_top_tags(self) -> TopTags:
        """The top tags without the demoted ones, which say nothing of a picture.

        Returns
        -------
        TopTags
            By falling score.
        """
        if not self.demoted:
            return self.top_tags
        demoted = np.array([*(tag in self.demoted for tag in self.seeds.vocabulary), False], np.bool_)
        return self.top_tags.without(demoted[self.top_tags.tags])

    def best_tags(self) -> list[str]:
        """Each photo's best tag, demoted ones apart.

        Returns
        -------
        list of str
            One per photo, "" for none.
        """
        if not self.top_tags.tags.shape[1]:
            return [""] * self.n_photos
        names = (*self.seeds.vocabulary, "")
        return [names[tag] for tag in self.informative_top_tags().tags[:, 0].tolist()]

    def name_vectors(self) -> dict[str, Float64]:
        """The name vectors that the tag model stores.

        Empty if edits changed the tags since the model was fitted.

        Returns
        -------
        dict of str to (n_dimensions,) float64
            The vector of each tag's name.
        """
        model = self.tag_model
        if model is None or model.name_prior is None or not np.array_equal(model.matrix, self.seeds.matrix):
            return {}
        return dict(zip(self.seeds.vocabulary, model.name_prior.tag_names.vectors, strict=True))

    def tags_of(self, photo: int) -> tuple[tuple[str, float], ...]:
        """The photo's best tags.

        Parameters
        ----------
        photo : int
            Its index.

        Returns
        -------
        tuple of (str, float)
            Tags with their scores in 0..1, best first.
        """
        row = self.top_tags.tags[photo]
        known = row >= 0
        return tuple(
            (self.seeds.vocabulary[tag], float(score))
            for tag, score in zip(row[known], self.top_tags.scores[photo][known], strict=True)
        )

    def seed_tags_of(self, photo: int) -> tuple[str, ...]:
        """The labels of a photo.

        Parameters
        ----------
        photo : int
            Its index.

        Returns
        -------
        tuple of str
            Empty if it is not labelled.
        """
        at = int(np.searchsorted(self.seeds.photos, photo))
        if at == len(self.seeds.photos) or self.seeds.photos[at] != photo:
            return ()
        return tuple(self.seeds.vocabulary[i] for i in np.flatnonzero(self.seeds.matrix[at]))

    def labelled_in_full(self, photo: int) -> bool | None:
        """Whether the person's word on a photo covers all tags.

        Parameters
        ----------
        photo : int
            Its index.

        Returns
        -------
        bool or None
            True where its tags are all that it shows, or it shows none; False where single tags were accepted alone;
            None where it is not labelled.
        """
        if photo in self.seeds.none:
            return True
        at = int(np.searchsorted(self.seeds.photos, photo))
        if at == len(self.seeds.photos) or self.seeds.photos[at] != photo:
            return None
        return bool(self.seeds.in_full[at])
