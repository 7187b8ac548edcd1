"""The map of all photos: its page, and its points as columns of numbers."""

from __future__ import annotations

import json
import struct

import numpy as np
from fastapi import APIRouter, Response

from clustertags.pages.map_data import LEGEND_CLUSTERS, MapPage, best_tags, commonest_tags, scaled
from clustertags.web.rendering import page
from clustertags.web.services import ViewOf
from clustertags.web.views import View

router = APIRouter(tags=["map"])


@router.get("/map", include_in_schema=False)
def map_page(view: ViewOf) -> Response:
    shown = range(min(LEGEND_CLUSTERS, view.library.clusters.n_clusters))
    cards = tuple(view.cluster_card(cluster) for cluster in shown)
    context = MapPage("map", view.summary, cards, commonest_tags(view.library))
    return page("map_page.html", view.summary, page=context)


@router.get("/api/map", response_class=Response, responses={200: {"content": {"application/octet-stream": {}}}})
def map_points(view: ViewOf) -> Response:
    """All photos that are not hidden as columns, little-endian, each padded to 4 bytes.

    First the length of a JSON header in 4 bytes, then the header: `n`, `names` and `keys` of the clusters, `tags`,
    `columns`, a list of `[name, type, items a photo]`; then the columns. `x` and `y` are in 0..65535, `cluster` and
    `tag` (the best one) -1 for none, `certainty` in 0..255, `hash` the 32 bytes of the content hash.
    """
    return Response(pack_points(view), media_type="application/octet-stream")


def pack_points(view: View) -> bytes:
    library = view.library
    shown = np.setdiff1d(np.arange(library.n_photos), library.hidden)
    places = scaled(library.map)[shown]
    best, certainty = best_tags(library)
    labelled = np.isin(shown, library.seeds.photos)
    hashes = np.frombuffer(bytes.fromhex("".join(view.hash_of(photo) for photo in shown.tolist())), np.uint8)
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
        "names": [view.cluster_name(cluster) for cluster in range(library.clusters.n_clusters)],
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
