"""Photos and files on their way (protocol section 6, 11.16): who is asked, who is served, what is checked.

Chunks are rows in the store as they travel. A fetch asks one device for the chunks that are missing, in ranges;
when that link ends, the next device that may have them is asked for the rest. Every chunk is checked against the
hash list of its message and opened with its key before it is kept.
"""

import logging
from collections import deque
from typing import Final

from app.core import conversations, limits
from app.core.content import File, Photo
from app.core.effects import SendBulk
from app.core.events import TransferProgress
from app.core.ports import BlobRow, MessageRecord
from app.core.wire import BlobAbsent, BlobStop, BlobWant, CloseCode, Range, decode_chunk, encode_chunk
from app.core.work import Fetch, Link, Work
from crypto.blob import CHUNK_BYTES, BlobOpener, blob_id_of_list
from crypto.errors import CryptoError, DecodeError
from crypto.ids import BlobId, DeviceId

log = logging.getLogger(__name__)

_HASH_BYTES: Final = 32
MAX_BAD_SOURCES: Final = 1_024


def _count(row: BlobRow) -> int:
    return len(row.chunk_hashes) // _HASH_BYTES


def done_bytes(row: BlobRow) -> int:
    """How much of a blob is here, in plain bytes."""
    return min(row.size_bytes, row.have * CHUNK_BYTES)


# --- fetching -----------------------------------------------------------------------------------------


def announced(work: Work, body: Photo | File) -> BlobId | None:
    """Note the blob that a message announces. None if its hash list, key and size do not fit each other."""
    ref = body.blob
    try:
        blob = blob_id_of_list(ref.chunk_hashes)
        BlobOpener(ref.key, ref.chunk_hashes, ref.size_bytes)
    except DecodeError:
        log.warning("a message announces an impossible blob")
        return None
    if work.tx.blobs.get(blob) is None:
        work.tx.blobs.put(
            BlobRow(
                blob=blob,
                size_bytes=ref.size_bytes,
                chunk_hashes=ref.chunk_hashes,
                key=ref.key,
                have=0,
                state="absent",
                created_ms=work.now.wall_ms,
            )
        )
    return blob


def fetch(work: Work, blob: BlobId) -> None:
    """Want this blob from now on. Raises nothing for one that is complete or gone."""
    row = work.tx.blobs.get(blob)
    if row is None or row.state == "complete":
        return
    if row.state != "wanted":
        work.tx.blobs.set_state(blob, "wanted")
        _changed(work, blob)
    _ask(work, row)


def retry(work: Work, blob: BlobId) -> None:
    """Asked for by the person: forget who did not have it."""
    for link in work.state.links.values():
        link.absent.discard(blob)
    work.state.bad_sources = {pair for pair in work.state.bad_sources if pair[1] != blob}
    fetch(work, blob)


def cancel(work: Work, blob: BlobId) -> None:
    """Stop fetching until somebody asks again; what is here stays."""
    row = work.tx.blobs.get(blob)
    if row is None or row.state != "wanted":
        return
    work.tx.blobs.set_state(blob, "paused")
    for link in work.state.links.values():
        if link.fetching.pop(blob, None) is not None:
            work.send(link, BlobStop(blob))
    _changed(work, blob)


def advance(work: Work) -> None:
    """Look for sources of everything that is wanted: a link came, a fetch ended."""
    for row in work.tx.blobs.wanted():
        _ask(work, row)


