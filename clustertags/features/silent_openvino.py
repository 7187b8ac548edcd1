"""OpenVINO without telemetry: import it from here.

Importing `openvino` starts its telemetry, which sends data unless an opt-out file exists. It is off if the package
`openvino_telemetry` cannot be imported, so its import is blocked here. A program that imports OpenVINO before this
package keeps its telemetry.
"""

from __future__ import annotations

import sys

# None makes `import openvino_telemetry` an ImportError (importlib's documented meaning of it).
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino  # noqa: E402

__all__ = ["openvino"]
