"""What the app answers: one module a subject."""

from __future__ import annotations

from clustertags.web.routes import login, operation, pictures, tagging

ROUTERS = (operation.router, login.router, pictures.router, tagging.router)
UPLOAD_PATHS = frozenset({"/api/tag", "/api/look"})
