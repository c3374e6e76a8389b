"""One chain of statements: what came in, what is stored, what waits (protocol 1, 11.11).

`ChainLog` is the part that circles and groups share. A log is a cache over `ports.Statements`: after a
transaction that did not commit, drop it and load it anew. Loading verifies no signature again: the store is
encrypted and authenticated, and only verified statements go in.
"""

import logging
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.core.circle.bodies import Body
from app.core.circle.dag import Dag
from app.core.circle.errors import Refused
from app.core.circle.pending import Pending
from app.core.circle.standing import Act, Standing, Verdict
from app.core.ports import Opening, StatementRow, Statements
from crypto.errors import DecodeError, InvalidSignature
from crypto.ids import StatementHash
from crypto.statement import MAX_PARENTS, SALT_BYTES, SignedStatement, commitment

log = logging.getLogger(__name__)

MAX_STATEMENTS: Final = 10_000
"""Per chain (section 11.11)."""
RESERVED: Final = 500
"""Of these, kept for statements that take something away: a full roster can still revoke."""
MAX_OF_MEMBER: Final = 256
"""Statements of one author who is no admin, unless others build on them."""
MAX_VOID_OF_AUTHOR: Final = 32
"""Statements without effect of one author; more are taken only as ancestors of others' (section 11.11)."""
MAX_OPENING_BYTES: Final = 512
_REFUSED_MEMORY: Final = 1024


class Outcome(Enum):
    """What became of a statement that came in."""

    ADDED = "added"
    KNOWN = "known"  # nothing changed
    PENDING = "pending"  # others have to come first: see `ChainLog.missing`
    REFUSED = "refused"  # invalid: never stored, never relayed
    LIMIT = "limit"  # a bound was hit; taken later if another's statement builds on it


class Added(msgspec.Struct, frozen=True, gc=False):
    """`released`: statements that waited for this one and were added with it."""

    outcome: Outcome
    hash: StatementHash | None = None
    released: tuple[StatementHash, ...] = ()


