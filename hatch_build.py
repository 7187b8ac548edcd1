"""Puts a bill of materials into every wheel, as `clustertags-VERSION.dist-info/sboms/clustertags.cdx.json`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BillOfMaterials(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling calls `initialize` before a wheel is written and `finalize` after it."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the document, and name it as one of the wheel's. An editable install has no wheel that is kept."""
        if version == "editable":
            return
        scripts = str(Path(self.root) / "scripts")
        sys.path.insert(0, scripts)
        try:
            from sbom import text_of  # noqa: PLC0415
        finally:
            sys.path.remove(scripts)
        self._folder = tempfile.TemporaryDirectory()
        document = Path(self._folder.name) / "clustertags.cdx.json"
        document.write_text(text_of(self.metadata.version, Path(self.root)), encoding="utf-8")
        build_data["sbom_files"].append(str(document))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the document's folder away."""
        if self._folder is not None:
            self._folder.cleanup()
