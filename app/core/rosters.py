"""Roster statements on their way (protocol sections 1, 7, 10.2, 11.3, 11.11, 11.12).

Heads tell where a device stands; who sees an unknown one asks for what leads to it. Only circles in which the
peer is active are ever named. A device that is unknown or revoked here may only use the roster link: it gives
what shows its admission, we may answer with its revocation.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Final

from app.core import limits
from app.core.circle.circle_log import CircleLog
from app.core.circle.dag import bits
from app.core.circle.gossip import openings_by, summary
from app.core.circle.log import Outcome as Taken
from app.core.effects import Want
from app.core.ports import Opening
from app.core.wire import (
    AnyFrame,
    CircleHeads,
    CloseCode,
    Goodbye,
    OpeningPart,
    RosterGive,
    RosterHeads,
    RosterWant,
)
from app.core.work import Link, Work
from crypto.ids import CircleId, DeviceId
from crypto.statement import commitment
from transport.base import ALPN_ROSTER
from transport.events import LinkUp, PeerId

log = logging.getLogger(__name__)

NO_EPOCH = bytes(32)


# --- questions ----------------------------------------------------------------------------------------


def devices_of(work: Work, circle: CircleId) -> list[DeviceId]:
    """Active devices of a circle."""
    roster = work.cache.circles[circle].roster
    return [device.device for device in roster.devices.values() if device.is_active and device.persons]


def shared_circles(work: Work, peer: DeviceId) -> list[CircleId]:
    """Circles in which both we and the peer are active."""
    return [
        circle
        for circle, one in work.cache.circles.items()
        if one.roster.is_active(peer) and one.roster.is_active(work.own_id)
    ]


def shared_devices(work: Work, peer: DeviceId) -> set[DeviceId]:
    """Active devices of those circles, without the two of us."""
    found = {device for circle in shared_circles(work, peer) for device in devices_of(work, circle)}
    return found - {peer, work.own_id}


def secret_epochs(work: Work, circle: CircleId) -> Mapping[bytes, tuple[int, bytes]]:
    """Epoch -> (lamport, commitment)."""
    one = work.cache.circles.get(circle)
    if one is None:
        return {}
    return {epoch.epoch: (epoch.lamport, epoch.commitment) for epoch in one.roster.epochs}


def _heads(work: Work, circle: CircleId) -> CircleHeads:
    rows = work.tx.secrets.all(circle)
    heads = work.cache.circles[circle].heads[: limits.MAX_HEADS]
    return CircleHeads(circle, heads, rows[0].epoch if rows else NO_EPOCH)


def heads_for(work: Work, peer: DeviceId) -> tuple[CircleHeads, ...]:
    """For the hello."""
    return tuple(_heads(work, circle) for circle in shared_circles(work, peer)[: limits.MAX_CIRCLES])


# --- main links ---------------------------------------------------------------------------------------


def tell_heads(work: Work, circle: CircleId, but: Link | None = None) -> None:
    """Our roster moved: everybody linked may want what moved it."""
    for link in list(work.state.links.values()):
        if link.greeted and link is not but and work.cache.circles[circle].roster.is_active(link.peer):
            work.send(link, RosterHeads(_heads(work, circle)))


def on_heads(work: Work, link: Link, heads: CircleHeads) -> None:
    """Ask for what is unknown here."""
    circle = CircleId(heads.circle)
    if circle in shared_circles(work, link.peer):
        ask(work, link, circle, heads.heads)


def ask(work: Work, link: Link, circle: CircleId, heads: Iterable[bytes]) -> None:
    """Ask a peer for what leads to these heads, and for what others build on; each once per link and hour."""
    one = work.cache.circles[circle]
    wanted = [hash for hash in (*heads, *one.missing()) if not one.has(hash) and hash not in link.asked_heads]
    if wanted:
        wanted = wanted[: limits.MAX_HEADS]
        if len(link.asked_heads) < limits.MAX_BUNDLE_HEADS:
            link.asked_heads.update(wanted)
        work.send(link, RosterWant(circle, tuple(wanted), summary(one)))


def on_want(work: Work, link: Link, want: RosterWant) -> None:
    """Give what leads to the heads asked for."""
    circle = CircleId(want.circle)
    if circle not in shared_circles(work, link.peer):
        return
    one = work.cache.circles[circle]
    index = one.dag.index
    wanted = one.dag.closure(index[hash] for hash in want.want if hash in index)
    known = one.dag.closure(index[hash] for hash in want.have if hash in index)
    for frame in gives(work, one, wanted & ~known):
        work.send(link, frame)


def gives(
    work: Work, one: CircleLog, mask: int, max_bytes: int | None = None, *, named: bool = True
) -> list[RosterGive]:
    """Frames with these statements in causal order and, if `named`, the openings that belong to them.

    Each is at most `MAX_GIVE_BYTES` encoded, all together `max_bytes`: beyond it the oldest are left out.
    """
    hashes = [one.dag.hash(index) for index in sorted(bits(mask), reverse=True)]
    openings = openings_by(one, work.tx.statements, hashes) if named else {}
    packs: list[_Pack] = []  # both the packs and what is in them from the newest to the oldest
    total = 0
    for hash in hashes:
        wire = one.dag.statements[one.dag.index[hash]].wire
        parts = [
            OpeningPart(opening.salt, opening.value)
            for opening in openings.get(hash, ())
            if len(opening.value) <= limits.MAX_OPENING_CHARS
        ]
        size = _STATEMENT_BYTES + len(wire) + sum(_OPENING_BYTES + len(part.value.encode()) for part in parts)
        fits = bool(packs) and packs[-1].has_room(size, len(parts))
        total += size if fits else size + _GIVE_BYTES
        if max_bytes is not None and total > max_bytes:
            break
        if not fits:
            packs.append(_Pack())
        packs[-1].add(wire, parts, size)
    return [pack.frame(one.circle) for pack in reversed(packs)]


# What MessagePack adds at most: to a frame, to a statement, and to the text of an opening (with its salt).
_GIVE_BYTES: Final = 48
_STATEMENT_BYTES: Final = 5
_OPENING_BYTES: Final = 24


class _Pack:
    """A `RosterGive` being filled from the newest statement backwards."""

    def __init__(self) -> None:
        self._wires: list[bytes] = []
        self._parts: list[OpeningPart] = []
        self._size = _GIVE_BYTES

    def has_room(self, size: int, parts: int) -> bool:
        """Whether a further statement with so many openings still fits."""
        return (
            self._size + size <= limits.MAX_GIVE_BYTES
            and len(self._wires) < limits.MAX_GIVE_STATEMENTS
            and len(self._parts) + parts <= limits.MAX_OPENINGS
        )

    def add(self, wire: bytes, parts: list[OpeningPart], size: int) -> None:
        self._wires.append(wire)
        self._parts += parts
        self._size += size

    def frame(self, circle: CircleId) -> RosterGive:
        """In causal order."""
        return RosterGive(circle, tuple(reversed(self._wires)), tuple(self._parts))


def _give_on_roster_link(
    work: Work, link: Link, circles: Iterable[tuple[CircleLog, bytes]], *, named: bool
) -> None:
    """Show the way to one statement of each circle, within what the other side takes on such a link."""
    left = limits.MAX_ROSTER_LINK_BYTES - _GIVE_BYTES  # for the goodbye
    for one, target in circles:
        for frame in gives(work, one, one.dag.closure([one.dag.index[target]]), left, named=named):
            left -= work.send(link, frame)


def openings_of(parts: Iterable[OpeningPart]) -> list[Opening]:
    """With the commitment that each belongs to."""
    return [
        Opening(commitment=commitment(part.salt, part.value), salt=part.salt, value=part.value)
        for part in parts
    ]


def on_give(work: Work, link: Link, give: RosterGive) -> None:
    """Take statements of a circle of ours. An invalid one costs the peer the link."""
    circle = CircleId(give.circle)
    one = work.cache.circles.get(circle)
    if one is None or not one.roster.is_active(link.peer):
        return
    results = take(work, circle, give, but=link)
    if Taken.REFUSED in results:
        log.warning("statements from %s do not hold", link.peer[:4].hex())
        work.close(link, CloseCode.PROTOCOL)
    elif work.state.links.get(link.link) is link and link.greeted:
        ask(work, link, circle, ())


def take(work: Work, circle: CircleId, give: RosterGive, but: Link | None = None) -> set[Taken]:
    """Add statements and openings, and let what follows from them happen."""
    one = work.cache.circles[circle]
    openings = openings_of(give.openings)
    new = [part.commitment for part in openings if work.tx.statements.opening(part.commitment) is None]
    results = one.add_batch(work.tx.statements, give.statements, openings, work.now.wall_ms)
    found = {added.outcome for added in results}
    named = any(work.tx.statements.opening(value) is not None for value in new)
    if Taken.ADDED in found:
        work.roster_moved(circle, but)
    elif named:
        work.names_moved = True
    return found


def secrets_moved(work: Work) -> None:
    """A circle secret came: other tags, other server names."""
    work.state.tag_devices.clear()
    work.membership_changed = True


def show_revoke(work: Work, link: Link, device: DeviceId | None = None) -> None:
    """Give a revoked device its revocation with what leads to it: hashes and keys, no names."""
    target = device or link.peer
    found: list[tuple[CircleLog, bytes]] = []
    for one in work.cache.circles.values():
        entry = one.roster.devices.get(target)
        if entry is not None and entry.revoked is not None:
            found.append((one, entry.revoked))
    _give_on_roster_link(work, link, found, named=False)


def on_goodbye(work: Work, link: Link, frame: Goodbye) -> None:
    """The peer ends the link; the transport tells when it is down."""
    log.info("%s says goodbye (%d)", link.peer[:4].hex(), frame.code)


# --- roster links -------------------------------------------------------------------------------------


def on_roster_link(work: Work, up: LinkUp) -> None:
    """We dialled because we were refused: show the way to our admission. Else listen."""
    link = Link(up.link, DeviceId(up.peer), ALPN_ROSTER, up.dialled, up.address)
    work.state.links[up.link] = link
    if not up.dialled:
        return
    found: list[tuple[CircleLog, bytes]] = []
    for one in work.cache.circles.values():
        entry = one.roster.devices.get(work.own_id)
        if entry is not None and one.roster.is_active(link.peer):
            found.append((one, entry.admitted))
    _give_on_roster_link(work, link, found, named=True)
    work.send(link, Goodbye(int(CloseCode.NORMAL)))


def on_roster_frame(work: Work, link: Link, frame: AnyFrame, size_bytes: int) -> None:
    """Statements, at most 256 KiB, then a goodbye."""
    link.taken_bytes += size_bytes
    if link.taken_bytes > limits.MAX_ROSTER_LINK_BYTES * (2 if link.dialled else 1):
        work.close(link, CloseCode.PROTOCOL)
    elif isinstance(frame, RosterGive):
        circle = CircleId(frame.circle)
        if circle in work.cache.circles and Taken.REFUSED in take(work, circle, frame):
            work.close(link, CloseCode.PROTOCOL)
    elif isinstance(frame, Goodbye):
        _answer_roster_link(work, link)
    else:
        work.close(link, CloseCode.PROTOCOL)


def _answer_roster_link(work: Work, link: Link) -> None:
    if link.dialled:
        # They have seen our statements: the next dial of the main link is welcome, or we know why not.
        addresses = work.state.wanted.get(link.peer)
        if addresses:
            work.emit(Want(peer=PeerId(link.peer), addresses=addresses))
        work.close(link, CloseCode.NORMAL)
        return
    # A stranger is named by its DIK here, a known device by its id.
    known = (
        entry for entry in work.directory.devices.values() if link.peer in (entry.public.dik, entry.device)
    )
    entry = next(known, None)
    if entry is not None and entry.revoked:
        show_revoke(work, link, entry.device)
        work.close(link, CloseCode.REVOKED)
    else:
        work.close(link, CloseCode.NORMAL)
