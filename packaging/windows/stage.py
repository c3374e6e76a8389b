"""The program folder as it will lie under Program Files: runtime, dependencies, the program, licences, policies."""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

from environment import REQUIREMENTS, ROOT, SetupError
from system import say

from windows import runtime
from windows.pe import file_version
from windows.wine import Wine, windows_path

HERE = Path(__file__).parent
PLUGINS = {
    "platforms": {"qwindows", "qoffscreen"},
    "styles": None,
    "iconengines": None,
    "imageformats": {"qico", "qsvg", "qjpeg", "qgif"},
}
"""Plug-in folder -> files to keep; None: all."""
LANGUAGES = ("de", "en")
QT_SUPPORT = re.compile(r"(pyside6\.abi3|shiboken6\.abi3|msvcp140.*|vcruntime140.*|concrt140)\.dll\Z")
KEPT_METADATA = ("METADATA", "entry_points.txt")
NOT_AT_RUN_TIME = ("*.pyi", "*.lib", "*.h", "*.pxd", "*.pyx", "*.c", "py.typed")
LICENCE_NAMES = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS).*\Z", re.IGNORECASE)


def lay_out(stage: Path, wheel: Path, python: Path, version: str) -> list[dict[str, str]]:
    """Fill `stage` anew. `python` runs uv. Returns the parts for the SBOM: name, version, licence, kind."""
    work = stage.with_name(stage.name + "-work")
    for folder in (stage, work):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    versions = runtime.lay_runtime(stage, work)
    runtime.make_launchers(stage, work, version)
    shutil.copy(work / "praxisfunk.ico", stage.parent / "praxisfunk.ico")
    site = stage / "Lib" / "site-packages"
    install_wheels(python, site)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site, [name for name in archive.namelist() if ".data/" not in name])
    parts = [
        *collect_licences(site, stage / "licenses"),
        *_runtime_parts(versions),
        *_native_parts(stage, site),
    ]
    shutil.move(stage / "LICENSE-Python.txt", stage / "licenses" / "Python-LICENSE.txt")
    trim(site)
    compile_modules(stage, work)
    shutil.copytree(HERE / "policies", stage / "PolicyDefinitions", dirs_exist_ok=True)
    for path in stage.rglob("*"):
        os.utime(path, (1767225600, 1767225600))
    size = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file())
    say(f"Program folder: {sum(1 for _ in stage.rglob('*'))} entries, {size / 1e6:.0f} MB")
    return parts


