"""A whole practice in one process: real core, real crypto, real encrypted stores, a seeded wire between them.

The wire keeps what QUIC promises (a control stream is ordered and reliable while its link lives; bulk payloads
are not ordered against it) and breaks everything else on demand: links cut with what is on the way, parts of the
network apart, frames doubled or lost, processes killed between any two steps and started again from their file.
"""

import hashlib
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey

from app.core import requests, views
from app.core.admission import Adoption, Attachment, Newcomer
from app.core.effects import (
    Announce,
    AnyEffect,
    CloseLink,
    DialOnce,
    Now,
    Outcome,
    SendBulk,
    SendFrame,
    Unwant,
    WakeAt,
    Want,
)
from app.core.events import AnyEvent
from app.core.messenger import Messenger
from app.core.ports import BlobRow, Transaction
from app.core.wire import EnvelopeFrame, decode_frame
from app.handover import Collector, pieces
from app.store.db import Store
from crypto.blob import CHUNK_BYTES, BlobOpener, BlobSealer, blob_id, chunk_hash
from crypto.ids import ConversationId, DeviceId, PersonId
from crypto.statement import consent
from transport.base import ALPN_MAIN, ALPN_ROSTER
from transport.events import Address, DialFailed, DownReason, LinkDown, LinkId, LinkUp, PeerId, Sighting
from transport.link import LIMITS
from transport.link import encode_frame as framed

START_MS = 1_790_000_000_000


