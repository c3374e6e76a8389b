"""Profiles: lock, wrapped key, passphrase and keyring routes, and the start mark (protocol 11.20, attack 46)."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app import profile as profile_module
from app.keyring_adapter import SecretKeyring
from app.profile import (
    Profile,
    check_new_passphrase,
    needed_to_open,
    passphrase_from_descriptor,
    passphrase_from_environment,
)
from app.store.errors import (
    Damaged,
    KeyringSecretMissing,
    KeyringUnavailable,
    NoSuchStore,
    PassphraseNeeded,
    PassphraseTooLong,
    PassphraseTooShort,
    ProfileBusy,
    ProfileDamaged,
    ProfileExists,
    ProfileMissing,
    ProfileUnusable,
    TooNew,
    WrongPassphrase,
)
from crypto.vault import Method
from tests.store.kit import content, files_digest, message

PHRASE = "Vier kleine Wörter"


class MemoryKeyring:
    """A keyring that lives as long as the test."""

    def __init__(self) -> None:
        self.secrets: dict[str, bytes] = {}
        self.fail_on: str | None = None

    def read(self, name: str) -> bytes | None:
        return self.secrets.get(name)

    def write(self, name: str, secret: bytes) -> None:
        if self.fail_on is not None and name.startswith(self.fail_on):
            raise KeyringUnavailable("locked")
        self.secrets[name] = secret

    def delete(self, name: str) -> None:
        self.secrets.pop(name, None)


def no_keyring() -> SecretKeyring:
    raise KeyringUnavailable("none here")


@pytest.fixture(autouse=True)
def quick_argon2id(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real memory and passes have their own test; here only the flow counts."""
    monkeypatch.setattr("crypto.kdf.ARGON2_MEMORY_KIB", 64)
    monkeypatch.setattr("crypto.kdf.ARGON2_PASSES", 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


def use_once(folder: Path, keyring: MemoryKeyring, text: str = "") -> None:
    opened = Profile.open(folder, find_keyring=lambda: keyring)
    assert opened.start_mismatch is None
    if text:
        with opened.store.write() as tx:
            tx.history.add_message(message(text, text))
    opened.close()


# --- making and opening -----------------------------------------------------------------------------------


def test_a_keyring_profile_opens_without_asking(folder: Path, keyring: MemoryKeyring) -> None:
    assert needed_to_open(folder) is None
    made = Profile.create(folder, keyring=keyring)
    with made.store.write() as tx:
        tx.history.add_message(message(1, "Guten Morgen"))
    made.close()
    assert needed_to_open(folder) is Method.KEYRING
    opened = Profile.open(folder, find_keyring=lambda: keyring)
    with opened.store.read() as tx:
        assert tx.history.has_message(content(1))
    assert opened.profile == made.profile
    opened.close()


def test_a_passphrase_profile(folder: Path) -> None:
    Profile.create(folder, passphrase=PHRASE).close()
    assert needed_to_open(folder) is Method.PASSPHRASE
    Profile.open(folder, find_keyring=no_keyring, passphrase=lambda: PHRASE).close()
    before = files_digest(folder)
    with pytest.raises(WrongPassphrase):
        Profile.open(folder, find_keyring=no_keyring, passphrase=lambda: "Vier grosse Wörter")
    with pytest.raises(PassphraseNeeded):
        Profile.open(folder, find_keyring=no_keyring, passphrase=lambda: None)
    with pytest.raises(PassphraseNeeded):
        Profile.open(folder, find_keyring=no_keyring)
    assert files_digest(folder) == before


def test_an_umlaut_typed_on_another_system_is_the_same(folder: Path) -> None:
    Profile.create(folder, passphrase="Wo\u0308rterbuch").close()
    Profile.open(folder, passphrase=lambda: "W\u00f6rterbuch").close()


def test_a_profile_with_both_needs_both(folder: Path, keyring: MemoryKeyring) -> None:
    Profile.create(folder, keyring=keyring, passphrase=PHRASE).close()
    assert needed_to_open(folder) is Method.BOTH
    with pytest.raises(KeyringUnavailable):
        Profile.open(folder, find_keyring=no_keyring, passphrase=lambda: PHRASE)
    with pytest.raises(PassphraseNeeded):
        Profile.open(folder, find_keyring=lambda: keyring)
    Profile.open(folder, find_keyring=lambda: keyring, passphrase=lambda: PHRASE).close()


def test_neither_keyring_nor_passphrase_is_no_profile(folder: Path) -> None:
    with pytest.raises(PassphraseNeeded):
        Profile.create(folder)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("passphrase", "min_chars"), [("", 1), ("1234567", 16), ("123456789", 16), ("kurz", 8), ("7 Zeich", 8)]
)
def test_a_weak_passphrase_does_not_stand_alone(folder: Path, passphrase: str, min_chars: int) -> None:
    """A PIN is never the sole wrap (protocol 11.20)."""
    with pytest.raises(PassphraseTooShort) as caught:
        Profile.create(folder, passphrase=passphrase)
    assert caught.value.min_chars == min_chars
    assert not folder.exists()
    check_new_passphrase("8 Zeiche")


