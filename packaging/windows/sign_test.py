"""Tries the signing hooks with a self-signed key made for the purpose."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from windows.sign import sign

Check = Callable[[object, str], None]


def check_signing(check: Check, msi: Path, stage: Path, out: Path) -> None:
    """An EXE, a DLL and the MSI."""
    environment = make_key(out)
    for source in (stage / "Praxisfunk.exe", stage / "python3.dll", msi):
        target = out / source.name
        shutil.copy(source, target)
        sign(target, environment)
        told = subprocess.run(
            ["osslsigncode", "verify", str(target)], capture_output=True, text=True, check=False
        ).stdout
        said = re.search(r"(?:Current message digest|Current DigitalSignature)\s*:\s*(\S+)", told)
        counted = re.search(r"(?:Calculated message digest|Calculated DigitalSignature)\s*:\s*(\S+)", told)
        same = said is not None and counted is not None and said[1] == counted[1]
        check(same and "CN=Praxisfunk Test" in told, f"{source.name} signed by the key that was given")


def make_key(out: Path) -> dict[str, str]:
    """The settings that point to a fresh key."""
    password = out / "sign.pass"
    password.write_text("only-for-this-test", encoding="ascii")
    key, certificate, both = out / "sign.key", out / "sign.pem", out / "sign.p12"
    make = (
        *(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Praxisfunk Test",
        ),
        *("-addext", "extendedKeyUsage=codeSigning", "-keyout", str(key), "-out", str(certificate)),
    )
    pack = (
        *("openssl", "pkcs12", "-export", "-inkey", str(key), "-in", str(certificate), "-out", str(both)),
        *("-passout", f"file:{password}"),
    )
    for command in (make, pack):
        subprocess.run(command, capture_output=True, check=True)
    return {"PRAXISFUNK_SIGN_PKCS12": str(both), "PRAXISFUNK_SIGN_PASS": str(password)}
