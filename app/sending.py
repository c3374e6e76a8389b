"""From a chosen picture or file to a message on its way, and back out to a picture or a saved file.

Reading, decoding, sealing and hashing happen in workers; chunks are committed in groups so that messages never wait
behind them. A marker names a blob whose message is not stored yet: after a crash in between, its chunks are deleted
at the next start.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from app.core import requests, views
from app.core.admission import Attachment
from app.core.content import File, Photo, body_of, parse
from app.core.effects import Now, Outcome
from app.core.messenger import Messenger
from app.core.ports import BlobRow, Transaction
from app.failures import failure_of
from app.photo import files
from app.photo.errors import FileError, PhotoError
from app.photo.limits import MAX_INPUT_BYTES
from app.photo.prepare import prepare
from app.store.db import Store
from app.store.errors import StoreError
from crypto.blob import CHUNK_BYTES, BlobOpener, BlobSealer, blob_id, chunk_count, chunk_hash
from crypto.entropy import Entropy
from crypto.errors import CryptoError
from crypto.ids import BlobId, ContentId

log = logging.getLogger(__name__)

GROUP_CHUNKS: Final = 4
"""1 MiB a commit: messages wait for a few milliseconds at most (architecture, "fsync")."""
_MARKER: Final = "sending."
_READ_CHUNKS: Final = 32


class Runner(Protocol):
    """What sending needs of the runtime."""

    def now(self) -> Now: ...

    async def run(self, work: Callable[[Transaction], Outcome]) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """Everything of a blob, ready to be stored."""

    row: BlobRow
    chunks: tuple[bytes, ...]


class NotHere(FileError):
    """Chunks are still missing."""

    code = "not_here_yet"


class Gone(FileError):
    """The message or its photo was deleted."""

    code = "gone"


def seal_blob(data: bytes, entropy: Entropy, now_ms: int) -> SealedBlob:
    """Seal `data` under a fresh key. In a worker: about 1 GB/s."""
    key = entropy.token(32)
    sealer = BlobSealer(key)
    count = chunk_count(len(data))
    view = memoryview(data)
    chunks = tuple(
        sealer.seal(index, bytes(view[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]), index == count - 1)
        for index in range(count)
    )
    hashes = [chunk_hash(chunk) for chunk in chunks]
    row = BlobRow(
        blob=blob_id(hashes),
        size_bytes=len(data),
        chunk_hashes=b"".join(hashes),
        key=key,
        have=0,
        state="complete",
        created_ms=now_ms,
    )
    return SealedBlob(row, chunks)


class Sending:
    """Photos and files of one device. Lives on the engine's loop."""

    def __init__(
        self, *, messenger: Messenger, runner: Runner, store: Store, workers: Executor, entropy: Entropy
    ) -> None:
        self._messenger = messenger
        self._runner = runner
        self._store = store
        self._workers = workers
        self._entropy = entropy
        self._loop = asyncio.get_running_loop()

    # --- in -------------------------------------------------------------------------------------------------

    async def photo(self, request: requests.SendPhoto) -> views.AnyView:
        """Decode, strip, seal, store, send. Reply: `Sent` or `Failure`."""

        def work() -> tuple[SealedBlob, Attachment]:
            data = request.data
            if data is None:
                data = files.read_file(Path(request.path or ""), MAX_INPUT_BYTES)
            picture = prepare(data)
            sealed = seal_blob(picture.data, self._entropy, self._runner.now().wall_ms)
            return sealed, Attachment(
                conversation=request.conversation,
                blob=sealed.row.blob,
                media_type=picture.media_type,
                caption=request.caption,
                reply_to=request.reply_to,
                width_px=picture.width_px,
                height_px=picture.height_px,
                captured_ms=picture.captured_ms,
                thumbnail=picture.thumbnail,
            )

        return await self._prepare_and_send(work)

    async def file(self, request: requests.SendFile) -> views.AnyView:
        """Read, seal, store, send."""

        def work() -> tuple[SealedBlob, Attachment]:
            data = files.read_file(Path(request.path))
            sealed = seal_blob(data, self._entropy, self._runner.now().wall_ms)
            return sealed, Attachment(
                conversation=request.conversation,
                blob=sealed.row.blob,
                media_type=files.media_type(data, Path(request.path).name),
                file_name=files.display_name(Path(request.path).name),
            )

        return await self._prepare_and_send(work)

    async def _prepare_and_send(self, work: Callable[[], tuple[SealedBlob, Attachment]]) -> views.AnyView:
        try:
            sealed, attachment = await self._loop.run_in_executor(self._workers, work)
            return await self._send(sealed, attachment)
        except (FileError, PhotoError, StoreError, CryptoError) as error:
            return failure_of(error)

    async def _send(self, sealed: SealedBlob, attachment: Attachment) -> views.AnyView:
        blob, marker = sealed.row.blob, _MARKER + sealed.row.blob.hex()
        groups = range(0, len(sealed.chunks), GROUP_CHUNKS)

        def put(tx: Transaction, start: int) -> Outcome:
            if start == 0:
                tx.blobs.put(sealed.row)
                tx.values.put(marker, b"\x01")
            for index in range(start, min(start + GROUP_CHUNKS, len(sealed.chunks))):
                tx.blobs.put_chunk(blob, index, sealed.chunks[index])
            return Outcome()

        for start in groups[:-1]:
            await self._runner.run(partial(put, start=start))

        def last(tx: Transaction) -> Outcome:
            put(tx, groups[-1])
            tx.values.put(marker, None)
            outcome = self._messenger.attach(tx, self._runner.now(), attachment)
            if isinstance(outcome.reply, views.Failure):
                tx.blobs.queue_deletion(blob)
            return outcome

        outcome = await self._runner.run(last)
        return outcome.reply or views.Failure(code="internal")

    @staticmethod
    def clean_up(tx: Transaction) -> Outcome:
        """At start: chunks of messages that were never stored."""
        for marker in tx.values.all(_MARKER):
            tx.blobs.queue_deletion(BlobId(bytes.fromhex(marker.removeprefix(_MARKER))))
            tx.values.put(marker, None)
        return Outcome()

    # --- out ------------------------------------------------------------------------------------------------

    async def load(self, request: requests.LoadPhoto) -> views.AnyView:
        """The decrypted picture. Reply: `PhotoData` or `Failure`."""
        return await self._read(request.message, self._photo_data)

    async def save(self, request: requests.SaveFile) -> views.AnyView:
        """Write it out of the encrypted store. Reply: `Saved` or `Failure`."""

        def write(message: ContentId, data: bytes, media_type: str) -> views.AnyView:
            return views.Saved(path=str(files.save_new(Path(request.path), data)))

        return await self._read(request.message, write)

    @staticmethod
    def _photo_data(message: ContentId, data: bytes, media_type: str) -> views.AnyView:
        return views.PhotoData(message=message, data=data, media_type=media_type)

    async def _read(
        self, message: ContentId, use: Callable[[ContentId, bytes, str], views.AnyView]
    ) -> views.AnyView:
        def work() -> views.AnyView:
            data, media_type = self._plain(message)
            return use(message, data, media_type)

        try:
            return await self._loop.run_in_executor(self._workers, work)
        except (FileError, StoreError, CryptoError) as error:
            return failure_of(error)

    def _plain(self, message: ContentId) -> tuple[bytes, str]:
        """In a worker, in short snapshots, so that the write-ahead log can shrink meanwhile."""
        with self._store.read() as tx:
            record = tx.history.message(message)
            row = tx.blobs.get(record.blob) if record is not None and record.blob is not None else None
        if record is None or row is None:
            raise Gone
        media_type = media_type_of(record.raw)
        opener = BlobOpener(row.key, row.chunk_hashes, row.size_bytes)
        parts: list[bytes] = []
        for start in range(0, opener.count, _READ_CHUNKS):
            with self._store.read() as tx:
                for index in range(start, min(start + _READ_CHUNKS, opener.count)):
                    sealed = tx.blobs.chunk(row.blob, index)
                    if sealed is None:
                        raise NotHere
                    parts.append(opener.open(index, sealed))
        return b"".join(parts), media_type


def media_type_of(raw: bytes) -> str:
    """The media type that a photo or file content states; unknown is opaque bytes."""
    body = body_of(parse(raw))
    return body.media_type if isinstance(body, Photo | File) else "application/octet-stream"