def test_a_passphrase_has_an_upper_bound(folder: Path) -> None:
    with pytest.raises(PassphraseTooLong):
        Profile.create(folder, passphrase="x" * 1025)
    assert not folder.exists()


def test_a_pin_beside_the_keyring_is_enough(folder: Path, keyring: MemoryKeyring) -> None:
    Profile.create(folder, keyring=keyring, passphrase="4711").close()
    Profile.open(folder, find_keyring=lambda: keyring, passphrase=lambda: "4711").close()
    for wrong in ("4712", "", "x" * 5000):
        with pytest.raises(WrongPassphrase):
            Profile.open(folder, find_keyring=lambda: keyring, passphrase=lambda typed=wrong: typed)


def test_a_second_profile_is_not_made_over_the_first(folder: Path, keyring: MemoryKeyring) -> None:
    Profile.create(folder, keyring=keyring).close()
    before = files_digest(folder)
    with pytest.raises(ProfileExists):
        Profile.create(folder, keyring=keyring)
    assert files_digest(folder) == before


def test_an_empty_or_missing_folder_is_no_profile(folder: Path) -> None:
    with pytest.raises(ProfileMissing):
        Profile.open(folder)
    assert not folder.exists()
    folder.mkdir()
    with pytest.raises(ProfileMissing):
        Profile.open(folder)
    assert list(folder.iterdir()) == []


def test_another_users_keyring_lacks_the_secret(folder: Path, keyring: MemoryKeyring) -> None:
    Profile.create(folder, keyring=keyring).close()
    with pytest.raises(KeyringSecretMissing):
        Profile.open(folder, find_keyring=MemoryKeyring)


def test_a_keyring_with_another_secret_does_not_fit(folder: Path, keyring: MemoryKeyring) -> None:
    Profile.create(folder, keyring=keyring).close()
    name = next(name for name in keyring.secrets if name.startswith("key "))
    keyring.secrets[name] = bytes(32)
    with pytest.raises(ProfileDamaged):
        Profile.open(folder, find_keyring=lambda: keyring)


def test_secrets_do_not_show(folder: Path, keyring: MemoryKeyring) -> None:
    made = Profile.create(folder, keyring=keyring)
    for secret in (made._key, *keyring.secrets.values()):
        assert secret.hex() not in repr(made)
        assert secret not in (folder / "profile.key").read_bytes()
    made.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")
def test_only_the_owner_can_look_inside(folder: Path, keyring: MemoryKeyring) -> None:
    folder.mkdir(mode=0o755)
    made = Profile.create(folder, keyring=keyring)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    made.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")
