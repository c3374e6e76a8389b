"""Bringing statements to others: what I have, what I want, what you lack (protocol sections 7, 11.3, 11.11).

Two devices exchange `summary`. Who finds `unknown` hashes in it asks; who is asked answers with `give`, in causal
order, at most 256 KiB at a time, until nothing is left. Statements without effect that nothing builds on are not
passed on. A receiver stops asking when an answer brought nothing new.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from app.core.circle.dag import bits
from app.core.circle.log import ChainLog
from app.core.ports import Opening, Statements
from crypto.ids import StatementHash

MAX_BATCH_BYTES: Final = 256 << 10
MAX_SUMMARY: Final = 64
"""Hashes in a summary."""
MAX_BATCH_STATEMENTS: Final = 64
_HASH_LENGTH: Final = b"\x20"


class Batch(msgspec.Struct, frozen=True):
    """Statements in causal order. `more`: ask again with the new state."""

    wires: tuple[bytes, ...]
    hashes: tuple[StatementHash, ...]
    more: bool


def summary(log: ChainLog) -> tuple[StatementHash, ...]:
    """Sorted: the newest heads, and ancestors at doubling distances, so that the other side finds what we share."""
    heads = sorted(log.head_indices, key=log.dag.order.__getitem__, reverse=True)[: MAX_SUMMARY // 2]
    line = _visible(log)
    newest_first = list(bits(line))[::-1]
    steps = [newest_first[at] for at in _doubling(len(newest_first))]
    chosen = dict.fromkeys([*heads, *steps])
    return tuple(sorted(log.dag.hash(index) for index in list(chosen)[:MAX_SUMMARY]))


def _doubling(length: int) -> Iterable[int]:
    at, step = 0, 1
    while at < length:
        yield at
        at, step = at + step, step * 2
    if length:
        yield length - 1


def unknown(log: ChainLog, hashes: Iterable[bytes]) -> list[StatementHash]:
    """Which of a peer's hashes are not stored here, sorted: it has statements that we lack, or they are withheld."""
    return [StatementHash(hash) for hash in sorted(set(hashes)) if not log.has(hash)]


def give(
    log: ChainLog,
    have: Iterable[bytes],
    *,
    want: Iterable[bytes] | None = None,
    max_bytes: int = MAX_BATCH_BYTES,
    max_statements: int = MAX_BATCH_STATEMENTS,
) -> Batch:
    """What a peer with `have` (its heads, or its `summary`; unknown ones are ignored) lacks.

    `want`: only these and what leads to them; None: everything in effect.
    """
    known = log.dag.closure(log.dag.index[hash] for hash in have if hash in log.dag.index)
    if want is None:
        wanted = _visible(log)
    else:
        wanted = log.dag.closure(log.dag.index[hash] for hash in want if hash in log.dag.index)
    return _batch(log, wanted & ~known, max_bytes, max_statements)


def path_to(log: ChainLog, target: bytes, known: Iterable[bytes], max_bytes: int = MAX_BATCH_BYTES) -> Batch:
    """What leads from statements known to the other side to `target` (11.3): a device to its `admit`, an
    acceptor to its caller's `revoke`. Empty if `target` is not here."""
    return give(log, known, want=[target], max_bytes=max_bytes, max_statements=len(log))


def openings_of(log: ChainLog, statements: Statements) -> list[Opening]:
    """All openings that are in use and here: for a newcomer."""
    return list(statements.openings(sorted(log.commitments())).values())


def openings_for(log: ChainLog, statements: Statements, hashes: Iterable[bytes]) -> list[Opening]:
    """Openings of values that these statements commit to, as far as they are in use and here."""
    named = {
        opening.commitment: opening
        for found in openings_by(log, statements, hashes).values()
        for opening in found
    }
    return [named[commitment] for commitment in sorted(named)]


def openings_by(
    log: ChainLog, statements: Statements, hashes: Iterable[bytes]
) -> dict[bytes, tuple[Opening, ...]]:
    """`openings_for`, by statement; those that name nothing are left out."""
    used = log.commitments()
    named: dict[bytes, list[bytes]] = {}
    for hash in hashes:
        found = _named_in(log.dag.statements[log.dag.index[hash]].statement.body, used)
        if found:
            named[hash] = found
    here = statements.openings(sorted({one for found in named.values() for one in found}))
    parts = {hash: tuple(here[one] for one in found if one in here) for hash, found in named.items()}
    return {hash: found for hash, found in parts.items() if found}


def _named_in(body: bytes, used: set[bytes]) -> list[bytes]:
    """Commitments in a body, whatever its kind. MessagePack's last byte before 32 bytes is their number."""
    found = []
    at = body.find(_HASH_LENGTH)
    while at >= 0:
        value = body[at + 1 : at + 33]
        if value in used:
            found.append(value)
        at = body.find(_HASH_LENGTH, at + 1)
    return found


def missing_openings(log: ChainLog, statements: Statements) -> list[bytes]:
    """Commitments in use whose value is not known here (or was deleted), sorted."""
    used = log.commitments()
    return sorted(used - statements.openings(sorted(used)).keys())


def _visible(log: ChainLog) -> int:
    return log.dag.closure(log.head_indices)


def _batch(log: ChainLog, mask: int, max_bytes: int, max_statements: int) -> Batch:
    wires: list[bytes] = []
    hashes: list[StatementHash] = []
    size = 0
    for index in bits(mask):
        signed = log.dag.statements[index]
        wire = signed.wire
        if size + len(wire) > max_bytes or len(wires) >= max_statements:
            return Batch(tuple(wires), tuple(hashes), True)
        wires.append(wire)
        hashes.append(signed.hash)
        size += len(wire)
    return Batch(tuple(wires), tuple(hashes), False)
