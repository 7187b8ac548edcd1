"""Every error a caller may want to catch, in one tree.

    ClusterTagsError            exit status 1: something failed; the message says what and how to mend it
    ├── UsageError              exit status 2: the request itself cannot be met
    │   ├── SeedsError          a file of seed tags is malformed
    │   ├── CandidatesError     a file of candidate tags is malformed
    │   └── UnknownBackboneError
    ├── PhotosError             the photo folder is missing, empty or holds nothing readable
    │   ├── MissingPhotosError      most photos of the library are gone, as where a disk is not mounted
    │   └── UnreadablePhotoError    one photo; caught by the extraction and turned into a skipped file
    ├── WeightsError            a network's weights are missing or do not fit it
    ├── WordsError              the encoder of names is missing or damaged
    └── ArtifactsError          what a fit left cannot be used
        ├── NotFittedError      there is no fitted model
        ├── SchemaVersionError  written by another version of the program
        ├── DamagedError        a file is missing, or its hash is not the manifest's
        ├── LockedError         another process is writing to it
        └── StorageError        the disk is full or not writable

A message is one sentence that names the file, the limit and the remedy. Only the command line prints it.
"""

from __future__ import annotations


class ClusterTagsError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_status = 1


class UsageError(ClusterTagsError):
    """The request itself cannot be met; exit status 2."""

    exit_status = 2


class SeedsError(UsageError):
    """A file of seed tags is malformed."""


class CandidatesError(UsageError):
    """A file of candidate tags is malformed."""


class UnknownBackboneError(UsageError):
    """No backbone has the name; the message lists the choices."""


class PhotosError(ClusterTagsError):
    """The photo folder is missing, empty or holds nothing readable."""


class MissingPhotosError(PhotosError):
    """Most photos of the library in use are gone, and the fit was not told to go on without them."""


class UnreadablePhotoError(PhotosError):
    """One photo cannot be used; `str(error)` is the reason, without the path."""


class WeightsError(ClusterTagsError):
    """A network's weights are missing or do not fit it."""


class WordsError(ClusterTagsError):
    """The encoder of names is missing or damaged."""


class ArtifactsError(ClusterTagsError):
    """What a fit wrote cannot be used."""


class NotFittedError(ArtifactsError):
    """There is no fitted version."""


class SchemaVersionError(ArtifactsError):
    """It was written by another version of the program."""


class DamagedError(ArtifactsError):
    """A file is missing, or its hash is not the manifest's."""


class LockedError(ArtifactsError):
    """Another process is writing to it."""


class StorageError(ArtifactsError):
    """The disk is full, or the place is not writable."""
