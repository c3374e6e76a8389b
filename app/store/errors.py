"""Everything the store and the profile refuse, one tree. SQLite's errors are translated here.

Every class stands for one sentence a user can act on; `app/ui/error_text.py` has the sentences. The text
of an exception holds no content: only what kind of thing went wrong, and numbers.
"""

import apsw


class StoreError(Exception):
    """The store refused or failed. The open transaction, if any, was rolled back."""


# --- opening ------------------------------------------------------------------------------------------


class NoSuchStore(StoreError):
    """There is no database file where one is expected."""


class NotADatabase(StoreError):
    """The file is something else altogether. It was not touched."""


class ForeignFile(StoreError):
    """A database, but of another program or not encrypted. It was not touched."""


class WrongKey(StoreError):
    """The key does not open this database. It was not touched."""


class TooNew(StoreError):
    """Written by a newer version of the program. It was not touched."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"schema {found}, this version knows up to {known}")
        self.found = found
        self.known = known


class Damaged(StoreError):
    """The file is cut off, or a page does not carry its authentication tag any more."""


class ReadOnlyStore(StoreError):
    """The file or its folder cannot be written."""


class StoreBusy(StoreError):
    """Another program holds the database."""


# --- using --------------------------------------------------------------------------------------------


class DiskFull(StoreError):
    """No room left; nothing of the transaction was kept."""


class DiskTrouble(StoreError):
    """The operating system failed to read or write."""


class StoreClosed(StoreError):
    """Used after close, or outside of its transaction."""


class ReadTooLong(StoreError):
    """A reader held its snapshot longer than allowed; it would let the write-ahead log grow."""


class RowRefused(StoreError):
    """A value that the schema does not take (wrong length, unknown state)."""


# --- profile and keys -----------------------------------------------------------------------------------


class ProfileError(StoreError):
    """Base of what can be wrong with a profile directory or its keys."""


class ProfileBusy(ProfileError):
    """Another running instance holds this profile."""


class ProfileMissing(ProfileError):
    """There is no profile in this directory."""


class ProfileExists(ProfileError):
    """There is a profile in this directory already."""


class ProfileDamaged(ProfileError):
    """A file of the profile is missing, cut off, or does not belong to it."""


class ProfileUnusable(ProfileError):
    """The directory cannot be made or written, or belongs to somebody else."""


class PassphraseNeeded(ProfileError):
    """This profile is opened with a passphrase and none was given."""


class WrongPassphrase(ProfileError):
    """The passphrase does not open this profile."""


class PassphraseTooShort(ProfileError):
    """A new passphrase that is to stand alone must have at least `min_chars` characters."""

    def __init__(self, min_chars: int) -> None:
        super().__init__(f"at least {min_chars} characters")
        self.min_chars = min_chars


class PassphraseTooLong(ProfileError):
    """A new passphrase may have at most `max_chars` characters."""

    def __init__(self, max_chars: int) -> None:
        super().__init__(f"at most {max_chars} characters")
        self.max_chars = max_chars


class KeyringUnavailable(ProfileError):
    """The platform has no usable keyring, or it did not answer in time, or access was denied."""


class KeyringSecretMissing(ProfileError):
    """The keyring works but lacks the secret of this profile (it came from another machine or user)."""


_CLASSES: tuple[tuple[type[apsw.Error], type[StoreError]], ...] = (
    (apsw.FullError, DiskFull),
    (apsw.ReadOnlyError, ReadOnlyStore),
    (apsw.PermissionsError, ReadOnlyStore),
    (apsw.BusyError, StoreBusy),
    (apsw.LockedError, StoreBusy),
    (apsw.CorruptError, Damaged),
    (apsw.NotADBError, Damaged),
    (apsw.InterruptError, ReadTooLong),
    (apsw.ConstraintError, RowRefused),
    (apsw.ConnectionClosedError, StoreClosed),
    (apsw.CantOpenError, DiskTrouble),
    (apsw.IOError, DiskTrouble),
)


def translate(error: apsw.Error) -> StoreError:
    """The store's error for one of SQLite's. A bug (bad SQL, misuse) is not in the tree: it is raised again.

    The text of SQLite's error stays in `__cause__` and is not repeated: it may hold values.
    """
    for theirs, ours in _CLASSES:
        if isinstance(error, theirs):
            return ours(f"SQLite result {getattr(error, 'extendedresult', 'unknown')}")
    raise error
