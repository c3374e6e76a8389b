"""Only the platform's own keyring, untouched by environment and configuration, and never waited for for good."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keyring.backends.SecretService
import keyring.backends.Windows
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from app import keyring_adapter
from app.keyring_adapter import PlatformKeyring, call, open_keyring
from app.store.errors import KeyringUnavailable


class DictKeyring(KeyringBackend):
    """Keeps passwords in memory, or misbehaves."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.before: Callable[[], None] = lambda: None
        self.forgetful = False

    def get_password(self, service: str, username: str) -> str | None:
        self.before()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.before()
        if not self.forgetful:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.before()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("no such")


def test_secrets_are_kept_under_their_name() -> None:
    ring = PlatformKeyring(DictKeyring())
    assert ring.read("a") is None
    ring.write("a", bytes(range(256)))
    ring.write("b", b"")
    assert ring.read("a") == bytes(range(256))
    assert ring.read("b") == b""
    ring.delete("a")
    ring.delete("a")
    assert ring.read("a") is None


def test_failures_have_one_class() -> None:
    backend = DictKeyring()
    ring = PlatformKeyring(backend)

    def locked() -> None:
        raise KeyringLocked("dismissed")

    backend.before = locked
    actions: list[Callable[[], object]] = [
        lambda: ring.read("a"),
        lambda: ring.write("a", b"x"),
        lambda: ring.delete("a"),
    ]
    for action in actions:
        with pytest.raises(KeyringUnavailable):
            action()


def test_a_keyring_that_forgets_is_noticed_when_writing() -> None:
    backend = DictKeyring()
    backend.forgetful = True
    with pytest.raises(KeyringUnavailable):
        PlatformKeyring(backend).write("a", b"x")


def test_somebody_elses_entry_is_refused() -> None:
    backend = DictKeyring()
    backend.kept["Praxisfunk a", "Praxisfunk"] = "not base64 !"
    with pytest.raises(KeyringUnavailable):
        PlatformKeyring(backend).read("a")


def test_a_keyring_that_hangs_is_given_up_in_a_daemon_thread() -> None:
    backend = DictKeyring()
    release = threading.Event()
    backend.before = lambda: release.wait() and None
    with pytest.raises(KeyringUnavailable):
        PlatformKeyring(backend, timeout_s=0.01).read("a")
    hanging = [thread for thread in threading.enumerate() if thread.name == "keyring"]
    assert hanging and all(thread.daemon for thread in hanging)
    release.set()
    for thread in hanging:
        thread.join()


def test_calls_run_in_another_thread() -> None:
    assert call(threading.get_ident, 5) != threading.get_ident()


def test_repr_tells_the_backend_only() -> None:
    backend = DictKeyring()
    backend.kept["Praxisfunk a", "Praxisfunk"] = "c2VjcmV0"
    assert "c2VjcmV0" not in repr(PlatformKeyring(backend))


@pytest.fixture
def hostile_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables and a configuration file that make `keyring` take a backend of somebody's choice."""
    config = tmp_path / "python_keyring"
    config.mkdir()
    (config / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("KEYRING_PROPERTY_PREFERRED_COLLECTION", "/somewhere/else")
    monkeypatch.setenv("KEYRING_PROPERTY_PERSIST", "enterprise")


def test_environment_and_configuration_choose_no_backend(
    hostile_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    with pytest.raises(KeyringUnavailable):
        open_keyring("linux", probe_timeout_s=30)


def test_the_secret_service_is_taken_without_overrides(
    hostile_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Available(keyring.backends.SecretService.Keyring):
        priority = 5  # asks D-Bus otherwise

    monkeypatch.setattr(keyring.backends.SecretService, "Keyring", Available)
    assert hasattr(Available(), "preferred_collection")
    ring = open_keyring("linux")
    assert isinstance(ring._backend, Available)
    assert not hasattr(ring._backend, "preferred_collection")


def test_windows_credentials_stay_on_this_machine(
    hostile_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a stand-in for the Windows calls: what is handed to CredWrite."""
    written: list[dict[str, Any]] = []
    stored: dict[str, dict[str, Any]] = {}

    class WindowsError(Exception):
        winerror = 1168
        funcname = "CredRead"

    def write(credential: dict[str, Any], _flags: int) -> None:
        written.append(credential)
        stored[credential["TargetName"]] = credential | {
            "CredentialBlob": credential["CredentialBlob"].encode("utf-16-le")
        }

    def read(Type: int, TargetName: str) -> dict[str, Any]:
        if TargetName not in stored:
            raise WindowsError
        return stored[TargetName]

    module = keyring.backends.Windows
    calls = SimpleNamespace(
        CRED_PERSIST_ENTERPRISE=3,
        CRED_PERSIST_LOCAL_MACHINE=2,
        CRED_TYPE_GENERIC=1,
        CredWrite=write,
        CredRead=read,
    )
    monkeypatch.setattr(module, "win32cred", calls, raising=False)
    monkeypatch.setattr(module, "pywintypes", SimpleNamespace(error=WindowsError), raising=False)
    monkeypatch.setattr(module, "missing_deps", False)
    ring = open_keyring("win32")
    ring.write("key 1", b"one")
    ring.write("key 2", b"two")
    assert ring.read("key 1") == b"one"
    assert [credential["Persist"] for credential in written] == [2, 2]
    assert [credential["TargetName"] for credential in written] == ["Praxisfunk key 1", "Praxisfunk key 2"]


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux", "freebsd14"])
def test_a_platform_without_its_keyring_has_none(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if platform == sys.platform:
        monkeypatch.setattr(keyring_adapter, "_makers", lambda _platform: ())
    with pytest.raises(KeyringUnavailable):
        open_keyring(platform, probe_timeout_s=30)