def test_a_folder_of_somebody_else_is_refused(
    folder: Path, keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(ProfileUnusable):
        Profile.create(folder, keyring=keyring)


def test_a_file_where_the_folder_should_be(tmp_path: Path, keyring: MemoryKeyring) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(ProfileUnusable):
        Profile.create(tmp_path / "file" / "profile", keyring=keyring)


# --- damage -------------------------------------------------------------------------------------------------


def test_a_missing_key_file_is_damage_not_a_new_profile(folder: Path, keyring: MemoryKeyring) -> None:
    Profile.create(folder, keyring=keyring).close()
    (folder / "profile.key").unlink()
    before = files_digest(folder)
    with pytest.raises(ProfileDamaged):
        Profile.open(folder, find_keyring=lambda: keyring)
    with pytest.raises(ProfileDamaged):
        Profile.create(folder, keyring=keyring)
    assert files_digest(folder) == before


@pytest.mark.parametrize("data", [b"", b"\x93", b"x" * 5000, bytes(200)])
def test_a_broken_key_file(folder: Path, keyring: MemoryKeyring, data: bytes) -> None:
    Profile.create(folder, keyring=keyring).close()
    (folder / "profile.key").write_bytes(data)
    with pytest.raises(ProfileDamaged):
        Profile.open(folder, find_keyring=lambda: keyring)
    with pytest.raises(ProfileDamaged):
        needed_to_open(folder)


def test_every_flipped_byte_of_the_key_file_is_refused(folder: Path, keyring: MemoryKeyring) -> None:
    Profile.create(folder, keyring=keyring).close()
    good = (folder / "profile.key").read_bytes()
    for at in range(len(good)):
        bad = bytearray(good)
        bad[at] ^= 1
        (folder / "profile.key").write_bytes(bad)
        with pytest.raises((ProfileDamaged, KeyringSecretMissing, PassphraseNeeded)):
            Profile.open(folder, find_keyring=lambda: keyring)
    (folder / "profile.key").write_bytes(good)
    use_once(folder, keyring)


def test_a_key_file_of_another_profile_does_not_open_this_one(tmp_path: Path, keyring: MemoryKeyring) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    Profile.create(one, keyring=keyring).close()
    Profile.create(two, keyring=keyring).close()
    shutil.copyfile(one / "profile.key", two / "profile.key")
    with pytest.raises(Damaged):
        Profile.open(two, find_keyring=lambda: keyring)


def test_a_missing_database_is_not_silently_made_anew(folder: Path, keyring: MemoryKeyring) -> None:
    Profile.create(folder, keyring=keyring).close()
    (folder / "praxisfunk.db").unlink()
    with pytest.raises(NoSuchStore):
        Profile.open(folder, find_keyring=lambda: keyring)
    (folder / "praxisfunk.db").write_bytes(b"")
    with pytest.raises(NoSuchStore):
        Profile.open(folder, find_keyring=lambda: keyring)


def test_a_newer_database_lets_go_of_the_lock(folder: Path, keyring: MemoryKeyring) -> None:
    made = Profile.create(folder, keyring=keyring)
    made.store._writer.raw.pragma("user_version", 999)  # type: ignore[union-attr]
    made.close()
    for _ in range(2):
        with pytest.raises(TooNew):
            Profile.open(folder, find_keyring=lambda: keyring)


@pytest.mark.parametrize("step", ["key file", "database", "mark"])
def test_an_interrupted_creation_is_finished_by_the_next_start(
    folder: Path, keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: object, **_fields: object) -> None:
        raise Killed

    target = {"key file": "make_private_file", "database": "check_start", "mark": "note_start"}[step]
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(profile_module, target, die)
        Profile.create(folder, keyring=keyring)
    use_once(folder, keyring, "text")
    use_once(folder, keyring)


# --- second instance ------------------------------------------------------------------------------------------


def test_a_second_instance_is_noticed_before_the_database(folder: Path, keyring: MemoryKeyring) -> None:
    made = Profile.create(folder, keyring=keyring)
    before = files_digest(folder)

    def never() -> SecretKeyring:
        raise AssertionError("must not come this far")

    with pytest.raises(ProfileBusy):
        Profile.open(folder, find_keyring=never)
    with pytest.raises(ProfileBusy):
        Profile.create(folder, keyring=keyring)
    assert files_digest(folder) == before
    made.close()
    made.close()
    use_once(folder, keyring)


def test_a_second_process_is_noticed_and_a_killed_one_leaves_no_lock(folder: Path) -> None:
    Profile.create(folder, passphrase=PHRASE).close()
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.private_files import InstanceLock\n"
        "lock = InstanceLock(Path(sys.argv[1]))\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder / "profile.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(ProfileBusy):
            Profile.open(folder, passphrase=lambda: PHRASE)
        child.kill()
    Profile.open(folder, passphrase=lambda: PHRASE).close()


# --- start mark -------------------------------------------------------------------------------------------------


@pytest.mark.expect_log("start mark mismatch")
@pytest.mark.parametrize("with_keyring", [True, False])
def test_an_older_database_put_back_is_noticed(
    folder: Path, keyring: MemoryKeyring, tmp_path: Path, with_keyring: bool
) -> None:
    def start() -> Profile:
        return Profile.open(folder, find_keyring=lambda: keyring, passphrase=lambda: PHRASE)

    Profile.create(
        folder, keyring=keyring if with_keyring else None, passphrase=None if with_keyring else PHRASE
    ).close()
    copy = tmp_path / "copy.db"
    shutil.copyfile(folder / "praxisfunk.db", copy)
    start().close()
    shutil.copyfile(copy, folder / "praxisfunk.db")
    for _ in range(2):
        found = start()
        assert found.start_mismatch is not None
        assert (found.start_mismatch.database_starts, found.start_mismatch.marked_starts) == (1, 2)
        found.close()
    found = start()
    found.accept_start()
    assert found.start_mismatch is None
    found.close()
    found = start()
    assert found.start_mismatch is None
    found.close()


@pytest.mark.expect_log("start mark mismatch")
def test_two_clones_started_equally_often_are_told_apart(folder: Path, keyring: MemoryKeyring) -> None:
    Profile.create(folder, keyring=keyring).close()
    clone, clone_keyring = folder.with_name("clone"), MemoryKeyring()
    shutil.copytree(folder, clone)
    clone_keyring.secrets = dict(keyring.secrets)
    use_once(folder, keyring)
    use_once(clone, clone_keyring)
    shutil.copyfile(clone / "praxisfunk.db", folder / "praxisfunk.db")
    found = Profile.open(folder, find_keyring=lambda: keyring)
    assert found.start_mismatch is not None
    assert found.start_mismatch.database_starts == found.start_mismatch.marked_starts == 2
    found.close()


@pytest.mark.expect_log("start mark mismatch")
def test_a_lost_mark_is_a_mismatch(folder: Path) -> None:
    Profile.create(folder, passphrase=PHRASE).close()
    (folder / "profile.start").unlink()
    found = Profile.open(folder, passphrase=lambda: PHRASE)
    assert found.start_mismatch is not None
    assert found.start_mismatch.marked_starts is None
    found.close()


def test_a_crash_between_the_two_marks_is_no_mismatch(folder: Path, keyring: MemoryKeyring) -> None:
    """Before the second place was written: the keyring refuses. After it: the last database write is undone."""
    Profile.create(folder, keyring=keyring).close()
    keyring.fail_on = "start"
    with pytest.raises(KeyringUnavailable):
        Profile.open(folder, find_keyring=lambda: keyring)
    keyring.fail_on = None
    copy: list[bytes] = []
    keep = keyring.write

    def keep_database(name: str, secret: bytes) -> None:
        keep(name, secret)
        copy.append((folder / "praxisfunk.db").read_bytes())
        copy.append((folder / "praxisfunk.db-wal").read_bytes())

    keyring.write = keep_database  # type: ignore[method-assign]
    use_once(folder, keyring)
    keyring.write = keep  # type: ignore[method-assign]
    (folder / "praxisfunk.db").write_bytes(copy[0])
    (folder / "praxisfunk.db-wal").write_bytes(copy[1])
    use_once(folder, keyring)


# --- changing the protection ---------------------------------------------------------------------------------------


def test_from_keyring_to_passphrase_and_back(folder: Path, keyring: MemoryKeyring) -> None:
    made = Profile.create(folder, keyring=keyring)
    made.change_protection(keyring=None, passphrase=PHRASE)
    made.close()
    assert needed_to_open(folder) is Method.PASSPHRASE
    opened = Profile.open(folder, find_keyring=no_keyring, passphrase=lambda: PHRASE)
    assert opened.start_mismatch is None
    with pytest.raises(PassphraseNeeded):
        opened.change_protection(keyring=None, passphrase=None)
    opened.change_protection(keyring=keyring, passphrase=None)
    opened.close()
    use_once(folder, keyring)
    assert not (folder / "profile.start").exists()


# --- where a passphrase comes from ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "passphrase"),
    [
        (PHRASE.encode(), PHRASE),
        (PHRASE.encode() + b"\n", PHRASE),
        (PHRASE.encode() + b"\r\nmore", PHRASE),
        (b"  spaces stay  \n", "  spaces stay  "),
        (b"", None),
        (b"\n", None),
        (b"\xff\xfe\n", None),
    ],
)
def test_a_passphrase_from_a_descriptor(data: bytes, passphrase: str | None) -> None:
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    assert passphrase_from_descriptor(reading) == passphrase
    if passphrase is not None:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(reading)


def test_a_passphrase_from_the_environment_is_taken_out_of_it() -> None:
    environment = {"PRAXISFUNK_PASSPHRASE": PHRASE}
    assert passphrase_from_environment(environment) == PHRASE
    assert environment == {}
    assert passphrase_from_environment(environment) is None
    assert passphrase_from_environment({"PRAXISFUNK_PASSPHRASE": ""}) is None
