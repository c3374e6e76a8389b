"""A profile: one directory with lock, wrapped database key and encrypted store. Opened by one instance at a time.

The database key is random and never changes; `profile.key` holds it wrapped by a secret in the OS keyring, by a
passphrase, or by both (`crypto.vault`). There is no way without either: a missing keyring is the user's choice to
make, never a silent plain file. A passphrase comes from a file descriptor, an environment variable or a
callback, never from the command line, where every user of the machine could read it.

Opening can take long (Argon2id, a keyring that asks its user): call it in a worker, not on an event loop.
"""

import logging
import os
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Final

import msgspec

from app.keyring_adapter import SecretKeyring, open_keyring
from app.paths import ProfilePaths
from app.private_files import (
    InstanceLock,
    make_private_file,
    private_directory,
    read_bounded,
    replace_file,
)
from app.start_mark import FileMark, KeyringMark, MarkPlace, StartMismatch, check_start, note_start
from app.store.db import Store
from app.store.errors import (
    Damaged,
    KeyringSecretMissing,
    PassphraseNeeded,
    PassphraseTooLong,
    PassphraseTooShort,
    ProfileDamaged,
    ProfileExists,
    ProfileMissing,
    WrongKey,
    WrongPassphrase,
)
from crypto import vault
from crypto.codec import decode, encode
from crypto.entropy import Entropy, SystemEntropy
from crypto.errors import DecodeError, DecryptionFailed, WeakPassphrase
from crypto.vault import Method

PASSPHRASE_VARIABLE: Final = "PRAXISFUNK_PASSPHRASE"  # noqa: S105
_MAX_PASSPHRASE_BYTES: Final = 4096
_MAX_KEY_FILE_BYTES: Final = 1024
_PROFILE_ID_BYTES: Final = 16
_KEY_FILE_VERSION: Final = 1

Passphrase = Callable[[], str | None]
"""Asked at most once, and only if the profile needs it. None: the user gave none."""
FindKeyring = Callable[[], SecretKeyring]

logger = logging.getLogger(__name__)


