"""Signing hooks: osslsigncode with a key from outside. Without a key nothing is signed, and that is said.

PRAXISFUNK_SIGN_PKCS12     file with certificate and key
PRAXISFUNK_SIGN_PASS       file with its password (never on a command line)
PRAXISFUNK_SIGN_TIMESTAMP  address of a time-stamp service (RFC 3161); without it a signature ends with its certificate
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from environment import SetupError
from system import say

OWN = ("Praxisfunk.exe", "praxisfunk-cli.exe", "python3.dll")
"""The programs that this build makes itself; others come signed by their makers or not at all."""


def can_sign(environment: Mapping[str, str] = os.environ) -> bool:
    return bool(environment.get("PRAXISFUNK_SIGN_PKCS12"))


def sign(path: Path, environment: Mapping[str, str] = os.environ) -> None:
    """In place. Raises `SetupError`; leaves the file as it was then."""
    signed = path.with_name(path.name + ".signed")
    signed.unlink(missing_ok=True)
    command = ["osslsigncode", "sign", "-pkcs12", environment["PRAXISFUNK_SIGN_PKCS12"], "-h", "sha256"]
    if environment.get("PRAXISFUNK_SIGN_PASS"):
        command += ["-readpass", environment["PRAXISFUNK_SIGN_PASS"]]
    if environment.get("PRAXISFUNK_SIGN_TIMESTAMP"):
        command += ["-ts", environment["PRAXISFUNK_SIGN_TIMESTAMP"]]
    command += ["-n", "Praxisfunk", "-in", str(path), "-out", str(signed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not signed.exists():
        raise SetupError(f"{path.name} could not be signed:\n{(done.stdout + done.stderr)[-800:]}")
    signed.replace(path)


def sign_stage(stage: Path) -> None:
    """Our own programs, before they are packed."""
    if not can_sign():
        say("Not signed: PRAXISFUNK_SIGN_PKCS12 names no key.")
        return
    for name in OWN:
        if (stage / name).exists():
            sign(stage / name)