def _ask(work: Work, row: BlobRow) -> None:
    links = work.state.links.values()
    if any(row.blob in link.fetching for link in links):
        return
    messages = work.tx.history.messages_of_blob(row.blob)
    authors = {message.author_device for message in messages}
    holders = _readers(work, messages)
    sources = [
        link
        for link in links
        if link.greeted
        and link.peer in holders
        and row.blob not in link.absent
        and len(link.fetching) < limits.MAX_FETCHES_PER_LINK
        and (link.peer, row.blob) not in work.state.bad_sources
    ]
    if not sources:
        return
    ranges = _ranges(work.tx.blobs.missing(row.blob, limits.MAX_CHUNKS))
    if not ranges:
        return
    best = min(sources, key=lambda link: (link.peer not in authors, len(link.fetching), link.link))
    best.fetching[row.blob] = Fetch(work.now.mono_ms, sum(part.count for part in ranges))
    work.send(best, BlobWant(row.blob, ranges))


def _ranges(indices: list[int]) -> tuple[Range, ...]:
    """Ascending indices as ranges, as many as one frame holds; the rest is asked for later."""
    ranges: list[Range] = []
    first = previous = -2
    for index in [*indices, -1]:
        if index == previous + 1:
            previous = index
            continue
        if first >= 0:
            ranges.append(Range(first, previous - first + 1))
        first = previous = index
    return tuple(ranges[: limits.MAX_RANGES])


def on_chunk(work: Work, link: Link, payload: bytes) -> None:
    """A sealed chunk. One that does not match its hash costs the peer the link."""
    try:
        blob, index, sealed = decode_chunk(payload)
    except DecodeError:
        work.close(link, CloseCode.PROTOCOL)
        return
    row = work.tx.blobs.get(blob)
    if row is None or row.state != "wanted" or index >= _count(row):
        return  # cancelled or deleted while it was on its way
    opener = BlobOpener(row.key, row.chunk_hashes, row.size_bytes)
    if not opener.matches(index, sealed):
        log.warning("chunk %d of blob %s is not what was announced", index, blob[:4].hex())
        _bad_source(work, link, blob)
        return
    try:
        opener.open(index, sealed)
    except CryptoError:
        log.warning("blob %s does not open with its key", blob[:4].hex())
        _broken(work, blob)
        return
    if work.tx.blobs.put_chunk(blob, index, sealed):
        row = work.tx.blobs.get(blob) or row
        _progress(work, row)
    if row.have >= _count(row):
        _complete(work, blob)
        return
    active = link.fetching.get(blob)
    if active is not None:
        active.last_mono_ms = work.now.mono_ms
        active.outstanding -= 1
        if active.outstanding <= 0:
            del link.fetching[blob]
            _ask(work, row)


def _progress(work: Work, row: BlobRow) -> None:
    for message in work.tx.history.messages_of_blob(row.blob):
        work.tell(
            TransferProgress(
                conversation=message.conversation,
                message=message.message,
                done_bytes=done_bytes(row),
                size_bytes=row.size_bytes,
                outgoing=False,
            )
        )


def _complete(work: Work, blob: BlobId) -> None:
    work.tx.blobs.set_state(blob, "complete")
    for link in work.state.links.values():
        link.fetching.pop(blob, None)
    _changed(work, blob)
    advance(work)


def _bad_source(work: Work, link: Link, blob: BlobId) -> None:
    """Ask this device no more for this blob; if nobody else is left, say that it is broken."""
    if len(work.state.bad_sources) < MAX_BAD_SOURCES:
        work.state.bad_sources.add((link.peer, blob))
    work.close(link, CloseCode.PROTOCOL)
    holders = _readers(work, work.tx.history.messages_of_blob(blob))
    if all((device, blob) in work.state.bad_sources for device in holders):
        _broken(work, blob)
    else:
        advance(work)


def _broken(work: Work, blob: BlobId) -> None:
    work.tx.blobs.set_state(blob, "broken")
    for link in work.state.links.values():
        if link.fetching.pop(blob, None) is not None:
            work.send(link, BlobStop(blob))
    _changed(work, blob)


def on_absent(work: Work, link: Link, blob: BlobId) -> None:
    """The peer has no (more) chunks of it: ask the next."""
    if link.fetching.pop(blob, None) is None:
        return
    link.absent.add(blob)
    advance(work)