class SeededEntropy:
    """A stream of bytes from a seed. Only ML-KEM encapsulation draws from the system (the library has no seed)."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._count = 0

    def token(self, size_bytes: int) -> bytes:
        out = b""
        while len(out) < size_bytes:
            self._count += 1
            out += hashlib.sha256(self._seed + self._count.to_bytes(8, "big")).digest()
        return out[:size_bytes]

    def encapsulate(self, public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
        return public_key.encapsulate()


class Crash(Exception):
    """The process died here."""


@dataclass
class Side:
    """One end of a link."""

    node: "Node"
    link: LinkId
    frames: deque[bytes] = field(default_factory=deque)  # on the way to this end
    bulks: deque[tuple[bytes, int]] = field(default_factory=deque)


@dataclass
class Wire:
    """A link: `a` dialled `b`."""

    a: Side
    b: Side
    alpn: str
    closing: bool = False

    def other(self, side: Side) -> Side:
        return self.b if side is self.a else self.a


class Node:
    """One device with its file."""

    def __init__(self, practice: "Practice", name: str) -> None:
        self.practice = practice
        self.name = name
        self.path = practice.folder / f"{name}.db"
        self.key = hashlib.sha256(name.encode()).digest()
        self.entropy = SeededEntropy(f"{practice.seed}/{name}")
        self.events: list[AnyEvent] = []
        self._device: DeviceId | None = None
        self.wants: dict[bytes, tuple[Address, ...]] = {}
        self.tags: tuple[bytes, ...] = ()
        self.wake_mono_ms: int | None = None
        self.crash_at: str | None = None  # "before_commit" or "after_commit", at the next input
        self.clock_skew_ms = 0
        self.address = Address(f"10.0.0.{len(practice.nodes) + 1}", 47110)
        self.store = Store.open(self.path, self.key)
        self.messenger = Messenger(self.entropy)
        self.run(lambda tx, now: self.messenger.open(tx, now))

    # --- running ----------------------------------------------------------------------------------

    @property
    def now(self) -> Now:
        base = self.practice.now
        return Now(wall_ms=base.wall_ms + self.clock_skew_ms, mono_ms=base.mono_ms)

    def run(self, call: Callable[[Transaction, Now], Outcome]) -> Outcome:
        """One transaction with one input, then its effects, as the engine does it."""
        crash, self.crash_at = self.crash_at, None
        with self.store.write() as tx:
            outcome = call(tx, self.now)
            if crash == "before_commit":
                raise Crash
        if crash == "after_commit":
            raise Crash
        self.events.extend(outcome.events)
        for effect in outcome.effects:
            self.practice.perform(self, effect)
        return outcome

    def ask(self, request: requests.Request) -> views.AnyView:
        outcome = self.run(lambda tx, now: self.messenger.request(tx, now, request))
        assert outcome.reply is not None
        return outcome.reply

    def restart(self) -> None:
        """As after kill -9: only the file is left."""
        self.practice.cut(self)
        self.store.close()
        self.wants, self.tags, self.wake_mono_ms = {}, (), None
        self.store = Store.open(self.path, self.key)
        self.messenger = Messenger(self.entropy)
        self.run(lambda tx, now: self.messenger.open(tx, now))

    # --- shortcuts --------------------------------------------------------------------------------

    @property
    def device(self) -> DeviceId:
        if self._device is None:
            with self.store.write() as tx:
                self._device = self.messenger.identity(tx).device_id
        return self._device

    @property
    def status(self) -> views.Status:
        reply = self.ask(requests.GetStatus())
        assert isinstance(reply, views.Status)
        return reply

    @property
    def person(self) -> PersonId:
        person = self.status.person
        assert person is not None
        return person

    def direct(self, other: "Node") -> ConversationId:
        reply = self.ask(requests.OpenDirect(person=other.person))
        assert isinstance(reply, views.ConversationRow), reply
        return reply.conversation

    def say(self, conversation: ConversationId, text: str, **more: object) -> views.Sent:
        reply = self.ask(requests.SendText(conversation=conversation, text=text, **more))  # type: ignore[arg-type]
        assert isinstance(reply, views.Sent), reply
        return reply

    def rows(self, conversation: ConversationId) -> tuple[views.MessageRow, ...]:
        reply = self.ask(requests.LoadTimeline(conversation=conversation, before=500))
        assert isinstance(reply, views.TimelinePage), reply
        return reply.rows

    def texts(self, conversation: ConversationId) -> list[str]:
        return [row.text for row in self.rows(conversation) if row.kind is views.MessageKind.TEXT]

    def conversation(self, conversation: ConversationId) -> views.ConversationRow:
        reply = self.ask(requests.ListConversations())
        assert isinstance(reply, views.Conversations)
        return next(row for row in reply.rows if row.conversation == conversation)

    def mark(self, sent: views.Sent) -> views.Mark:
        return next(row.mark for row in self.rows(sent.conversation) if row.message == sent.message)

    def told(self, kind: type[AnyEvent]) -> list[AnyEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def attach(self, conversation: ConversationId, data: bytes, file_name: str | None = None) -> views.Sent:
        """Seal and send like the engine: blob row, chunks, message."""
        row, chunks = seal(data, self.entropy, self.now.wall_ms)

        def call(tx: Transaction, now: Now) -> Outcome:
            tx.blobs.put(row)
            for index, chunk in enumerate(chunks):
                tx.blobs.put_chunk(row.blob, index, chunk)
            attachment = Attachment(
                conversation=conversation,
                blob=row.blob,
                media_type="image/jpeg",
                file_name=file_name,
                width_px=640,
                height_px=480,
                thumbnail=b"thumbnail",
            )
            return self.messenger.attach(tx, now, attachment)

        reply = self.run(call).reply
        assert isinstance(reply, views.Sent), reply
        return reply

    def plain(self, message: bytes) -> bytes | None:
        """The decrypted photo or file, None while it is not whole."""
        with self.store.write() as tx:
            record = tx.history.message(message)  # type: ignore[arg-type]
            row = tx.blobs.get(record.blob) if record and record.blob else None
            if row is None or row.state != "complete":
                return None
            opener = BlobOpener(row.key, row.chunk_hashes, row.size_bytes)
            parts = [tx.blobs.chunk(row.blob, index) for index in range(opener.count)]
            return b"".join(opener.open(index, part) for index, part in enumerate(parts) if part is not None)


def carried(handover: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """As the pairing link brings it."""
    collector = Collector()
    whole = [collector.add(piece) for piece in pieces(handover)]
    assert whole.index(True) == len(whole) - 1
    return collector.frames()


def seal(data: bytes, entropy: SeededEntropy, now_ms: int) -> tuple[BlobRow, list[bytes]]:
    """A blob, complete."""
    key = entropy.token(32)
    sealer = BlobSealer(key)
    pieces = [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]
    chunks = [sealer.seal(at, piece, at == len(pieces) - 1) for at, piece in enumerate(pieces)]
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
    return row, chunks


class Practice:
    """Devices, the wire between them, and time."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.folder = folder
        self.seed = seed
        self.rng = random.Random(seed)
        self.now = Now(wall_ms=START_MS, mono_ms=1_000)
        self.nodes: list[Node] = []
        self.wires: list[Wire] = []
        self.apart: set[frozenset[str]] = set()
        self.lose_envelopes = 0.0  # odds that an envelope frame vanishes although its link lives
        self.double_frames = 0.0
        self.crashes = 0.0  # odds that an input is the last of its process
        self.frames: list[tuple[str, str, bytes]] = []  # everything that left: from, to, bytes
        self._links = 0

    # --- people -----------------------------------------------------------------------------------

    def add(self, name: str) -> Node:
        node = Node(self, name)
        self.nodes.append(node)
        return node

    def found(self, name: str) -> Node:
        node = self.add(name)
        reply = node.ask(
            requests.FoundCircle(
                circle_name="Praxis am Park", person_name=name, role="MFA", device_name=f"{name}-PC"
            )
        )
        assert isinstance(reply, views.Founded), reply
        return node

    def join(self, name: str, admin: Node, person: PersonId | None = None, *, is_admin: bool = False) -> Node:
        """Pairing without its messages: what both sides hand the core."""
        node = self.add(name)
        self.pair(node, admin, person, is_admin=is_admin)
        return node

    def pair(
        self, node: Node, admin: Node, person: PersonId | None = None, *, is_admin: bool = False
    ) -> views.AnyView:
        circle = admin.status.circle
        assert circle is not None
        with node.store.write() as tx:
            identity = node.messenger.identity(tx)
        chosen = person or PersonId(admin.entropy.token(16))
        newcomer = Newcomer(
            device=identity.public,
            person=chosen,
            consent=consent(identity, circle, chosen),
            person_name=node.name,
            role="Arzt",
            device_name=f"{node.name}-PC",
            admin=is_admin,
        )
        granted = []

        def admit(tx: Transaction, now: Now) -> Outcome:
            admission, outcome = admin.messenger.admit(tx, now, newcomer)
            granted.append(admission)
            return outcome

        outcome = admin.run(admit)
        if granted[0] is None:
            assert outcome.reply is not None
            return outcome.reply
        with admin.store.write() as tx:
            public = admin.messenger.identity(tx).public
        adoption = Adoption(
            circle=circle,
            person=chosen,
            admin=public,
            admin_addresses=(admin.address,),
            admit=granted[0].admit,
            handover=carried(granted[0].handover),
        )
        reply = node.run(lambda tx, now: node.messenger.adopt(tx, now, adoption)).reply
        assert reply is not None
        return reply

    # --- the network ------------------------------------------------------------------------------

    def perform(self, node: Node, effect: AnyEffect) -> None:
        match effect:
            case SendFrame(link=link, frame=frame):
                self._send(node, link, frame)
            case SendBulk(link=link, payload=payload, token=token):
                found = self._side(node, link)
                if found:
                    found[0].other(found[1]).bulks.append((payload, token))
            case CloseLink(link=link, error_code=_):
                found = self._side(node, link)
                if found:
                    found[0].closing = True
            case Want(peer=peer, addresses=addresses):
                node.wants[peer] = addresses
            case Unwant(peer=peer):
                node.wants.pop(peer, None)
            case DialOnce(peer=peer, alpn=alpn):
                self._dial(node, peer, alpn)
            case Announce(tags=tags):
                node.tags = tags
            case WakeAt(mono_ms=mono_ms):
                node.wake_mono_ms = mono_ms
            case _:
                pass

    def _send(self, node: Node, link: LinkId, frame: bytes) -> None:
        found = self._side(node, link)
        if found is None:
            return
        wire, side = found
        framed(frame, LIMITS[wire.alpn].frame_bytes)  # raises for what the transport would not take
        other = wire.other(side)
        self.frames.append((node.name, other.node.name, frame))
        is_envelope = isinstance(decode_frame(frame), EnvelopeFrame)
        if is_envelope and self.rng.random() < self.lose_envelopes:
            return
        other.frames.append(frame)
        if is_envelope and self.rng.random() < self.double_frames:
            other.frames.append(frame)

    def _side(self, node: Node, link: LinkId) -> tuple[Wire, Side] | None:
        for wire in self.wires:
            for side in (wire.a, wire.b):
                if side.node is node and side.link == link:
                    return wire, side
        return None

    def node_of(self, peer: bytes) -> Node | None:
        return next((node for node in self.nodes if node.device == peer), None)

    def linked(self, one: Node, other: Node) -> bool:
        return any(
            {wire.a.node, wire.b.node} == {one, other} for wire in self.wires if wire.alpn == ALPN_MAIN
        )

    def separate(self, *names: str) -> None:
        """These devices reach nobody but each other."""
        for node in self.nodes:
            for name in names:
                if node.name not in names:
                    self.apart.add(frozenset((node.name, name)))
        for wire in list(self.wires):
            if frozenset((wire.a.node.name, wire.b.node.name)) in self.apart:
                self.drop(wire)

    def heal(self) -> None:
        self.apart.clear()

    def connect(self) -> None:
        """Everybody who wants somebody dials."""
        for node in list(self.nodes):
            for peer in list(node.wants):
                self._dial(node, peer, ALPN_MAIN)

    def _dial(self, node: Node, peer: bytes, alpn: str) -> None:
        target = self.node_of(peer)
        if target is None or target is node or (alpn == ALPN_MAIN and self.linked(node, target)):
            return
        if frozenset((node.name, target.name)) in self.apart:
            return
        mine, theirs = node.messenger.membership(), target.messenger.membership()
        if mine is None or theirs is None:
            return
        known = mine.own.public.dik in theirs.active
        if alpn == ALPN_MAIN and not known:
            failed = DialFailed(PeerId(peer), alpn, (target.address,), DownReason.REFUSED)
            node.run(lambda tx, now: node.messenger.dial_failed(tx, now, failed))
            return
        caller = PeerId(mine.own.device_id if known else mine.own.public.dik)
        self._links += 2
        a, b = Side(node, LinkId(self._links)), Side(target, LinkId(self._links + 1))
        self.wires.append(Wire(a, b, alpn))
        up_a = LinkUp(a.link, PeerId(peer), alpn, target.address, True, b"", b"")
        up_b = LinkUp(b.link, caller, alpn, node.address, False, b"", b"")
        self._input(node, lambda tx, now: node.messenger.link_up(tx, now, up_a))
        self._input(target, lambda tx, now: target.messenger.link_up(tx, now, up_b))

    def drop(self, wire: Wire, *, dead: Node | None = None) -> None:
        """The link ends; what is on the way is lost."""
        if wire not in self.wires:
            return
        self.wires.remove(wire)
        for side in (wire.a, wire.b):
            if side.node is not dead:
                peer = PeerId(wire.other(side).node.device)
                down = LinkDown(side.link, peer, wire.alpn, DownReason.TIMEOUT)
                side.node.run(lambda tx, now, n=side.node, d=down: n.messenger.link_down(tx, now, d))  # type: ignore[misc]

    def cut(self, node: Node) -> None:
        """All links of a device end without its doing."""
        for wire in [one for one in self.wires if node in (one.a.node, one.b.node)]:
            self.drop(wire, dead=node)

    # --- time and chance --------------------------------------------------------------------------

    def _input(self, node: Node, call: Callable[[Transaction, Now], Outcome]) -> None:
        if self.crashes and self.rng.random() < self.crashes:
            node.crash_at = self.rng.choice(["before_commit", "after_commit"])
        try:
            node.run(call)
        except Crash:
            node.restart()

    def step(self) -> bool:
        """Deliver one thing that is on the way, chosen by chance. False if nothing is."""
        choices: list[tuple[Wire, Side, str]] = []
        for wire in self.wires:
            for side in (wire.a, wire.b):
                if side.frames:
                    choices.append((wire, side, "frame"))
                if side.bulks:
                    choices.append((wire, side, "bulk"))
        if not choices:
            return self._close_some()
        wire, side, kind = self.rng.choice(choices)
        if kind == "frame":
            frame = side.frames.popleft()
            self._input(side.node, lambda tx, now: side.node.messenger.frame(tx, now, side.link, frame))
        else:
            at = self.rng.randrange(len(side.bulks))
            payload, token = side.bulks[at]
            del side.bulks[at]
            self._input(side.node, lambda tx, now: side.node.messenger.bulk(tx, now, side.link, payload))
            other = wire.other(side)
            if wire in self.wires:
                self._input(
                    other.node, lambda tx, now: other.node.messenger.bulk_done(tx, now, other.link, token)
                )
        self._close_some()
        return True

    def _close_some(self) -> bool:
        """Links that were closed end once what was sent before has arrived."""
        done = False
        for wire in list(self.wires):
            if wire.closing and not wire.a.frames and not wire.b.frames:
                self.drop(wire)
                done = True
        return done

    def settle(self, limit: int = 20_000) -> None:
        """Dial, deliver and let due timers run until nothing moves."""
        for _ in range(40):
            self.connect()
            moved = False
            for _ in range(limit):
                if not self.step():
                    break
                moved = True
            else:
                raise AssertionError("does not settle")
            if not moved:
                return
        raise AssertionError("does not settle")

    def sight(self) -> None:
        """Everybody sees everybody's announcement."""
        for node in self.nodes:
            for other in self.nodes:
                if other is not node and other.tags:
                    seen = Sighting(f"i-{other.name}", (other.address,), {"t": b"".join(other.tags)})
                    node.run(lambda tx, now, n=node, s=seen: n.messenger.sighting(tx, now, s))  # type: ignore[misc]

    def pass_time(self, ms: int) -> None:
        """Move both clocks on and let every timer that is due by then run, in order."""
        end = self.now.mono_ms + ms
        while True:
            due = [
                (node.wake_mono_ms, at) for at, node in enumerate(self.nodes) if node.wake_mono_ms is not None
            ]
            if not due or min(due)[0] > end:
                break
            wake, at = min(due)
            self._advance(max(0, wake - self.now.mono_ms))
            node = self.nodes[at]
            node.wake_mono_ms = None
            node.run(lambda tx, now, n=node: n.messenger.tick(tx, now))  # type: ignore[misc]
        self._advance(end - self.now.mono_ms)

    def leap(self, ms: int) -> None:
        """A long time at once, as for machines that slept: each timer runs once, late."""
        self._advance(ms)
        for node in self.nodes:
            node.run(lambda tx, now, n=node: n.messenger.tick(tx, now))  # type: ignore[misc]

    def _advance(self, ms: int) -> None:
        self.now = Now(wall_ms=self.now.wall_ms + ms, mono_ms=self.now.mono_ms + ms)

    def close(self) -> None:
        for node in self.nodes:
            node.store.close()


def names(rows: Iterable[views.PersonRow]) -> list[str | None]:
    """Of people."""
    return [row.name for row in rows]


MAIN, ROSTER = ALPN_MAIN, ALPN_ROSTER
