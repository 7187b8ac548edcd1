"""The routes of the app, one module per subject: HTML pages, and JSON for their scripts and for other programs."""

from __future__ import annotations

from clustertags.web.routes import (
    clusters,
    editing,
    exporting,
    labelling,
    login,
    monitoring,
    photo_map,
    photos,
    pictures,
    report,
    search,
    sidecars,
    static_files,
    tagging,
    try_photo,
)

_MODULES = (
    monitoring, static_files, login, clusters, photos, pictures, tagging, try_photo, editing, photo_map, search,
    labelling, report, exporting, sidecars,
)  # fmt: skip
ROUTERS = tuple(module.router for module in _MODULES)
UPLOAD_PATHS = frozenset({"/api/tag", "/api/look"})
