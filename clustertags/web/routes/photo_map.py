"""The map of all photos: its page, and its points in a binary format."""

from __future__ import annotations

import json
import struct

import numpy as np
from fastapi import APIRouter, Response

from clustertags.pages.map_data import LEGEND_CLUSTERS, MapPage, best_tags, commonest_tags, scaled
from clustertags.web.rendering import page
from clustertags.web.schemas.errors import LIBRARY, error_responses
from clustertags.web.services import SnapshotDep
from clustertags.web.snapshot import Snapshot

router = APIRouter(tags=["map"])


@router.get("/map", include_in_schema=False)
def map_page(snapshot: SnapshotDep) -> Response:
    shown = range(min(LEGEND_CLUSTERS, snapshot.library.clusters.n_clusters))
    cards = tuple(snapshot.cluster_card(cluster) for cluster in shown)
    context = MapPage("map", snapshot.summary, cards, commonest_tags(snapshot.library))
    return page("map_page.html", snapshot.summary, page=context)


@router.get(
    "/api/map",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **error_responses(*LIBRARY)},
)
def map_points(snapshot: SnapshotDep) -> Response:
    """All photos that are not hidden, as columns of little-endian numbers, each padded to a multiple of 4 bytes.

    The response is the length of a JSON header (4 bytes, unsigned), the header, then the columns. The header has `n`
    (photos), `names` and `keys` of the clusters, `tags` (the vocabulary) and `columns`, a list of
    `[name, NumPy dtype, items per photo]`. Columns: `x` and `y` in 0..65535; `cluster` and `tag` (the best that the
    photo has), -1 for none; `certainty` (the score of the best tag or suggestion) in 0..255; `labelled`, 1 where the
    user tagged the photo; `hash`, the 32 bytes of the content hash.
    """
    return Response(pack_points(snapshot), media_type="application/octet-stream")


def pack_points(snapshot: Snapshot) -> bytes:
    """The points in the format that `map_points` documents."""
    library = snapshot.library
    shown = np.setdiff1d(np.arange(library.n_photos), library.hidden)
    places = scaled(library.map)[shown]
    best, certainty = best_tags(library)
    labelled = np.isin(shown, library.seeds.photos)
    hashes = np.frombuffer(bytes.fromhex("".join(snapshot.hash_of(photo) for photo in shown.tolist())), np.uint8)
    columns = {
        "x": places[:, 0].astype("<u2"),
        "y": places[:, 1].astype("<u2"),
        "cluster": library.clusters.labels[shown].astype("<i4"),
        "tag": best[shown].astype("<i4"),
        "certainty": certainty[shown],
        "labelled": labelled.astype(np.uint8),
        "hash": hashes.reshape(len(shown), 32),
    }
    header = {
        "n": len(shown),
        "names": [snapshot.cluster_name(cluster) for cluster in range(library.clusters.n_clusters)],
        "keys": list(library.cluster_keys),
        "tags": list(library.seeds.vocabulary),
        "columns": [[name, array.dtype.str, array.size // max(len(shown), 1)] for name, array in columns.items()],
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([struct.pack("<I", len(text)), text, *map(_padded, columns.values())])


def _padded(array: np.ndarray) -> bytes:
    raw = array.tobytes()
    return raw + bytes(-len(raw) % 4)
