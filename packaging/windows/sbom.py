"""The parts list (CycloneDX 1.5, JSON) and the SHA-256 sums beside the MSI."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from pathlib import Path

_SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*\Z")


def write_sbom(parts: list[dict[str, str]], version: str, target: Path) -> None:
    """The same parts give the same file: no time in it, the serial number follows from the content."""
    components = []
    for part in sorted(parts, key=lambda one: one["name"].lower()):
        name = part["name"].lower().replace("_", "-").replace(".", "-")
        if name == "praxisfunk":
            continue
        component = {
            "type": "library",
            "bom-ref": f"pkg:{part['kind']}/{name}@{part['version']}",
            "name": part["name"],
            "version": part["version"],
            "purl": f"pkg:{part['kind']}/{name}@{part['version']}",
            "licenses": [_licence(part["licence"])],
        }
        components.append(component)
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([version, components]))
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "praxisfunk",
                "name": "praxisfunk",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": "praxisfunk", "dependsOn": [one["bom-ref"] for one in components]}],
    }
    target.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _licence(text: str) -> dict[str, object]:
    if " " in text and _SPDX.match(text) and re.search(r" (AND|OR|WITH) ", text):
        return {"expression": text}
    return {"license": {"name": text}}


def write_sums(files: list[Path], target: Path) -> None:
    """In the form of `sha256sum --check`."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(files)]
    target.write_text("".join(lines), encoding="ascii")


def folder_digest(folder: Path) -> str:
    """One hash over names and contents of a whole folder: says whether two builds laid out the same."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
