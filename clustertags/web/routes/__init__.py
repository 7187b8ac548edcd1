"""What the app answers: one module a subject."""

from __future__ import annotations

from clustertags.web.routes import (
    atlas,
    editing,
    labelling,
    login,
    looking,
    operation,
    photos,
    pictures,
    report,
    search,
    tagging,
    wall,
)

_MODULES = (operation, login, wall, photos, pictures, tagging, looking, editing, atlas, search, labelling, report)
ROUTERS = tuple(module.router for module in _MODULES)
UPLOAD_PATHS = frozenset({"/api/tag", "/api/look"})