class Missing(Exception):
    """Statements of this chain that have to come first; none named: statements of another chain have to."""

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        super().__init__("others first")
        self.hashes = frozenset(hashes)


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where in the DAG a new statement hangs."""

    past: int
    verdict: Verdict


class Judged(msgspec.Struct, frozen=True, gc=False):
    """A statement that may be stored."""

    place: Place
    act: Act
    body: Body | None  # None: without effect here
    is_admin: bool  # of its author, in its own past
    unknown_crit: bool = False


class ChainLog(ABC):
    """One chain. Subclasses know the kinds: `CircleLog`, `GroupLog`."""

    def __init__(self, chain: bytes) -> None:
        self.chain = chain
        self.dag = Dag()
        self.standing = Standing(self.dag)
        self.forked: frozenset[bytes] = frozenset()
        """Authors of two statements neither of which knows the other: cloned, restored, or lying."""
        self._heads: tuple[int, ...] = ()
        self._pending = Pending(chain)
        self._refused: OrderedDict[bytes, None] = OrderedDict()

    # --- questions --------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.dag)

    def has(self, hash: bytes) -> bool:
        """Whether a statement is stored here."""
        return hash in self.dag.index

    def get(self, hash: bytes) -> SignedStatement | None:
        """A stored statement."""
        index = self.dag.index.get(hash)
        return None if index is None else self.dag.statements[index]

    @property
    def heads(self) -> tuple[StatementHash, ...]:
        """Sorted. Statements without effect are left out where nothing in effect builds on them, so that
        two devices agree whether or not they kept them."""
        return tuple(sorted(self.dag.hash(index) for index in self._heads))

    @property
    def head_indices(self) -> tuple[int, ...]:
        """`heads` as indices into `dag`."""
        return self._heads

    def parents(self) -> tuple[tuple[StatementHash, ...], int]:
        """(what the next statement cites, its lamport): the 16 newest heads, sorted."""
        newest = sorted(self._heads, key=self.dag.order.__getitem__)[-MAX_PARENTS:]
        lamport = 1 + max((self.dag.order[index][0] for index in newest), default=0)
        return tuple(sorted(self.dag.hash(index) for index in newest)), lamport

    def missing(self) -> list[StatementHash]:
        """Statements that others build on and that are not here, sorted: ask for them."""
        return self._pending.missing()

    # --- life -------------------------------------------------------------------------------------------

    def restore(self, statements: Statements) -> None:
        """Fill an empty log from the store."""
        for row in statements.of_chain(self.chain):
            try:
                signed = SignedStatement.from_stored(row.raw, row.signatures)
                self._append(signed, self._judge(signed, self._place(signed)))
            except (DecodeError, Refused, Missing):
                # Written by a later version under rules that this one does not know.
                log.warning("statement %s of the store left out", row.hash.hex()[:8])
        for wire in statements.pending(self.chain):
            signed = SignedStatement.from_wire(wire)
            absent = [hash for hash in signed.statement.parents if not self.has(hash)]
            self._pending.add(None, signed, absent, 0, vouched=self._is_vouched(signed) is True)
        self._moved(None)

    def add(self, statements: Statements, wire: bytes, openings: Sequence[Opening], now_ms: int) -> Added:
        """Take a statement from anywhere. Never raises for what a peer sent."""
        result = self._add(statements, wire, now_ms)
        self.accept_openings(statements, openings)
        return result

    def add_batch(
        self, statements: Statements, wires: Sequence[bytes], openings: Sequence[Opening], now_ms: int
    ) -> list[Added]:
        """Take what a peer gave, in its order, then the openings."""
        results = [self._add(statements, wire, now_ms) for wire in wires]
        self.accept_openings(statements, openings)
        return results

    def retry(self, statements: Statements, now_ms: int) -> tuple[StatementHash, ...]:
        """Try again what waits (for a group: after the circle's roster moved). Returns what was added."""
        released: list[StatementHash] = []
        for signed in list(self._pending):
            if signed.hash in self._pending:
                self._pending.remove(statements, signed.hash)
                if self._take(statements, signed, now_ms) is Outcome.ADDED:
                    released += [signed.hash, *self._release(statements, signed.hash, now_ms)]
        return tuple(released)

    def accept_openings(self, statements: Statements, openings: Sequence[Opening]) -> int:
        """Store openings of values that are in use here (section 11.10). Returns how many were new."""
        wanted = self.commitments() if openings else set()
        new = 0
        for opening in openings:
            if opening.commitment not in wanted or not is_opening(opening):
                continue
            if statements.opening(opening.commitment) is None:
                statements.put_opening(opening)
                new += 1
        return new

    # --- what subclasses know -----------------------------------------------------------------------------

    @abstractmethod
    def commitments(self) -> set[bytes]:
        """Personal values in use, whose openings are accepted."""

    @abstractmethod
    def key(self, author: bytes) -> Ed25519PublicKey | None:
        """An author's key, None if nobody ever introduced him."""

    @abstractmethod
    def is_current(self, author: bytes) -> bool:
        """Whether an author's statements count now: an active device, or the recovery key in force."""

    @abstractmethod
    def _first_key(self, signed: SignedStatement) -> Ed25519PublicKey:
        """The key under which the first statement of a chain is signed. Raises `Refused` or `Missing`."""

    @abstractmethod
    def _judge(self, signed: SignedStatement, place: Place) -> Judged:
        """Whether the author had the right, in the statement's own past. Raises `Refused` or `Missing`."""

    @abstractmethod
    def _check_proofs(self, judged: Judged) -> None:
        """Signatures inside the body. Raises `Refused`."""

    @abstractmethod
    def _check_references(self, signed: SignedStatement) -> None:
        """Whether statements of other chains that the body names are known here. Raises `Missing`."""

    @abstractmethod
    def _noted(self, index: int, judged: Judged) -> None:
        """A statement was appended to the `Dag`: index what it says."""

    @abstractmethod
    def _moved(self, change: "Change | None") -> None:
        """Snapshots are out of date; None: altogether."""

    # --- adding -------------------------------------------------------------------------------------------

    def _add(self, statements: Statements, wire: bytes, now_ms: int) -> Added:
        try:
            signed = SignedStatement.from_wire(wire)
        except DecodeError:
            return Added(Outcome.REFUSED)
        if self.has(signed.hash):
            return Added(Outcome.KNOWN, signed.hash)
        if signed.hash in self._pending:
            return Added(Outcome.PENDING, signed.hash)
        outcome = self._take(statements, signed, now_ms)
        released = self._release(statements, signed.hash, now_ms) if outcome is Outcome.ADDED else []
        return Added(outcome, signed.hash, tuple(released))

    def _take(self, statements: Statements, signed: SignedStatement, now_ms: int) -> Outcome:
        try:
            judged = self._checked(signed)
        except Missing as missing:
            vouched = self._is_vouched(signed)
            if vouched is None:
                return self._refuse(statements, signed)
            self._pending.add(statements, signed, missing.hashes, now_ms, vouched=vouched)
            return Outcome.PENDING
        except (Refused, InvalidSignature, DecodeError):
            return self._refuse(statements, signed)
        if self._is_over_limit(signed, judged):
            log.info("statement %s of %s is over a limit", *_brief(signed))
            return Outcome.LIMIT
        self._append(signed, judged)
        statements.add(
            StatementRow(
                hash=signed.hash,
                chain=self.chain,
                raw=signed.raw,
                signatures=signed.stored_signatures,
                lamport=signed.statement.lamport,
            )
        )
        return Outcome.ADDED

    def _release(self, statements: Statements, hash: bytes, now_ms: int) -> list[StatementHash]:
        """Take everything that waited for `hash`, and what waited for that."""
        released: list[StatementHash] = []
        arrived = [hash]
        while arrived:
            for child in self._pending.waiting_for(arrived.pop()):
                if child.hash not in self._pending:
                    continue  # refused with a sibling meanwhile
                self._pending.remove(statements, child.hash)
                if self._take(statements, child, now_ms) is Outcome.ADDED:
                    released.append(child.hash)
                    arrived.append(child.hash)
        return released

    def _checked(self, signed: SignedStatement) -> Judged:
        if signed.hash in self._refused or any(p in self._refused for p in signed.statement.parents):
            raise Refused("known to be invalid")
        place = self._place(signed)
        self._check_references(signed)
        author, cosigners = self._keys(signed)
        signed.verify(author, cosigners)
        judged = self._judge(signed, place)
        self._check_proofs(judged)
        return judged

    def _place(self, signed: SignedStatement) -> Place:
        statement = signed.statement
        if not statement.parents:
            if signed.hash != self.chain:
                raise Refused("another chain")
            return Place(0, self.standing.verdict(0, []))
        if statement.chain != self.chain:
            raise Refused("another chain")
        absent = [hash for hash in statement.parents if hash not in self.dag.index]
        if absent:
            raise Missing(absent)
        tips = [self.dag.index[hash] for hash in statement.parents]
        older = 0
        for tip in tips:
            older |= self.dag.past[tip]
        if any(older >> tip & 1 for tip in tips):
            raise Refused("a parent that another parent implies")
        if statement.lamport != 1 + max(self.dag.order[tip][0] for tip in tips):
            raise Refused("lamport")
        past = self.dag.closure(tips)
        return Place(past, self.standing.verdict(past, tips))

    def _keys(self, signed: SignedStatement) -> tuple[Ed25519PublicKey, list[Ed25519PublicKey]]:
        if not signed.statement.parents:
            return self._first_key(signed), []
        author = self.key(signed.statement.author)
        cosigners = [key for key in map(self.key, signed.statement.cosigners) if key is not None]
        if author is None or len(cosigners) != len(signed.statement.cosigners):
            raise Refused("unknown author")
        return author, cosigners

    def _is_vouched(self, signed: SignedStatement) -> bool | None:
        """Whether the signature of a statement that waits holds; None if it does not, False if unknown."""
        try:
            signed.verify(*self._keys(signed))
        except (Refused, Missing, DecodeError):
            return False
        except InvalidSignature:
            return None
        return True

    def _refuse(self, statements: Statements, signed: SignedStatement) -> Outcome:
        """Remember that it is invalid, and with it all that builds on it."""
        log.info("statement %s of %s refused", *_brief(signed))
        for child in self._pending.descendants(signed.hash):
            self._pending.remove(statements, child.hash)
        self._refused[signed.hash] = None
        if len(self._refused) > _REFUSED_MEMORY:
            self._refused.popitem(last=False)
        return Outcome.REFUSED

    def _is_over_limit(self, signed: SignedStatement, judged: Judged) -> bool:
        count = len(self.dag)
        if count >= MAX_STATEMENTS or (count >= MAX_STATEMENTS - RESERVED and not judged.act.removes):
            return True
        mine = self.dag.authored.get(signed.statement.author, 0)
        many = not judged.is_admin and mine.bit_count() >= MAX_OF_MEMBER
        idle = (mine & self.standing.total.void).bit_count() >= MAX_VOID_OF_AUTHOR
        return (many or idle) and not self._pending.is_cited(signed, self.is_current)

    def _append(self, signed: SignedStatement, judged: Judged) -> None:
        place = judged.place
        before = self.standing.total
        mine = self.dag.authored.get(signed.statement.author, 0)
        if mine & ~place.past:
            self.forked |= {signed.statement.author}
        index = self.dag.append(signed, place.past)
        self.standing.add(index, judged.act, place.verdict)
        self._noted(index, judged)
        change = Change(index, before, self.standing.total)
        self._follow(change)
        self._moved(change)

    def _follow(self, change: "Change") -> None:
        """Bring the heads up to date."""
        total = self.standing.total
        if change.others:
            covered, heads = 0, []
            for index in range(len(self.dag) - 1, -1, -1):
                if not (covered | total.void) >> index & 1:
                    heads.append(index)
                    covered |= self.dag.past[index]
            self._heads = tuple(heads)
        elif not total.void >> change.index & 1:
            past = self.dag.past[change.index]
            self._heads = (*(head for head in self._heads if not past >> head & 1), change.index)


class Change(msgspec.Struct, frozen=True, gc=False):
    """One statement more, and the verdicts over everything before and after it."""

    index: int
    before: Verdict
    after: Verdict

    @property
    def others(self) -> int:
        """Older statements whose effect changed with it."""
        bit = 1 << self.index
        return ((self.before.effective ^ self.after.effective) | (self.before.void ^ self.after.void)) & ~bit


def is_opening(opening: Opening) -> bool:
    """Whether salt and value belong to the commitment, and are of a sane size."""
    if len(opening.salt) != SALT_BYTES or len(opening.value.encode()) > MAX_OPENING_BYTES:
        return False
    return commitment(opening.salt, opening.value) == opening.commitment


def _brief(signed: SignedStatement) -> tuple[str, str]:
    return signed.hash.hex()[:8], signed.statement.author.hex()[:8]
