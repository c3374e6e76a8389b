"""A circle in memory for tests: the port as dicts, randomness by seed, and people who make statements."""

import hashlib
from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey

from app.core.circle import authoring
from app.core.circle.authoring import Made
from app.core.circle.bodies import CIRCLE_KINDS, Body, Role
from app.core.circle.circle_log import CircleLog
from app.core.circle.roster import Roster
from app.core.ports import Opening, StatementRow
from crypto.codec import encode
from crypto.identity import DeviceIdentity
from crypto.ids import CircleId, DeviceId, PersonId, StatementHash
from crypto.statement import (
    VERSION,
    DeviceSigner,
    RecoverySigner,
    SignedStatement,
    Statement,
    consent,
    sign,
)

NOW_MS = 1_760_000_000_000


class SeededEntropy:
    """The same bytes for the same seed."""

    def __init__(self, seed: int = 0) -> None:
        self._state = hashlib.sha256(b"test entropy %d" % seed).digest()

    def token(self, size_bytes: int) -> bytes:
        out = b""
        while len(out) < size_bytes:
            self._state = hashlib.sha256(self._state).digest()
            out += hashlib.sha256(b"out" + self._state).digest()
        return out[:size_bytes]

    def encapsulate(self, public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
        return public_key.encapsulate()


class MemoryStatements:
    """`ports.Statements` over dicts."""

    def __init__(self) -> None:
        self.rows: dict[bytes, StatementRow] = {}
        self.waiting: dict[bytes, tuple[bytes, bytes]] = {}
        self.opened: dict[bytes, Opening] = {}

    def add(self, row: StatementRow) -> bool:
        if row.hash in self.rows:
            return False
        self.rows[row.hash] = row
        return True

    def has(self, hash: StatementHash) -> bool:
        return hash in self.rows

    def get(self, hash: StatementHash) -> StatementRow | None:
        return self.rows.get(hash)

    def of_chain(self, chain: bytes) -> list[StatementRow]:
        return [row for row in self.rows.values() if row.chain == chain]

    def chains(self) -> list[bytes]:
        return list(dict.fromkeys(row.chain for row in self.rows.values()))

    def count(self, chain: bytes) -> int:
        return len(self.of_chain(chain))

    def add_pending(self, chain: bytes, hash: StatementHash, wire: bytes, now_ms: int) -> None:
        self.waiting.setdefault(hash, (chain, wire))

    def pending(self, chain: bytes) -> list[bytes]:
        return [wire for of, wire in self.waiting.values() if of == chain]

    def remove_pending(self, hash: StatementHash) -> None:
        self.waiting.pop(hash, None)

    def put_opening(self, opening: Opening) -> None:
        self.opened[opening.commitment] = opening

    def opening(self, commitment: bytes) -> Opening | None:
        return self.opened.get(commitment)

    def openings(self, commitments: Iterable[bytes]) -> dict[bytes, Opening]:
        return {c: self.opened[c] for c in commitments if c in self.opened}

    def delete_opening(self, commitment: bytes) -> None:
        self.opened.pop(commitment, None)


class Peer:
    """One device with its own copy of the chain."""

    def __init__(self, world: "World", identity: DeviceIdentity, person: PersonId) -> None:
        self.world = world
        self.identity = identity
        self.person = person
        self.store = MemoryStatements()
        self.log = CircleLog(world.circle)

    @property
    def device(self) -> DeviceId:
        return self.identity.device_id

    @property
    def roster(self) -> Roster:
        return self.log.roster

    def take(self, *made: Made | SignedStatement) -> list[str]:
        """What became of each."""
        made = tuple(made)
        wires = [one.wire for one in made]
        openings = [o for one in made if isinstance(one, Made) for o in one.openings]
        return [a.outcome.value for a in self.log.add_batch(self.store, wires, openings, NOW_MS)]

    def sync(self, other: "Peer") -> None:
        """Get everything that `other` has, as stored, in its order."""
        if not len(self.log) and not self.store.waiting:
            self.store.rows = dict(other.store.rows)
            self.log = CircleLog.load(self.store, self.world.circle)
        self.take(*(one for one in other.log.dag.statements if not self.log.has(one.hash)))

    def admit(self, who: "Peer", role: Role = Role.MEMBER) -> Made:
        made = authoring.admit(
            self.roster,
            self.identity,
            self.world.entropy,
            NOW_MS,
            person=who.person,
            device=who.identity.public,
            consent=consent(who.identity, self.world.circle, who.person),
            person_name="Name",
            role_text="MFA",
            device_name="PC",
            role=role,
        )
        return self._own(made)

    def link(self, person: PersonId, who: "Peer") -> Made:
        made = authoring.link(
            self.roster,
            self.identity,
            self.world.entropy,
            NOW_MS,
            person=person,
            device=who.identity.public,
            consent=consent(who.identity, self.world.circle, person),
            device_name="Laptop",
        )
        return self._own(made)

    def unlink(self, person: PersonId, device: DeviceId) -> Made:
        return self._own(authoring.unlink(self.roster, self.identity, NOW_MS, person=person, device=device))

    def revoke(
        self, *whom: "Peer", persons: Sequence[PersonId] = (), cosigners: Sequence["Peer"] = ()
    ) -> Made:
        made = authoring.revoke(
            self.roster,
            self.identity,
            self.world.entropy,
            NOW_MS,
            devices=[peer.device for peer in whom],
            persons=persons,
            cosigners=[peer.identity for peer in cosigners],
        )
        return self._own(made)

    def set_role(self, person: PersonId, role: Role) -> Made:
        return self._own(authoring.set_role(self.roster, self.identity, NOW_MS, person=person, role=role))

    def rename(self, person: PersonId, name: str) -> Made:
        return self._own(
            authoring.rename_person(
                self.roster, self.identity, self.world.entropy, NOW_MS, person=person, name=name
            )
        )

    def say(self, body: Body) -> SignedStatement:
        """A statement without the checks of `authoring`, not yet taken by anybody."""
        return sign(authoring.draft(self.roster, self.device, body, NOW_MS), DeviceSigner(self.identity))

    def _own(self, made: Made) -> Made:
        assert self.take(made) == ["added"], made
        return made


class World:
    """A founder, a recovery key, and as many further devices as asked for."""

    def __init__(self, seed: int = 0) -> None:
        self.entropy = SeededEntropy(seed)
        self.paper = RecoverySigner(Ed25519PrivateKey.from_private_bytes(self.entropy.token(32)))
        identity = DeviceIdentity.create(self.entropy)
        self.found = authoring.found(
            identity,
            self.entropy,
            NOW_MS,
            circle_name="Praxis",
            person_name="Gründerin",
            role_text="Ärztin",
            device_name="Empfang",
            recovery_public=self.paper.public,
        )
        self.circle = CircleId(self.found.signed.hash)
        body = authoring.bodies.parse_body(CIRCLE_KINDS, "found", True, self.found.signed.statement.body)
        assert isinstance(body, authoring.bodies.Found)
        self.founder = Peer(self, identity, PersonId(body.person))
        assert self.founder.take(self.found) == ["added"]

    def newcomer(self, like: Peer | None = None) -> Peer:
        """A device that nobody admitted yet, with the roster of `like`."""
        peer = Peer(self, DeviceIdentity.create(self.entropy), authoring.new_person(self.entropy))
        if like is not None:
            peer.sync(like)
        return peer

    def member(self, by: Peer | None = None, role: Role = Role.MEMBER) -> Peer:
        """A device admitted by `by`, with the same roster."""
        admitter = by or self.founder
        peer = self.newcomer()
        admitter.admit(peer, role)
        peer.sync(admitter)
        return peer


def raw_statement(
    like: Statement,
    signer: DeviceSigner | RecoverySigner,
    body: Body | bytes | None = None,
    *,
    cosigners: Sequence[DeviceSigner] = (),
    **changes: object,
) -> SignedStatement:
    """`like` with changes, signed anew."""
    values = {name: getattr(like, name) for name in like.__struct_fields__}
    if body is not None:
        values["body"] = body if isinstance(body, bytes) else encode(body)
    values.update(changes)
    values["version"] = changes.get("version", VERSION)
    return sign(Statement(**values), signer, cosigners)
