"""The software bill of materials of a wheel: what it needs at the versions that are locked, as CycloneDX 1.6 in JSON.

    python scripts/sbom.py > clustertags.cdx.json

hatch_build.py puts the same into a wheel's `.dist-info/sboms` (PEP 770). It has no time and no random number: the same
files give the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from locked import ROOT, RUNTIME, Pin, read_lock

_ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}

# What the wheel itself contains of others: NOTICE has the terms.
_CONTAINED = [
    ("WordNet", "3.0", "LicenseRef-WordNet-3.0", "names/imagenet_hierarchy.json, names/imagenet_lemmas.json"),
    ("bert-base-uncased vocabulary", "2018", "Apache-2.0", "names/wordpieces.txt"),
    ("all-MiniLM-L6-v2 vectors", "1", "Apache-2.0", "names/imagenet_class_vectors.f16"),
]


def bill_of_materials(version: str, root: Path = ROOT) -> dict[str, Any]:
    """A CycloneDX document for this version of the project and what requirements.lock pins."""
    licences = tomllib.loads((root / "licences.toml").read_text(encoding="utf-8"))
    known = {**licences["stated"], **licences["read"]}
    pins = read_lock(root / RUNTIME.name)
    project = f"pkg:pypi/clustertags@{version}"
    document: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "application",
                "bom-ref": project,
                "name": "clustertags",
                "version": version,
                "licenses": [{"expression": "Apache-2.0"}],
                "purl": project,
                "components": [_contained(*each) for each in _CONTAINED],
            },
        },
        "components": [_component(pin, known[pin.name]) for pin in pins],
        "dependencies": _dependencies(project, pins, root),
    }
    content = json.dumps(document, sort_keys=True)
    return {"serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, content)}", **document}


def _component(pin: Pin, licence: str) -> dict[str, Any]:
    """A pinned package, with the hash of each file of it that may be installed."""
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": _reference(pin),
        "name": pin.name,
        "version": pin.version,
        "licenses": [{"expression": licence}],
        "purl": _reference(pin),
        "hashes": [{"alg": _ALGORITHMS[algorithm], "content": digest} for algorithm, digest in pin.hashes],
    }
    if pin.marker:
        component["properties"] = [{"name": "clustertags:environment", "value": pin.marker}]
    return component


def _contained(name: str, version: str, licence: str, files: str) -> dict[str, Any]:
    return {
        "type": "data",
        "bom-ref": f"contained:{name}",
        "name": name,
        "version": version,
        "licenses": [{"expression": licence}],
        "properties": [{"name": "clustertags:files", "value": files}],
    }


def _dependencies(project: str, pins: list[Pin], root: Path) -> list[dict[str, Any]]:
    """Who needs whom. A package that is pinned once for each environment is named in each of its versions."""
    versions: dict[str, list[str]] = {}
    for pin in pins:
        versions.setdefault(pin.name, []).append(_reference(pin))
    needs: dict[str, set[str]] = {project: set(), **{_reference(pin): set() for pin in pins}}
    direct = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    for requirement in direct:
        needs[project].update(versions[re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")])
    for pin in pins:
        for asking in pin.wanted_by:
            for reference in versions[asking]:
                needs[reference].add(_reference(pin))
    return [{"ref": reference, "dependsOn": sorted(others)} for reference, others in sorted(needs.items())]


def _reference(pin: Pin) -> str:
    return f"pkg:pypi/{pin.name}@{pin.version}"


def text_of(version: str, root: Path = ROOT) -> str:
    return json.dumps(bill_of_materials(version, root), indent=1) + "\n"


if __name__ == "__main__":
    found = re.search(r'"(.+)"', (ROOT / "clustertags/support/version.py").read_text(encoding="utf-8"))
    sys.stdout.write(text_of(found[1] if found else "0"))