def install_wheels(python: Path, site: Path) -> None:
    """What runtime.txt pins, as Windows wheels; uv evaluates the markers for Windows, pip would not."""
    say("Installing the pinned Windows wheels …")
    command = [
        *(
            str(python),
            "-m",
            "uv",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--no-deps",
            "--no-config",
        ),
        *("--python-platform", "x86_64-pc-windows-msvc", "--python-version", "3.13"),
        *("--only-binary", ":all:", "--link-mode", "copy", "--target", str(site)),
        *("-r", str(REQUIREMENTS / "runtime.txt")),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise SetupError("The Windows wheels could not be installed:\n" + done.stdout[-1500:])


def trim(site: Path) -> None:
    """Take away what is not needed to run: most of Qt, command lines, type stubs, installers' records."""
    for name in ("bin", "share", "include", "apsw/sqlite_extra_binaries", "apsw/tests"):
        shutil.rmtree(site / name, ignore_errors=True)
    for pattern in NOT_AT_RUN_TIME:
        for path in list(site.rglob(pattern)):
            path.unlink()
    for info in site.glob("*.dist-info"):
        for path in list(info.iterdir()):
            if path.name not in KEPT_METADATA:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    _trim_qt(site / "PySide6")


def qt_modules() -> set[str]:
    """The Qt modules that the program imports."""
    found = {"QtCore", "QtGui", "QtWidgets"}
    for source in (ROOT / "app").rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        found.update(re.findall(r"^\s*(?:from|import) PySide6\.(\w+)", text, re.MULTILINE))
    return found


def _trim_qt(folder: Path) -> None:
    modules = qt_modules()
    for path in list(folder.iterdir()):
        if path.name == "plugins":
            _trim_plugins(path)
        elif path.name == "translations":
            _trim_translations(path)
        elif path.is_dir():
            shutil.rmtree(path)
        elif path.suffix not in (".dll", ".py") and (path.suffix != ".pyd" or path.stem not in modules):
            path.unlink()
    _drop_unused_dlls(folder)


def _drop_unused_dlls(folder: Path) -> None:
    """Keep what the modules and plug-ins import, and what that imports."""
    kept = [*folder.glob("*.pyd"), *folder.rglob("plugins/*/*.dll"), *folder.parent.glob("shiboken6/*.dll")]
    needed: set[str] = set()
    while kept:
        data = kept.pop().read_bytes()
        for name in {found.decode() for found in re.findall(rb"Qt6\w+\.dll", data)} - needed:
            needed.add(name)
            if (folder / name).exists():
                kept.append(folder / name)
    for path in list(folder.glob("*.dll")):
        if path.name not in needed and not QT_SUPPORT.match(path.name.lower()):
            path.unlink()


def _trim_translations(folder: Path) -> None:
    for path in list(folder.iterdir()):
        if path.name not in {f"qtbase_{language}.qm" for language in LANGUAGES}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _trim_plugins(folder: Path) -> None:
    for kind in list(folder.iterdir()):
        if kind.name not in PLUGINS:
            shutil.rmtree(kind)
            continue
        wanted = PLUGINS[kind.name]
        for path in list(kind.iterdir()):
            if wanted is not None and path.stem not in wanted:
                path.unlink()


def compile_modules(stage: Path, work: Path) -> None:
    """Bytecode of the shipped Python, made by that Python under Wine; nothing is written beside it later."""
    archive = stage / "python313.zip"
    library = work / "Lib"
    folders = [stage / "Lib" / "site-packages"]
    if library.exists():  # else the embeddable package brought it compiled
        runtime.pack_library(library, archive)
        folders.append(library)
    wine = Wine(work / "wine")
    try:
        wine.boot(shims=False)
        say("Compiling the modules with the Python that is shipped …")
        code, told = wine.run(
            windows_path(stage / "python.exe"),
            windows_path(HERE / "compile_tree.py"),
            *map(windows_path, folders),
            timeout_s=600,
        )
    finally:
        wine.end()
    if code != 0:
        raise SetupError(f"The modules could not be compiled (exit code {code}):\n{told[-1500:]}")
    say(told.strip())
    (stage / "python.exe").unlink()
    if library.exists():
        runtime.pack_library(library, archive)


# --- licences and parts --------------------------------------------------------------------------------------


def collect_licences(site: Path, target: Path) -> list[dict[str, str]]:
    """Every package's licence files go to `target`; returns what the packages are. Raises `SetupError`."""
    target.mkdir(parents=True)
    parts = []
    for info in sorted(site.glob("*.dist-info")):
        meta = email.message_from_string((info / "METADATA").read_text(encoding="utf-8"))
        name, version = str(meta["Name"]), str(meta["Version"])
        found = [
            path for path in sorted(info.rglob("*")) if path.is_file() and LICENCE_NAMES.match(path.name)
        ]
        # Qt's packages name the commercial licence beside the LGPL; the LGPL is the one used here.
        files = [path for path in found if "Qt-Commercial" not in path.name]
        for path in files:
            shutil.copy(path, target / f"{name}-{path.stem}.txt")
        if not found:
            raise SetupError(f"{name} brings no licence text.")
        parts.append({"name": name, "version": version, "licence": _licence(meta), "kind": "pypi"})
    for name in ("LGPL-3", "GPL-3"):
        shutil.copy(f"/usr/share/common-licenses/{name}", target / f"{name}.txt")
    (target / "README.txt").write_text(QT_NOTE, encoding="utf-8", newline="\r\n")
    return parts


def _licence(meta: email.message.Message) -> str:
    if meta["Name"] in ("PySide6_Essentials", "shiboken6", "PySide6-Essentials"):
        return "LGPL-3.0-only"
    if meta["License-Expression"]:
        return str(meta["License-Expression"])
    classifiers = [str(one) for one in meta.get_all("Classifier", []) if str(one).startswith("License ::")]
    text = str(meta["License"] or "").strip()
    return (
        text.splitlines()[0]
        if text
        else classifiers[-1].rpartition(":: ")[2]
        if classifiers
        else "NOASSERTION"
    )


def _runtime_parts(versions: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "version": version, "licence": "PSF-2.0", "kind": "generic"}
        for name, version in versions.items()
    ]


def _native_parts(stage: Path, site: Path) -> list[dict[str, str]]:
    """Libraries inside of packages: what a search for a vulnerability has to find too."""

    def version_of(path: Path, otherwise: str) -> str:
        return (file_version(path) if path.exists() else None) or otherwise

    heif = next(site.glob("pi_heif-*.dist-info")).name.removesuffix(".dist-info")
    found = (
        ("openssl", version_of(stage / "libcrypto-3.dll", "3"), "Apache-2.0"),
        ("sqlite", version_of(stage / "sqlite3.dll", "3"), "blessing"),
        ("libffi", version_of(stage / "libffi-8.dll", "8"), "MIT"),
        ("qt", version_of(site / "PySide6" / "Qt6Core.dll", "6"), "LGPL-3.0-only"),
        ("libheif", f"in-{heif}", "LGPL-3.0-or-later"),
        ("libde265", f"in-{heif}", "LGPL-3.0-or-later"),
        ("lucide", "icons", "ISC"),
    )
    return [
        {"name": name, "version": number, "licence": text, "kind": "generic"} for name, number, text in found
    ]


QT_NOTE = """Licences of everything in this folder's parent, one file per part.

Qt and Qt for Python (PySide6, shiboken6) are used under the GNU Lesser General Public License version 3
(LGPL-3.txt, GPL-3.txt). They are separate DLL and PYD files in Lib\\site-packages and may be replaced by
versions of your own. Their sources: https://code.qt.io (pyside/pyside-setup, qt/qtbase, qt/qtsvg).
"""
