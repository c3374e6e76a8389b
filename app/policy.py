"""What a practice's IT decides for every user of a machine: policies, and what was given to the installer.

A policy overrides what the installer was given, and that overrides the user. On Windows both are values in
HKEY_LOCAL_MACHINE, which users cannot write; elsewhere policies are a TOML file in the system's configuration folder.
Every key here has code that honours it and a policy in packaging/windows/policies; a test holds the two together.
"""

import logging
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

POLICY_KEY: Final = r"SOFTWARE\Policies\Praxisfunk"
INSTALLER_KEY: Final = r"SOFTWARE\Praxisfunk"
LINUX_FILE: Final = Path("/etc/praxisfunk/policy.toml")
MACOS_FILE: Final = Path("/Library/Application Support/Praxisfunk/policy.toml")
MAX_FILE_BYTES: Final = 64 << 10
_MAX_TEXT: Final = 200
_LEVELS: Final = {"warning": logging.WARNING, "info": logging.INFO, "debug": logging.DEBUG}

Values = Mapping[str, object]

logger = logging.getLogger(__name__)


class Managed(msgspec.Struct, frozen=True):
    """What holds on this machine. None: the user decides."""

    udp_port: int | None = None
    save_to_disk: bool = True
    log_level: int | None = None
    practice_name: str | None = None  # which practice `join` looks for
    keys: tuple[str, ...] = ()  # of the policies in force, for the user to see
    refused: tuple[str, ...] = ()  # keys whose values cannot be used


def _port(value: object) -> int:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if not isinstance(number, int) or isinstance(number, bool) or not 1024 <= number <= 65535:
        raise ValueError
    return number


def _switch(value: object) -> bool:
    if value not in (0, 1):  # True and False too
        raise ValueError
    return bool(value)


def _level(value: object) -> int:
    if not isinstance(value, str) or value.lower() not in _LEVELS:
        raise ValueError
    return _LEVELS[value.lower()]


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_TEXT:
        raise ValueError
    return value.strip()


POLICIES: Final[dict[str, tuple[str, Callable[[object], Any]]]] = {
    "UdpPort": ("udp_port", _port),
    "SaveToDisk": ("save_to_disk", _switch),
    "LogLevel": ("log_level", _level),
}
"""Name of a policy -> field, reader of its value."""

INSTALLER: Final[dict[str, tuple[str, Callable[[object], Any]]]] = {
    "UdpPort": ("udp_port", _port),
    "PracticeName": ("practice_name", _text),
}
"""The same for what the installer was given; an empty value means that nothing was given."""


def combine(policies: Values, installer: Values) -> Managed:
    """Policies over the installer's properties. A value that cannot be used counts as not set and is reported,
    except that an unreadable SaveToDisk forbids: its only purpose is to forbid."""
    fields: dict[str, Any] = {}
    refused = []
    for name, (field, read) in INSTALLER.items():
        if installer.get(name) not in (None, ""):
            try:
                fields[field] = read(installer[name])
            except ValueError:
                refused.append(name)
    for name, (field, read) in POLICIES.items():
        if name not in policies:
            continue
        try:
            fields[field] = read(policies[name])
        except ValueError:
            refused.append(name)
            if field == "save_to_disk":
                fields[field] = False
    refused += sorted(set(policies) - set(POLICIES))
    keys = tuple(name for name in POLICIES if name in policies)
    return Managed(**fields, keys=keys, refused=tuple(dict.fromkeys(refused)))


def read(platform: str = sys.platform) -> Managed:
    """What holds on this machine now. Never raises: a policy that cannot be read is logged."""
    if platform == "win32":
        managed = combine(_registry(POLICY_KEY), _registry(INSTALLER_KEY))
    else:
        managed = combine(read_file(MACOS_FILE if platform == "darwin" else LINUX_FILE), {})
    return managed


def report(managed: Managed) -> None:
    """To the log, once it is set up."""
    if managed.refused:
        logger.warning("policies that cannot be used: %d", len(managed.refused))


def read_file(path: Path) -> Values:
    """The values of a policy file; none if there is no such file. An unreadable file forbids what can be forbidden."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            return {"SaveToDisk": None}
        return tomllib.loads(data.decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):  # also what is no UTF-8 or no TOML
        return {"SaveToDisk": None}


def _registry(key: str) -> Values:
    """The values of a key under HKEY_LOCAL_MACHINE, in the 64-bit view; none if it is not there."""
    found: dict[str, object] = {}
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(
                winreg.HKEY_LOCAL_MACHINE, key, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY
            ) as opened:
                for index in range(winreg.QueryInfoKey(opened)[1]):
                    name, value, _ = winreg.EnumValue(opened, index)
                    found[name] = value
        except FileNotFoundError:
            return {}
        except OSError:
            return {"SaveToDisk": None} if key == POLICY_KEY else {}
    return found
