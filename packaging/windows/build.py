"""`dev.py msi`: everything from the sources to dist/Praxisfunk-X.Y.Z.msi and what goes with it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from environment import SetupError
from system import say
from wheel import BUILD, DIST, build_wheel, version

from windows import inputs
from windows.installer import build_msi, product_code
from windows.sbom import folder_digest, write_sbom, write_sums
from windows.sign import can_sign, sign, sign_stage
from windows.stage import lay_out

STAGE = BUILD / "windows" / "stage"
MAX_MSI_BYTES = 60_000_000
HERE = Path(__file__).parent


def build(python: Path) -> Path:
    """The MSI. Raises `SetupError`."""
    began = time.monotonic()
    inputs.ensure_tools()
    number = version()
    parts = lay_out(STAGE, build_wheel(python), python, number)
    say(f"Contents: sha256 {folder_digest(STAGE)}")
    sign_stage(STAGE)
    msi = DIST / f"Praxisfunk-{number}.msi"
    build_msi(STAGE, BUILD / "windows" / "msi", number, msi)
    if can_sign():
        sign(msi)
    size = msi.stat().st_size
    if size > MAX_MSI_BYTES:
        raise SetupError(f"{msi.name} has {size / 1e6:.1f} MB; {MAX_MSI_BYTES / 1e6:.0f} MB is the limit.")
    beside = [msi, *write_companions(number, parts)]
    write_sums(beside, DIST / f"Praxisfunk-{number}.sha256")
    say(f"{msi} ({size / 1e6:.1f} MB, {time.monotonic() - began:.0f} s)")
    return msi


def write_companions(number: str, parts: list[dict[str, str]]) -> list[Path]:
    """SBOM, Intune detection script, policy templates."""
    sbom = DIST / f"Praxisfunk-{number}.cdx.json"
    write_sbom(parts, number, sbom)
    rule = DIST / f"Praxisfunk-{number}-detect.ps1"
    text = (HERE / "detect.ps1.in").read_text(encoding="utf-8")
    rule.write_text(
        text.replace("@VERSION@", number).replace("@PRODUCT@", product_code(number)),
        encoding="utf-8",
        newline="\r\n",
    )
    templates = DIST / f"Praxisfunk-{number}-policies.zip"
    shutil.make_archive(str(templates.with_suffix("")), "zip", STAGE / "PolicyDefinitions")
    return [sbom, rule, templates]
