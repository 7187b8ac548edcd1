"""OpenVINO without its usage reports: import it from here.

Merely importing `openvino` starts its telemetry, which sends data without asking unless an opt-out file is there. It
does without where the package `openvino_telemetry` cannot be imported, so that is what it is told. A program that
imports OpenVINO before this package has made that choice itself.
"""

from __future__ import annotations

import sys

# None makes `import openvino_telemetry` an ImportError (importlib's documented meaning of it).
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino  # noqa: E402

__all__ = ["openvino"]
