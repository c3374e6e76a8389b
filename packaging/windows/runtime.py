"""Python for Windows in a folder: DLLs, standard library, the stable-ABI forwarder, our launchers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

from environment import ROOT, SetupError
from system import say

from windows import inputs
from windows.wine import compile_c

HERE = Path(__file__).parent
DATE = (2026, 1, 1, 0, 0, 0)
LEFT_OUT_DLLS = re.compile(
    r"(.*\.cp313t-.*|_wmi\.pyd|_test.*|_ctypes_test.*|tcl86t\.dll|tk86t\.dll|_tkinter\.pyd|zlib1\.dll|api-ms-win-.*)\Z"
)
"""Free-threading builds, tests, Tk; and parts of Windows itself."""
LEFT_OUT_MODULES = frozenset(
    (
        *("test", "tests", "idle_test", "idlelib", "tkinter", "turtledemo", "turtle", "ensurepip", "lib2to3"),
        *("site-packages", "__phello__", "pydoc_data", "venv", "curses", "dbm"),
        *("_android_support", "_ios_support", "_apple_support"),
    )
)


def lay_runtime(stage: Path, work: Path) -> dict[str, str]:
    """Fill `stage`; standard library sources go to `work`/Lib to be compiled. Returns part -> version."""
    own = os.environ.get(inputs.OWN_RUNTIME)
    if own:
        _copy_embeddable(Path(own), stage)
        versions = {"python": Path(own).name, "python-stdlib": Path(own).name}
    else:
        library = _from_registries(stage, work)
        versions = {"python": inputs.RUNTIME_VERSION, "python-stdlib": library}
    (stage / "python313._pth").write_text(
        "python313.zip\r\n.\r\nLib\\site-packages\r\n", encoding="ascii", newline=""
    )
    return versions


def _copy_embeddable(folder: Path, stage: Path) -> None:
    if not (folder / "python313.zip").exists():
        raise SetupError(f"{folder} is not an unpacked embeddable package of Python 3.13.")
    for path in folder.iterdir():
        if path.suffix in (".dll", ".pyd", ".zip") and not path.name.startswith("_test"):
            shutil.copy(path, stage / path.name)
    shutil.copy(folder / "LICENSE.txt", stage / "LICENSE-Python.txt")


def _from_registries(stage: Path, work: Path) -> str:
    with zipfile.ZipFile(inputs.runtime_wheel()) as wheel:
        for name in wheel.namelist():
            folder, _, file = name.partition("/")
            if folder == "deploy_libs" and file and not LEFT_OUT_DLLS.match(file):
                (stage / file).write_bytes(wheel.read(name))
    unsigned = [path.name for path in sorted(stage.iterdir()) if not inputs.signed_by_its_maker(path)]
    if unsigned:
        raise SetupError("Not signed by the Python Software Foundation or Microsoft: " + ", ".join(unsigned))
    say(f"Python {inputs.RUNTIME_VERSION}: {len(list(stage.iterdir()))} files, signatures checked")
    library, archive = inputs.library_archive()
    source = work / "python"
    with tarfile.open(archive) as tar:
        wanted = [
            member
            for member in tar.getmembers()
            if member.isfile() and re.match(r"[^/]+/(Lib/.*\.py|PC/python3dll\.c|LICENSE)\Z", member.name)
        ]
        tar.extractall(source, members=wanted, filter="data")
    top = next(source.iterdir())
    for path in sorted((top / "Lib").rglob("*.py")):
        relative = path.relative_to(top / "Lib")
        if not LEFT_OUT_MODULES & {part.removesuffix(".py") for part in relative.parts}:
            target = work / "Lib" / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    shutil.copy(top / "LICENSE", stage / "LICENSE-Python.txt")
    make_forwarder(top / "PC" / "python3dll.c", stage / "python3.dll", work)
    say(f"Standard library {library.version} ({library.suite})")
    return library.version


def pack_library(folder: Path, target: Path) -> None:
    """The modules as one archive, the same bytes every time."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())


def make_forwarder(listing: Path, target: Path, work: Path) -> None:
    """python3.dll, which passes the stable ABI on to python313.dll, from upstream's own list of names."""
    text = listing.read_text(encoding="utf-8")
    functions = re.findall(r"^EXPORT_FUNC\((\w+)\)", text, re.MULTILINE)
    data = re.findall(r"^EXPORT_DATA\((\w+)\)", text, re.MULTILINE)
    if len(functions) < 500:
        raise SetupError("The list of Python's stable ABI could not be read.")
    lines = ["LIBRARY python3.dll", "EXPORTS", *(f"  {name} = python313.{name}" for name in functions)]
    lines += [f"  {name} = python313.{name} DATA" for name in data]
    (work / "python3.def").write_text("\n".join(lines) + "\n", encoding="ascii")
    source = work / "python3.c"
    source.write_text(
        "#include <windows.h>\nBOOL WINAPI DllMain(HINSTANCE s, DWORD r, LPVOID v) "
        "{ (void)s, (void)r, (void)v; return TRUE; }\n",
        encoding="ascii",
    )
    compile_c(source, target, "-shared", "-nostdlib", "-Wl,-e,DllMain", str(work / "python3.def"))


def make_icon(target: Path, work: Path) -> None:
    """An .ico with the product's icon in every size that Windows asks for, as PNG."""
    pictures = []
    for size in (16, 20, 24, 32, 48, 64, 256):
        png = work / f"icon-{size}.png"
        command = ["rsvg-convert", "-w", str(size), "-h", str(size), "-o", str(png)]
        subprocess.run([*command, str(ROOT / "assets" / "icons" / "praxisfunk.svg")], check=True)
        pictures.append((size, png.read_bytes()))
    head = b"\0\0\1\0" + len(pictures).to_bytes(2, "little")
    offset = len(head) + 16 * len(pictures)
    for size, data in pictures:
        side = size % 256  # 256 is written as 0
        head += bytes((side, side, 0, 0, 1, 0, 32, 0))
        head += len(data).to_bytes(4, "little") + offset.to_bytes(4, "little")
        offset += len(data)
    target.write_bytes(head + b"".join(data for _, data in pictures))


def make_launchers(stage: Path, work: Path, version: str) -> None:
    """Praxisfunk.exe, praxisfunk-cli.exe, and python.exe for the build, which is taken away again."""
    make_icon(work / "praxisfunk.ico", work)
    shutil.copy(HERE / "praxisfunk.manifest", work)
    template = (HERE / "praxisfunk.rc.in").read_text(encoding="ascii")
    filled = template.replace("@COMMAS@", version.replace(".", ",")).replace("@VERSION@", version)
    (work / "praxisfunk.rc").write_text(filled, encoding="ascii")
    resources = work / "resources.o"
    subprocess.run(
        ["x86_64-w64-mingw32-windres", "praxisfunk.rc", "-O", "coff", "-o", str(resources)],
        cwd=work,
        check=True,
    )
    source = HERE / "launcher.c"
    compile_c(source, stage / "Praxisfunk.exe", "-municode", "-mwindows", str(resources))
    compile_c(source, stage / "praxisfunk-cli.exe", "-municode", "-DCONSOLE", str(resources))
    compile_c(source, stage / "python.exe", "-municode", "-DCONSOLE", "-DPLAIN")
