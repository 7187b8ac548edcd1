"""Whether a locked package has a known fault, by pip-audit and the database OSV, where that can be reached.

    python scripts/audit.py

Exits with status 1 where one has; prints one line and exits with status 0 where the database cannot be reached. Faults
that do not concern this project are named in _OF_NO_CONCERN, each with its reason.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from locked import RUNTIME

DATABASE = "https://api.osv.dev/"
_SECONDS = 10
_OF_NO_CONCERN: dict[str, str] = {}  # identifier -> reason


def unreachable(address: str = DATABASE) -> str | None:
    """Why the database does not answer, or None where it does."""
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS):
            return None
    except urllib.error.HTTPError:
        return None  # an answer all the same
    except OSError as error:
        return str(getattr(error, "reason", error))


def main() -> None:
    reason = unreachable()
    if reason is not None:
        print(f"pip-audit was skipped: its database cannot be reached ({reason})")
        return
    ignored = [part for name in _OF_NO_CONCERN for part in ("--ignore-vuln", name)]
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--disable-pip", "--require-hashes"]
    sys.exit(subprocess.run([*command, "--requirement", RUNTIME, *ignored], check=False).returncode)


if __name__ == "__main__":
    main()
