"""Every error a caller may want to catch, in one tree.

    ClusterTagsError            exit status 1: something failed; the message says what and how to mend it
    ├── UsageError              exit status 2: the request itself cannot be met
    │   ├── SeedsError          a file of seed tags is malformed
    │   ├── CandidatesError     a file of candidate tags is malformed
    │   └── UnknownBackboneError
    ├── PhotosError             the photo folder is missing, empty or holds nothing readable
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
    exit_status = 2


class SeedsError(UsageError):
    pass


class CandidatesError(UsageError):
    pass


class UnknownBackboneError(UsageError):
    pass


class PhotosError(ClusterTagsError):
    pass


class UnreadablePhotoError(PhotosError):
    """One photo cannot be used; `str(error)` is the reason, without the path."""


class WeightsError(ClusterTagsError):
    pass


class WordsError(ClusterTagsError):
    pass


class ArtifactsError(ClusterTagsError):
    pass


class NotFittedError(ArtifactsError):
    pass


class SchemaVersionError(ArtifactsError):
    pass


class DamagedError(ArtifactsError):
    pass


class LockedError(ArtifactsError):
    pass


class StorageError(ArtifactsError):
    pass
