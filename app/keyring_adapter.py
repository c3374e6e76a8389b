"""The platform's own keyring, and no other: the only file that imports `keyring`.

`keyring` picks its backend by environment variable and configuration file, which also may name a Python path;
whoever can set those could have our secret written to a plain file. So the four backends of the platforms are
made here directly and the library's choice is never asked. On Windows the credential stays on this machine
(the library's default roams with the user, protocol 11.20).

Every call runs in a thread of its own with a time-out: a keyring may wait for a person, or for a dead D-Bus.
"""

import base64
import binascii
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from app.store.errors import KeyringUnavailable

PROBE_TIMEOUT_S: Final = 5.0
CALL_TIMEOUT_S: Final = 60.0
"""Long, since the platform may ask the user to unlock the keyring."""
_SERVICE: Final = "Praxisfunk"
_LOCAL_MACHINE: Final = "local machine"

logger = logging.getLogger(__name__)
T = TypeVar("T")


class SecretKeyring(Protocol):
    """Named secrets kept by the platform."""

    def read(self, name: str) -> bytes | None: ...

    def write(self, name: str, secret: bytes) -> None: ...

    def delete(self, name: str) -> None: ...


class PlatformKeyring:
    """Implements `SecretKeyring`. All methods raise only `KeyringUnavailable`."""

    def __init__(self, backend: KeyringBackend, timeout_s: float = CALL_TIMEOUT_S) -> None:
        self._backend = backend
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        return f"PlatformKeyring({type(self._backend).__module__})"

    def read(self, name: str) -> bytes | None:
        """None if there is no such secret."""
        service = f"{_SERVICE} {name}"
        text = call(lambda: self._backend.get_password(service, _SERVICE), self._timeout_s)
        if text is None:
            return None
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as exc:
            raise KeyringUnavailable("the keyring holds something that is not ours") from exc

    def write(self, name: str, secret: bytes) -> None:
        """Also reads it back: some keyrings accept and forget."""
        # One service name per secret: WinVault keeps a second user name of a service in a roundabout way.
        service, text = f"{_SERVICE} {name}", base64.b64encode(secret).decode()
        call(lambda: self._backend.set_password(service, _SERVICE, text), self._timeout_s)
        if self.read(name) != secret:
            raise KeyringUnavailable("the keyring did not keep the secret")

    def delete(self, name: str) -> None:
        """Nothing happens if it is not there."""

        def work() -> None:
            try:
                self._backend.delete_password(f"{_SERVICE} {name}", _SERVICE)
            except PasswordDeleteError:
                logger.info("no keyring entry to delete")

        call(work, self._timeout_s)


def open_keyring(
    platform: str = sys.platform,
    *,
    probe_timeout_s: float = PROBE_TIMEOUT_S,
    timeout_s: float = CALL_TIMEOUT_S,
) -> PlatformKeyring:
    """The keyring of this platform. Raises `KeyringUnavailable` if there is none."""
    for make in _makers(platform):
        try:
            backend = call(make, probe_timeout_s)
        except KeyringUnavailable as exc:
            logger.info("keyring refused: %s", exc.__cause__ or exc)
            continue
        return PlatformKeyring(backend, timeout_s)
    raise KeyringUnavailable("this platform offers no usable keyring")


def call(work: Callable[[], T], timeout_s: float) -> T:
    """Run `work` in a thread of its own. Any failure and the time-out are `KeyringUnavailable`.

    A daemon thread, not an executor: one that hangs in D-Bus must not keep the program from ending.
    """
    outcome: list[T] = []
    failure: list[Exception] = []

    def run() -> None:
        try:
            outcome.append(work())
        except Exception as exc:  # the backends raise D-Bus, ctypes and their own errors: all mean "unusable"
            failure.append(exc)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if failure:
        raise KeyringUnavailable("the keyring refused") from failure[0]
    if not outcome:
        raise KeyringUnavailable(f"the keyring did not answer within {timeout_s:g} s")
    return outcome[0]


def _makers(platform: str) -> tuple[Callable[[], KeyringBackend], ...]:
    if platform == "win32":
        return (_windows,)
    if platform == "darwin":
        return (_macos,)
    return (_secret_service, _kwallet)


def _windows() -> KeyringBackend:
    from keyring.backends.Windows import WinVaultKeyring

    vault: Any = _plain(WinVaultKeyring)()
    vault.persist = _LOCAL_MACHINE
    return _viable(vault)


def _macos() -> KeyringBackend:
    from keyring.backends.macOS import Keyring

    keychain: Any = _plain(Keyring)()
    keychain.keychain = None  # the class takes it from an environment variable
    return _viable(keychain)


def _secret_service() -> KeyringBackend:
    from keyring.backends.SecretService import Keyring

    return _viable(_plain(Keyring)())


def _kwallet() -> KeyringBackend:
    from keyring.backends.kwallet import DBusKeyring

    return _viable(_plain(DBusKeyring)())


def _plain(backend: type[KeyringBackend]) -> type[KeyringBackend]:
    """The backend without its property overrides from KEYRING_PROPERTY_* environment variables."""
    return type(
        backend.__name__,
        (backend,),
        {"set_properties_from_env": lambda _self: None, "__module__": backend.__module__},
    )


def _viable(backend: Any) -> KeyringBackend:
    _ = type(backend).priority  # raises RuntimeError where the platform lacks what it needs
    assert isinstance(backend, KeyringBackend)
    return backend
