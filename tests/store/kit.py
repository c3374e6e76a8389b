"""Rows with telling defaults, and a look into the decrypted file."""

import hashlib
import shutil
from pathlib import Path
from typing import Any, ClassVar

import apsw

from app.core.ports import BlobRow, ConversationRecord, DeliveryRecord, MessageRecord, OutboxRow
from app.store.connection import connect
from crypto.ids import BlobId, CircleId, ContentId, ConversationId, DeviceId, EnvelopeId, PersonId, SessionId

KEY = bytes(range(32))


def id32(name: object) -> bytes:
    """A 32-byte id that is the same in every run."""
    return hashlib.sha256(str(name).encode()).digest()


CIRCLE = CircleId(id32("circle"))
TALK = ConversationId(id32("talk"))
OTHER_TALK = ConversationId(id32("other talk"))
ANNA = PersonId(id32("anna")[:16])
BERND = PersonId(id32("bernd")[:16])
LAPTOP = DeviceId(id32("laptop"))
DESK = DeviceId(id32("desk"))


def content(name: object) -> ContentId:
    return ContentId(id32(("content", name)))


def message(name: object, text: str = "", order: int = 0, **fields: Any) -> MessageRecord:
    values: dict[str, Any] = {
        "message": content(name),
        "conversation": TALK,
        "order": order,
        "kind": "text",
        "author_person": ANNA,
        "author_device": LAPTOP,
        "own": True,
        "sent_ms": order,
        "received_ms": order,
        "text": text,
        "raw": b"raw:" + text.encode(),
    }
    return MessageRecord(**(values | fields))


def conversation(**fields: Any) -> ConversationRecord:
    values: dict[str, Any] = {
        "conversation": TALK,
        "circle": CIRCLE,
        "kind": "direct",
        "peer": BERND,
        "title": "",
        "created_ms": 1,
        "last_order": 0,
        "last_message": None,
        "unread": 0,
        "read_order": 0,
        "draft": "",
        "left": False,
    }
    return ConversationRecord(**(values | fields))


def delivery(name: object, device: DeviceId, person: PersonId, state: str, **fields: Any) -> DeliveryRecord:
    return DeliveryRecord(
        message=content(name), device=device, person=person, state=state, **({"at_ms": 5} | fields)
    )


def outbox(number: int, **fields: Any) -> OutboxRow:
    values: dict[str, Any] = {
        "envelope": EnvelopeId(id32(("envelope", number))[:16]),
        "content": content(number),
        "device": DESK,
        "session": SessionId(id32("session")),
        "number": number,
        "wire": b"wire%d" % number,
        "kind": "message",
        "created_ms": number,
        "tries": 0,
        "next_ms": 0,
    }
    return OutboxRow(**(values | fields))


def blob(name: object, chunks: int, **fields: Any) -> BlobRow:
    values: dict[str, Any] = {
        "blob": BlobId(id32(("blob", name))),
        "size_bytes": chunks * 262_144,
        "chunk_hashes": b"".join(id32((name, index)) for index in range(chunks)),
        "key": b"k" * 32,
        "have": 0,
        "state": "wanted",
        "created_ms": 1,
    }
    return BlobRow(**(values | fields))


def plain_bytes(database: Path, key: bytes = KEY) -> bytes:
    """All pages of a copy of the database, decrypted, free ones included. The original is not opened."""
    copy = database.with_suffix(".copy")
    shutil.copyfile(database, copy)
    connection = connect(copy, key, create=False)
    connection.pragma("journal_mode", "DELETE")
    connection.pragma("rekey", "")
    connection.close()
    data = copy.read_bytes()
    copy.unlink()
    assert data.startswith(b"SQLite format 3\x00")
    return data


def files_digest(folder: Path) -> dict[str, str]:
    """Name and SHA-256 of every file, to show that nothing was touched."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class FaultyFile(apsw.VFSFile):
    """A file whose writes and syncs first ask the file system's `before`."""

    def __init__(self, vfs: "FaultyVfs", name: Any, flags: list[int]) -> None:
        super().__init__(vfs.base_name, name, flags)
        self._vfs = vfs

    def xWrite(self, data: bytes, offset: int) -> None:
        self._vfs.before("write")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self._vfs.before("sync")
        super().xSync(flags)


class FaultyVfs(apsw.VFS):
    """The platform's file system with a hook before each write and sync. Use it by `encrypting_name`.

    The page cipher lies above it, so it sees what really goes to the disk. The cipher makes its own file system
    for each name and keeps a pointer to ours for good: so every one has a new name and is never taken down.
    """

    _all: ClassVar[list["FaultyVfs"]] = []

    def __init__(self, base: str = "unix") -> None:
        name = f"faulty{len(self._all)}"
        self._all.append(self)
        self.base_name = base
        self.encrypting_name = f"multipleciphers-{name}"
        self.calls = 0
        self.before_call: Any = None
        self.read_only = 0  # kinds of files, as SQLITE_OPEN_MAIN_DB, that cannot be written
        super().__init__(name, base)

    def before(self, what: str) -> None:
        self.calls += 1
        if self.before_call is not None:
            self.before_call(what, self.calls)

    def xOpen(self, name: Any, flags: list[int]) -> FaultyFile:
        if self.read_only & flags[0] and flags[0] & apsw.SQLITE_OPEN_READWRITE:
            raise apsw.CantOpenError("read-only file system")
        return FaultyFile(self, name, flags)