class _KeyFile(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Content of `profile.key`."""

    version: int
    profile: bytes  # 16 random bytes; names the keyring entries and is bound into the wrap
    wrapped: bytes


def needed_to_open(directory: Path) -> Method | None:
    """What `Profile.open` will need; None if there is no profile. Does not lock. Raises `ProfileDamaged`."""
    found = _read_key_file(ProfilePaths(directory))
    return _method(found) if found is not None else None


class Profile:
    """An open profile. Use `create` or `open`."""

    def __init__(
        self,
        paths: ProfilePaths,
        profile: bytes,
        key: bytes,
        store: Store,
        lock: InstanceLock,
        place: MarkPlace,
        entropy: Entropy,
    ) -> None:
        self.paths = paths
        self.profile = profile
        self.store = store
        self.start_mismatch: StartMismatch | None = None
        self._key = key
        self._lock = lock
        self._place = place
        self._entropy = entropy

    def __repr__(self) -> str:
        return f"Profile({self.profile.hex()[:8]}, key=<redacted>)"

    @classmethod
    def create(
        cls,
        directory: Path,
        *,
        keyring: SecretKeyring | None = None,
        passphrase: str | None = None,
        entropy: Entropy | None = None,
    ) -> "Profile":
        """Make a profile opened by `keyring`, `passphrase` or both (at least one).

        Raises ProfileExists, ProfileBusy, ProfileUnusable, PassphraseTooShort, PassphraseTooLong,
        KeyringUnavailable or an error of the store. What is half made then can be made again.
        """
        if keyring is None and passphrase is None:
            raise PassphraseNeeded("without a keyring a profile needs a passphrase")
        if passphrase is not None:
            check_new_passphrase(passphrase, alone=keyring is None)
        entropy = entropy or SystemEntropy()
        paths = ProfilePaths(directory)
        private_directory(directory)
        lock = InstanceLock(paths.lock)
        try:
            if paths.key.exists():
                raise ProfileExists("there is a profile in this directory")
            if paths.database.exists() and paths.database.stat().st_size > 0:
                raise ProfileDamaged("there is a database without its key file")
            profile = entropy.token(_PROFILE_ID_BYTES)
            key = entropy.token(vault.DATABASE_KEY_BYTES)
            _write_key_file(paths, profile, key, keyring, passphrase, entropy)
            return cls._opened(paths, profile, key, lock, _place(paths, profile, keyring), entropy)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        find_keyring: FindKeyring = open_keyring,
        passphrase: Passphrase | None = None,
        entropy: Entropy | None = None,
    ) -> "Profile":
        """Open the profile in `directory`. `start_mismatch` of the result tells whether to take the restore path.

        Raises ProfileMissing, ProfileBusy, ProfileDamaged, ProfileUnusable, KeyringUnavailable,
        KeyringSecretMissing, PassphraseNeeded, WrongPassphrase, or an error of the store. Nothing is changed then.
        """
        entropy = entropy or SystemEntropy()
        paths = ProfilePaths(directory)
        if not paths.key.exists():
            if paths.database.exists() and paths.database.stat().st_size > 0:
                raise ProfileDamaged("the key file of this profile is missing")
            raise ProfileMissing("no profile in this directory")
        private_directory(directory)
        lock = InstanceLock(paths.lock)
        try:
            found = _read_key_file(paths)
            if found is None:
                raise ProfileMissing("no profile in this directory")
            method = _method(found)
            keyring = find_keyring() if method is not Method.PASSPHRASE else None
            key = _unwrap(found, method, keyring, passphrase)
            return cls._opened(
                paths, found.profile, key, lock, _place(paths, found.profile, keyring), entropy
            )
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _opened(
        cls,
        paths: ProfilePaths,
        profile: bytes,
        key: bytes,
        lock: InstanceLock,
        place: MarkPlace,
        entropy: Entropy,
    ) -> "Profile":
        """Open or, before its first start, make the database; check and note the start."""
        # A mark is set at the end of every start. None at all: this is the first, or it was interrupted.
        first = place.read() is None
        if first:
            make_private_file(paths.database)
        try:
            store = Store.open(paths.database, key, create=first)
        except WrongKey as exc:
            # The wrap was authentic, so the key is right: the first page is not.
            raise Damaged("the first page of the database is not readable") from exc
        try:
            self = cls(paths, profile, key, store, lock, place, entropy)
            self.start_mismatch = check_start(store, place)
            if self.start_mismatch is None:
                note_start(store, place, entropy)
            else:
                logger.warning("start mark mismatch, profile %s", profile.hex()[:8])
            return self
        except BaseException:
            store.close()
            raise

    def accept_start(self) -> None:
        """The restore path was taken: this database is the right one from now on."""
        note_start(self.store, self._place, self._entropy)
        self.start_mismatch = None

    def change_protection(self, *, keyring: SecretKeyring | None, passphrase: str | None) -> None:
        """Wrap the database key anew: with `keyring`, `passphrase` or both. The database is not touched.

        Raises PassphraseNeeded, PassphraseTooShort, PassphraseTooLong, KeyringUnavailable or ProfileUnusable;
        the old protection holds then.
        """
        if keyring is None and passphrase is None:
            raise PassphraseNeeded("without a keyring a profile needs a passphrase")
        if passphrase is not None:
            check_new_passphrase(passphrase, alone=keyring is None)
        old, new = self._place, _place(self.paths, self.profile, keyring)
        mark = old.read()
        if mark is not None:
            new.write(mark)
        _write_key_file(self.paths, self.profile, self._key, keyring, passphrase, self._entropy)
        self._place = new
        if type(old) is not type(new):
            old.delete()

    def close(self) -> None:
        """Close the store, forget the key, let go of the lock. May be called twice."""
        self.store.close()
        self._key = b""
        self._lock.release()


# --- passphrases ------------------------------------------------------------------------------------------


def check_new_passphrase(passphrase: str, *, alone: bool = True) -> None:
    """Raises `PassphraseTooLong`, or `PassphraseTooShort` if it is to be the only protection (`alone`).

    Beside the keyring a PIN is enough, and an empty one is not taken (protocol 11.20).
    """
    if len(passphrase) > vault.MAX_PASSPHRASE_CHARS:
        raise PassphraseTooLong(vault.MAX_PASSPHRASE_CHARS)
    if not passphrase:
        raise PassphraseTooShort(1)
    if alone:
        try:
            vault.check_alone(passphrase)
        except WeakPassphrase as exc:
            digits = passphrase.isdecimal()
            raise PassphraseTooShort(vault.MIN_ALONE_DIGITS if digits else vault.MIN_ALONE_CHARS) from exc


def passphrase_from_descriptor(descriptor: int) -> str | None:
    """The first line from an open file descriptor, which is closed. None if it is empty or no text."""
    data = b""
    try:
        while len(data) < _MAX_PASSPHRASE_BYTES and b"\n" not in data:
            more = os.read(descriptor, _MAX_PASSPHRASE_BYTES - len(data))
            if not more:
                break
            data += more
        os.close(descriptor)
        return data.partition(b"\n")[0].removesuffix(b"\r").decode() or None
    except (OSError, UnicodeDecodeError):
        return None


def passphrase_from_environment(
    environment: MutableMapping[str, str] = os.environ, name: str = PASSPHRASE_VARIABLE
) -> str | None:
    """The passphrase from an environment variable, which is removed: child processes must not inherit it."""
    return environment.pop(name, None) or None


# --- key file -----------------------------------------------------------------------------------------------


def _read_key_file(paths: ProfilePaths) -> _KeyFile | None:
    data = read_bounded(paths.key, _MAX_KEY_FILE_BYTES)
    if data is None:
        return None
    try:
        found = decode(_KeyFile, data, max_bytes=_MAX_KEY_FILE_BYTES)
    except DecodeError as exc:
        raise ProfileDamaged("the key file is not readable") from exc
    if found.version != _KEY_FILE_VERSION or len(found.profile) != _PROFILE_ID_BYTES:
        raise ProfileDamaged("the key file is of an unknown form")
    return found


def _write_key_file(
    paths: ProfilePaths,
    profile: bytes,
    key: bytes,
    keyring: SecretKeyring | None,
    passphrase: str | None,
    entropy: Entropy,
) -> None:
    secret: bytes | None = None
    if keyring is not None:
        name = _secret_name(profile)
        # One secret per profile: the old wrap must stay openable until the new one is on the disk.
        secret = keyring.read(name)
        if secret is None:
            secret = entropy.token(vault.KEYRING_SECRET_BYTES)
            keyring.write(name, secret)
    wrapped = vault.wrap(key, profile=profile, entropy=entropy, keyring_secret=secret, passphrase=passphrase)
    replace_file(paths.key, encode(_KeyFile(_KEY_FILE_VERSION, profile, wrapped)))


def _method(found: _KeyFile) -> Method:
    try:
        return vault.describe(found.wrapped)
    except DecodeError as exc:
        raise ProfileDamaged("the wrapped key is of an unknown form") from exc


def _unwrap(
    found: _KeyFile, method: Method, keyring: SecretKeyring | None, passphrase: Passphrase | None
) -> bytes:
    secret: bytes | None = None
    if keyring is not None:
        secret = keyring.read(_secret_name(found.profile))
        if secret is None:
            raise KeyringSecretMissing("the keyring has no secret for this profile")
    typed: str | None = None
    if method is not Method.KEYRING:
        typed = passphrase() if passphrase is not None else None
        if typed is None:
            raise PassphraseNeeded("this profile is opened with a passphrase")
    try:
        return vault.unwrap(found.wrapped, profile=found.profile, keyring_secret=secret, passphrase=typed)
    except DecryptionFailed as exc:
        if typed is not None:
            raise WrongPassphrase("the passphrase does not open this profile") from exc
        raise ProfileDamaged("the keyring's secret does not fit the key file") from exc


def _place(paths: ProfilePaths, profile: bytes, keyring: SecretKeyring | None) -> MarkPlace:
    if keyring is None:
        return FileMark(paths.start)
    return KeyringMark(keyring, f"start {profile.hex()}")


def _secret_name(profile: bytes) -> str:
    return f"key {profile.hex()}"
