"""The library as its edits leave it."""

from __future__ import annotations

from clustertags.editing.journal import Journal
from clustertags.library.model import FittedLibrary


def apply_edits(library: FittedLibrary, journal: Journal) -> FittedLibrary:
    """The library under the journal's applied edits, whatever edits it was under before; pure, no photo is read.

    The new FittedLibrary fields are `cluster_keys` (one text a cluster that stays with it over edits: for addresses),
    `hidden` ((n,) int32 indices of photos not wanted; they are in no cluster and have no tags), `rejected` (content
    hash to tags), `edit_notices` (one line for each edit that could not be placed), `base` (clusters and seeds as
    fitted). Where the clusters are no longer those that were learnt, scores and tags are those of the last learning,
    until `Editor.publish`. A cluster named by the person has `description.source == "person"`.
    """
    raise NotImplementedError
