"""Tags for a folder of photos, from a few that you tagged.

import clustertags

summary = clustertags.fit("photos", tags="seeds.csv", artifacts="artifacts")
tagger = clustertags.load("artifacts")
for tag in tagger.tag("new.jpg").tags:
    print(tag.tag, tag.score)
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustertags.version import __version__

if TYPE_CHECKING:
    from clustertags.pipeline import FitSummary
    from clustertags.tagger import Tagger

__all__ = ["__version__", "fit", "load"]


def fit(
    photos: str | Path, *, artifacts: str | Path | None = None, layout: str | None = None, **settings: Any
) -> FitSummary:
    """Fit a folder of photos, as `clustertags fit` does; `settings` are the fields of `pipeline.FitSettings`.

    `layout`: "built-in" or "umap-learn", in place of that of `settings["clustering"]`. Raises
    `errors.ClusterTagsError`.
    """
    from clustertags import pipeline  # noqa: PLC0415  (a fit's libraries take seconds to import)
    from clustertags.clustering.settings import ClusteringSettings  # noqa: PLC0415

    place = None if artifacts is None else Path(artifacts)
    if layout is not None:
        clustering = settings.get("clustering", ClusteringSettings())
        settings["clustering"] = replace(clustering, layout=layout)
    return pipeline.fit(pipeline.FitSettings(Path(photos), artifacts=place, **settings))


def load(artifacts: str | Path = "artifacts") -> Tagger:
    """Load what a fit left, to tag photos with `.tag(photo)` and `.tag_all(photos)`. Raises `errors.ArtifactsError`."""
    from clustertags.tagger import Tagger  # noqa: PLC0415

    return Tagger(Path(artifacts))
