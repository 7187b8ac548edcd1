"""Keywords of photos as tags: from inside the files and from sidecars next to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clustertags.labels.left_out_keywords import LeftOutKeywords
from clustertags.photos.discovery import EXCLUDED
from clustertags.photos.keywords import packet_keywords
from clustertags.photos.sidecars import Sidecars, read_sidecar
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import PhotoSet

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Keywords:
    """Keywords by content hash, a sidecar's first; `unread`: sidecars that cannot be read."""

    by_content: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def notices(self) -> tuple[str, ...]:
        """One line on the sidecars that cannot be read, where there are any."""
        if not self.unread:
            return ()
        more = ", ..." if len(self.unread) > _SHOWN else ""
        names = ", ".join(printable(path, 60) for path in self.unread[:_SHOWN])
        what = f"{plural(len(self.unread), 'sidecar')} could not be read and {'is' if len(self.unread) == 1 else 'are'}"
        return (f"{what} ignored, broken XMP or no regular file of at most 1 MiB: {names}{more}.",)


def gather_keywords(
    photos: PhotoSet, inside: Mapping[str, tuple[str, ...]], left_out: LeftOutKeywords | None = None
) -> Keywords:
    """The keywords of photos; `inside`: those in the photos themselves, by content hash.

    A keyword with parents is a path, `animal|dog`. A photo has one sidecar at each of its paths: the first that can be
    read of those that `photos.sidecars` finds.
    """
    kept = (left_out or LeftOutKeywords()).kept
    used = {photo.content_hash for photo in photos.photos}
    found = {key: kept(keywords) for key, keywords in inside.items() if key in used}
    listed = (file.path for file in photos.skipped if file.reason != EXCLUDED)
    sidecars = Sidecars((path for photo in photos.photos for path in photo.files), listed)
    unread: list[str] = []
    for photo in photos.photos if sidecars else ():
        for path in photo.files:
            for sidecar in sidecars.beside(path):
                packet = read_sidecar(photos.root / sidecar)
                keywords = None if packet is None else packet_keywords(packet)
                if keywords is not None:
                    earlier = found.get(photo.content_hash, ())
                    found[photo.content_hash] = tuple(dict.fromkeys((*kept(keywords), *earlier)))
                    break
                unread.append(sidecar)
    return Keywords(found, tuple(dict.fromkeys(unread)))
