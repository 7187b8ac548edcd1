"""What the routes of one app share, and how they come by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request

from clustertags.library.artifacts import Artifacts
from clustertags.web.access import Access, Guesses
from clustertags.web.assets import Asset, read_assets
from clustertags.web.edits import CONTENT_HASH
from clustertags.web.learner import Learner
from clustertags.web.metrics import Metrics
from clustertags.web.pictures import Pictures
from clustertags.web.reports import Reports
from clustertags.web.settings import WebSettings
from clustertags.web.shelf import Shelf
from clustertags.web.suggester import Suggester
from clustertags.web.uploads import UploadQueue
from clustertags.web.views import View


@dataclass(frozen=True, slots=True)
class Services:
    """One app's own; nothing of it is global."""

    settings: WebSettings
    access: Access
    shelf: Shelf
    learner: Learner
    suggester: Suggester
    reports: Reports
    pictures: Pictures
    uploads: UploadQueue
    metrics: Metrics
    guesses: Guesses = field(default_factory=Guesses)
    assets: Mapping[str, Asset] = field(default_factory=read_assets)

    @classmethod
    def start(cls, settings: WebSettings) -> Services:
        """Raises `ArtifactsError` where nothing usable is fitted."""
        artifacts = Artifacts(settings.artifacts)
        shelf = Shelf(settings.artifacts, settings.limits.decode)
        return cls(
            settings,
            Access(settings.host, settings.token),
            shelf,
            Learner(shelf),
            Suggester(shelf, settings.artifacts),
            Reports(settings.artifacts),
            Pictures(artifacts),
            UploadQueue(settings.limits.uploads_at_once, settings.limits.upload_bytes_at_once),
            Metrics(),
        )

    def stop(self) -> None:
        self.learner.close()
        self.uploads.close()
        self.pictures.close()


async def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def _view(services: Annotated[Services, Depends(_services)]) -> View:
    return services.shelf.view()


ServicesOf = Annotated[Services, Depends(_services)]
ViewOf = Annotated[View, Depends(_view)]
ContentHash = Annotated[str, Path(pattern=CONTENT_HASH, description="SHA-256 of the photo's bytes")]


def find_photo(view: View, content_hash: str) -> int:
    """The photo's index. Raises `HTTPException` 404."""
    index = view.photo_of.get(content_hash)
    if index is None:
        raise HTTPException(404, "there is no such photo in the library")
    return index