def unstall(work: Work) -> None:
    """A source that sends nothing for long is asked no more on this link."""
    stalled = False
    for link in work.state.links.values():
        for blob, active in list(link.fetching.items()):
            if active.last_mono_ms + limits.FETCH_STALL_MS <= work.now.mono_ms:
                del link.fetching[blob]
                link.absent.add(blob)
                work.send(link, BlobStop(blob))
                stalled = True
    if stalled:
        advance(work)


def _changed(work: Work, blob: BlobId) -> None:
    for message in work.tx.history.messages_of_blob(blob):
        work.message_changed(message.conversation, message.message)


# --- serving ------------------------------------------------------------------------------------------


def _readers(work: Work, messages: list[MessageRecord]) -> set[DeviceId]:
    """Other devices whose person reads a conversation that refers to the blob."""
    readers: set[DeviceId] = set()
    for message in messages:
        record = work.tx.history.conversation(message.conversation)
        if record is not None and message.state in ("live", "failed"):
            persons = (*conversations.members(work, record), work.person)
            readers.update(work.directory.devices_of_all(persons))
    readers.discard(work.own_id)
    return readers


def on_want(work: Work, link: Link, want: BlobWant) -> None:
    """Serve what is here, to active members of a conversation that refers to it only."""
    blob = BlobId(want.blob)
    row = work.tx.blobs.get(blob)
    allowed = row is not None and link.peer in _readers(work, work.tx.history.messages_of_blob(blob))
    full = blob not in link.serving and len(link.serving) >= limits.MAX_WANTS_PER_LINK
    if row is None or not allowed or full:
        work.send(link, BlobAbsent(blob))
        return
    missing = set(work.tx.blobs.missing(blob, limits.MAX_CHUNKS))
    asked = dict.fromkeys(
        index
        for part in want.ranges
        for index in range(part.first, min(part.first + part.count, _count(row)))
    )
    indices = [index for index in asked if index not in missing]
    if len(indices) < len(asked) or not indices:
        link.partial.add(blob)
    else:
        link.partial.discard(blob)
    link.serving[blob] = deque(indices)
    serve(work, link)


def serve(work: Work, link: Link) -> None:
    """Keep at most eight chunks on the way, the blobs in turn."""
    while link.serving and len(link.tokens) < limits.MAX_CHUNKS_IN_FLIGHT:
        blob, indices = next(iter(link.serving.items()))
        del link.serving[blob]
        if not indices:
            if blob in link.partial:
                link.partial.discard(blob)
                work.send(link, BlobAbsent(blob))
            continue
        index = indices.popleft()
        link.serving[blob] = indices  # behind the others
        sealed = work.tx.blobs.chunk(blob, index)
        if sealed is None:
            link.partial.add(blob)
            continue
        work.state.token += 1
        link.tokens[work.state.token] = (blob, index)
        work.emit(SendBulk(link=link.link, payload=encode_chunk(blob, index, sealed), token=work.state.token))


def on_sent(work: Work, link: Link, token: int) -> None:
    """The peer's transport has a chunk whole."""
    sent = link.tokens.pop(token, None)
    if sent is None:
        return
    blob, _ = sent
    row = work.tx.blobs.get(blob)
    if row is not None:
        left = len(link.serving.get(blob, ())) + sum(1 for other, _ in link.tokens.values() if other == blob)
        for message in work.tx.history.messages_of_blob(blob):
            if message.own:
                work.tell(
                    TransferProgress(
                        conversation=message.conversation,
                        message=message.message,
                        done_bytes=max(0, row.size_bytes - left * CHUNK_BYTES),
                        size_bytes=row.size_bytes,
                        outgoing=True,
                    )
                )
    serve(work, link)


def on_stop(work: Work, link: Link, blob: BlobId) -> None:
    """The peer wants no more of it."""
    link.serving.pop(blob, None)
    link.partial.discard(blob)
