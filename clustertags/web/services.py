"""The services that the routes of one app share, and FastAPI dependencies to get them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request

from clustertags.library.artifacts import Artifacts
from clustertags.web.access import Access, LoginThrottle
from clustertags.web.assets import Asset, read_assets
from clustertags.web.edit_requests import CONTENT_HASH
from clustertags.web.learner import Learner
from clustertags.web.library_state import LibraryState
from clustertags.web.metrics import Metrics
from clustertags.web.pictures import Pictures
from clustertags.web.reports import Reports
from clustertags.web.settings import WebSettings
from clustertags.web.sidecar_job import SidecarJob
from clustertags.web.snapshot import Snapshot
from clustertags.web.suggester import Suggester
from clustertags.web.uploads import UploadQueue
from clustertags.web.word_searcher import WordSearcher


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one app; nothing is global."""

    settings: WebSettings
    access: Access
    library_state: LibraryState
    learner: Learner
    suggester: Suggester
    words: WordSearcher
    reports: Reports
    sidecars: SidecarJob
    pictures: Pictures
    uploads: UploadQueue
    metrics: Metrics
    login_throttle: LoginThrottle = field(default_factory=LoginThrottle)
    assets: Mapping[str, Asset] = field(default_factory=read_assets)

    @classmethod
    def start(cls, settings: WebSettings) -> Services:
        """Start all services. Raises `ArtifactsError` where no usable model is fitted."""
        artifacts = Artifacts(settings.artifacts)
        library_state = LibraryState(settings.artifacts, settings.limits.decode)
        return cls(
            settings,
            Access(settings.host, settings.token),
            library_state,
            Learner(library_state),
            Suggester(library_state, settings.artifacts),
            WordSearcher(library_state, settings.artifacts),
            Reports(settings.artifacts),
            SidecarJob(library_state, artifacts),
            Pictures(artifacts),
            UploadQueue(settings.limits.uploads_at_once, settings.limits.upload_bytes_at_once),
            Metrics(),
        )

    def stop(self) -> None:
        """Stop all threads."""
        self.learner.close()
        self.reports.close()
        self.sidecars.close()
        self.uploads.close()
        self.pictures.close()
        self.library_state.close()


async def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def _snapshot(services: Annotated[Services, Depends(_services)]) -> Snapshot:
    return services.library_state.snapshot()


ServicesDep = Annotated[Services, Depends(_services)]
SnapshotDep = Annotated[Snapshot, Depends(_snapshot)]
ContentHash = Annotated[str, Path(pattern=CONTENT_HASH, description="SHA-256 of the photo's bytes")]


def find_photo(snapshot: Snapshot, content_hash: str) -> int:
    """The photo's index. Raises `HTTPException` 404."""
    index = snapshot.photo_of.get(content_hash)
    if index is None:
        raise HTTPException(404, "there is no such photo in the library")
    return index
