"""Statements that wait for others they refer to: bounded, oldest out first, kept over a restart."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from app.core.ports import Statements
from crypto.ids import StatementHash
from crypto.statement import SignedStatement

MAX_PENDING: Final = 256
"""Statements of one chain; gossip brings what had to go once more."""


class Pending:
    """What waits in one chain, mirrored in the store."""

    def __init__(self, chain: bytes) -> None:
        self._chain = chain
        self._waiting: dict[bytes, tuple[SignedStatement, frozenset[bytes]]] = {}
        self._by_missing: dict[bytes, set[bytes]] = {}
        self._vouched: set[bytes] = set()

    def __contains__(self, hash: object) -> bool:
        return hash in self._waiting

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[SignedStatement]:
        return iter([signed for signed, _ in self._waiting.values()])

    def add(
        self,
        statements: Statements | None,
        signed: SignedStatement,
        missing: Iterable[bytes],
        now_ms: int,
        *,
        vouched: bool,
    ) -> None:
        """Keep a statement; `statements` None: it is in the store already. `vouched`: its signature holds."""
        while len(self._waiting) >= MAX_PENDING:
            self.remove(statements, next(iter(self._waiting)))
        wanted = frozenset(missing)
        self._waiting[signed.hash] = (signed, wanted)
        for hash in wanted:
            self._by_missing.setdefault(hash, set()).add(signed.hash)
        if vouched:
            self._vouched.add(signed.hash)
        if statements is not None:
            statements.add_pending(self._chain, signed.hash, signed.wire, now_ms)

    def remove(self, statements: Statements | None, hash: bytes) -> None:
        """Forget one."""
        _, missing = self._waiting.pop(hash)
        self._vouched.discard(hash)
        for wanted in missing:
            waiters = self._by_missing[wanted]
            waiters.discard(hash)
            if not waiters:
                del self._by_missing[wanted]
        if statements is not None:
            statements.remove_pending(StatementHash(hash))

    def waiting_for(self, hash: bytes) -> list[SignedStatement]:
        """Those that lack this statement, in a fixed order."""
        return [self._waiting[child][0] for child in sorted(self._by_missing.get(hash, ()))]

    def is_cited(self, signed: SignedStatement, counts: Callable[[bytes], bool]) -> bool:
        """Whether a properly signed statement of another author who `counts` builds on this one (11.11)."""
        author = signed.statement.author
        return any(
            child.hash in self._vouched
            and child.statement.author != author
            and counts(child.statement.author)
            for child in self.descendants(signed.hash)
        )

    def descendants(self, hash: bytes) -> list[SignedStatement]:
        """Everything that waits for this statement, directly or not."""
        found: dict[bytes, SignedStatement] = {}
        open_ = [hash]
        while open_:
            for child in self.waiting_for(open_.pop()):
                if child.hash not in found:
                    found[child.hash] = child
                    open_.append(child.hash)
        return list(found.values())

    def missing(self) -> list[StatementHash]:
        """What to ask for, sorted."""
        return [StatementHash(hash) for hash in sorted(self._by_missing) if hash not in self._waiting]
