"""What comes from outside: Python's Windows runtime and its standard library, pinned by hash, kept in a cache.

The runtime's DLLs, signed by the Python Software Foundation, come out of a wheel that redistributes them; the
standard library comes from the upstream archive in Debian's source package of the same minor version. A release may
be built with the official embeddable package instead: unpack it and name the folder in PRAXISFUNK_WINDOWS_PYTHON.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from environment import SetupError
from system import apt_install, apt_line, say

TOOLS = {
    "wixl": "wixl",
    "msibuild": "msitools",
    "osslsigncode": "osslsigncode",
    "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64",
    "rsvg-convert": "librsvg2-bin",
    "/usr/lib/wine/wine64": "wine64",
    "wine": "wine",
    "Xvfb": "xvfb",
    "import": "imagemagick",
}
"""Program -> Debian package."""

RUNTIME_WHEEL = "panda3d==1.10.16"
RUNTIME_SHA256 = "0e505261bb58d8402d0099c291f1a3459acfdd38f3e7d666e72aa2e1ea5dc46f"
RUNTIME_VERSION = "3.13.11"
OWN_RUNTIME = "PRAXISFUNK_WINDOWS_PYTHON"
SIGNERS = ("CN=Python Software Foundation", "CN=Microsoft Corporation")


@dataclass(frozen=True)
class Library:
    """One version of the standard library that has been tried with the runtime."""

    version: str
    suite: str
    revision: str
    sha256: str


LIBRARIES = (
    Library(
        "3.13.15", "forky", "3.13.15-1", "1e66a7945a48390ee4c2a4268a0e4185884059a13c4aab6d148aa208deea4a76"
    ),
    Library(
        "3.13.5", "trixie", "3.13.5-2", "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640"
    ),
)
"""The first one that Debian still offers is used; a suite moves on, an archive of a given name does not change."""


def ensure_tools() -> None:
    """Raises `SetupError` with the line to type where they cannot be installed."""
    missing = sorted({package for program, package in TOOLS.items() if shutil.which(program) is None})
    if missing and not apt_install(missing, "what builds and tries the Windows package"):
        raise SetupError(f"Missing: {', '.join(missing)}. Type this once:  {apt_line(missing)}")


def cache() -> Path:
    """Downloads are kept there; nothing in it is trusted without its hash."""
    base = os.environ.get("PRAXISFUNK_CACHE") or Path.home() / ".cache" / "praxisfunk-packaging"
    folder = Path(base)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fits(path: Path, sha256: str) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def runtime_wheel() -> Path:
    """The wheel with the runtime's DLLs. Raises `SetupError`."""
    folder = cache()
    for path in folder.glob("panda3d-*.whl"):
        if fits(path, RUNTIME_SHA256):
            return path
    say(f"Downloading the Windows runtime of Python {RUNTIME_VERSION} (67 MB) …")
    wanted = folder / "runtime.in"
    wanted.write_text(f"{RUNTIME_WHEEL} --hash=sha256:{RUNTIME_SHA256}\n", encoding="utf-8")
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
        *("--platform", "win_amd64", "--python-version", "313", "--only-binary=:all:", "--require-hashes"),
        *("-d", str(folder), "-r", str(wanted)),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    for path in folder.glob("panda3d-*.whl"):
        if fits(path, RUNTIME_SHA256):
            return path
    raise SetupError("The Windows runtime could not be downloaded:\n" + done.stdout[-1500:])


def library_archive() -> tuple[Library, Path]:
    """The upstream source archive of Python. Raises `SetupError`."""
    folder = cache()
    for library in LIBRARIES:
        path = folder / f"python3.13_{library.version}.orig.tar.xz"
        if fits(path, library.sha256):
            return library, path
    say("Downloading the standard library of Python 3.13 (23 MB) …")
    for library in LIBRARIES:
        path = folder / f"python3.13_{library.version}.orig.tar.xz"
        told = _apt_source(folder, library)
        if fits(path, library.sha256):
            return library, path
    raise SetupError("Debian offers none of the known versions of python3.13 any more.\n" + told[-1500:])


def _apt_source(folder: Path, library: Library) -> str:
    """With package lists of its own: nothing of the system's apt configuration changes."""
    state = folder / f"apt-{library.suite}"
    for part in ("lists/partial", "cache/archives/partial"):
        (state / part).mkdir(parents=True, exist_ok=True)
    mirror, key = _mirror()
    (state / "sources.list").write_text(
        f"deb-src [signed-by={key}] {mirror} {library.suite} main\n", encoding="utf-8"
    )
    (state / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{state}/sources.list";\nDir::Etc::sourceparts "-";\n'
        f'Dir::State::lists "{state}/lists";\nDir::Cache "{state}/cache";\nAPT::Sandbox::User "root";\n',
        encoding="utf-8",
    )
    env = {**os.environ, "APT_CONFIG": str(state / "apt.conf"), "LC_ALL": "C.UTF-8"}
    told = ""
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "source", "-q", "--download-only", f"python3.13/{library.suite}"],
    ):
        done = subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        told += done.stdout
    shutil.rmtree(state, ignore_errors=True)
    return told


def _mirror() -> tuple[str, str]:
    """Address and key ring of this machine's own Debian mirror."""
    key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    for path in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")):
        found = re.search(r"^URIs:\s*(\S+/debian)/?\s*$", path.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1], key
    for path in (Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*.list"))):
        if path.exists():
            text = path.read_text(encoding="utf-8")
            found = re.search(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+/debian)/?\s", text, re.MULTILINE)
            if found:
                return found[1], key
    raise SetupError("No Debian mirror is configured on this machine: the standard library comes from there.")


def signed_by_its_maker(path: Path) -> bool:
    """Whether the Authenticode digest fits the file and the signer is one of `SIGNERS`."""
    told = subprocess.run(
        ["osslsigncode", "verify", str(path)], capture_output=True, text=True, check=False
    ).stdout
    said = re.search(r"Current message digest\s*:\s*(\S+)", told)
    counted = re.search(r"Calculated message digest\s*:\s*(\S+)", told)
    same = said is not None and counted is not None and said[1] == counted[1]
    return same and any(signer in told for signer in SIGNERS)
