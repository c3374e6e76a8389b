"""What the operating system has to bring: apt packages, the shared libraries of Qt, a font."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

QT_PROBES = (
    "Qt/plugins/platforms/libqxcb.so",
    "Qt/plugins/platforms/libqoffscreen.so",
    "Qt/plugins/xcbglintegrations/libqxcb-egl-integration.so",
    "Qt/plugins/xcbglintegrations/libqxcb-glx-integration.so",
    "Qt/lib/libQt6Widgets.so.6",
    "Qt/lib/libQt6DBus.so.6",
)
"""Files of PySide6 whose shared libraries must all be found."""

LIBRARY_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
"""Shared library -> Debian package. A missing library that is not in here is told by its own name."""

FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


def say(text: str) -> None:
    """To standard error: standard output belongs to what was started."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def missing_libraries(venv: Path) -> list[str]:
    """Shared libraries that PySide6 was linked against and this system has not."""
    ldd = shutil.which("ldd")
    roots = list(venv.glob("lib/python*/site-packages/PySide6"))
    if ldd is None or not roots:
        return []
    missing: dict[str, None] = {}
    for probe in QT_PROBES:
        path = roots[0] / probe
        if not path.exists():
            continue
        told = subprocess.run([ldd, str(path)], capture_output=True, text=True, check=False)
        for line in told.stdout.splitlines():
            name, _, rest = line.strip().partition(" => ")
            if rest.startswith("not found") and not name.startswith(("libQt6", "libshiboken", "libpyside")):
                missing[name] = None
    return list(missing)


def has_font() -> bool:
    for folder in FONT_FOLDERS:
        for _, _, files in os.walk(Path(folder).expanduser()):
            if any(name.lower().endswith((".ttf", ".otf", ".ttc")) for name in files):
                return True
    return False


def ensure_qt(venv: Path) -> bool:
    """Install what is missing where we may, else print the one line to type. True if all is there."""
    missing = missing_libraries(venv)
    packages = sorted({LIBRARY_PACKAGES[name] for name in missing if name in LIBRARY_PACKAGES})
    if not has_font():
        packages.append(FONT_PACKAGE)
    if packages:
        apt_install(packages, "what Qt needs of the system")
        missing = missing_libraries(venv)
    if not missing and has_font():
        return True
    if missing:
        say("Windows cannot be shown yet: missing " + ", ".join(missing))
    if not has_font():
        say("Windows would show no text yet: there is no font on this system.")
    if packages and shutil.which("apt-get"):
        say("Type this once:  " + apt_line(packages))
    return False


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt_line(packages: list[str]) -> str:
    sudo = "" if is_root() else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install -y {' '.join(packages)}"


def apt_install(packages: list[str], purpose: str) -> bool:
    """As root on Debian and its kin: install `packages`. False if that was not possible."""
    apt = shutil.which("apt-get")
    if apt is None or not is_root():
        return False
    say(f"Installing {purpose}: {' '.join(packages)} …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    install = [apt, "install", "-y", "-qq", "--no-install-recommends", *packages]
    update = [apt, "update", "-qq"]
    code, told = _quiet(install, env)
    if code != 0:  # most often: the package lists were never loaded
        _quiet(update, env)
        code, told = _quiet(install, env)
    if code != 0:
        say("apt-get said:\n" + "\n".join("  " + line for line in told.splitlines()[-5:]))
    return code == 0


def _quiet(command: list[str], env: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout
