"""Message keys kept for messages that have not come yet (protocol section 4, bounds).

Four bounds hold whatever the peer sends: 1,000 keys for one message (checked by the ratchet before any work),
2,000 keys and 5 receiving chains per session, 30 days. A key is deleted on use. The store writes keys one by
one, apart from the session's state, so changes are collected here until `take_changes`.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Protocol

MAX_SKIPPED_KEYS: Final = 2_000
MAX_CHAINS: Final = 5
MAX_AGE_MS: Final = 30 * 24 * 3600 * 1000


class StoredKey(Protocol):
    """What a store gives back: `app.core.ports.SkippedKey` fits, and so does `SkippedKey`."""

    @property
    def chain(self) -> bytes: ...

    @property
    def number(self) -> int: ...

    @property
    def key(self) -> bytes: ...

    @property
    def created_ms(self) -> int: ...


class SkippedKey(NamedTuple):
    """One message key. `chain` is the peer's DH public key (32 bytes), `number` the message's N in it."""

    chain: bytes
    number: int
    key: bytes
    created_ms: int

    def __repr__(self) -> str:
        return f"SkippedKey(chain={self.chain[:4].hex()}, number={self.number}, key=<redacted>)"


class SkippedKeys:
    """Bounded store of skipped keys, oldest first; chains in the order in which they first lost a message."""

    __slots__ = ("_added", "_chains", "_count", "_max_chains", "_max_keys", "_removed")

    def __init__(
        self,
        stored: Iterable[StoredKey] = (),
        *,
        max_keys: int = MAX_SKIPPED_KEYS,
        max_chains: int = MAX_CHAINS,
    ) -> None:
        self._chains: dict[bytes, dict[int, SkippedKey]] = {}
        self._count = 0
        self._max_keys = max_keys
        self._max_chains = max_chains
        self._added: dict[tuple[bytes, int], SkippedKey] = {}
        self._removed: dict[tuple[bytes, int], None] = {}
        for row in stored:
            self._insert(SkippedKey(row.chain, row.number, row.key, row.created_ms))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[SkippedKey]:
        for chain in self._chains.values():
            yield from chain.values()

    def __repr__(self) -> str:
        return f"SkippedKeys({self._count} keys in {len(self._chains)} chains)"

    def has_chain(self, chain: bytes) -> bool:
        return chain in self._chains

    def find(self, chain: bytes, number: int, now_ms: int) -> bytes | None:
        """The key of one message, or None. A key past its age is as good as deleted."""
        keys = self._chains.get(chain)
        found = keys.get(number) if keys else None
        if found is None or found.created_ms < now_ms - MAX_AGE_MS:
            return None
        return found.key

    def store(self, keys: Iterable[SkippedKey]) -> None:
        """Keep keys, oldest first, and drop the oldest beyond the bounds."""
        for key in keys:
            self._insert(key)
            name = (key.chain, key.number)
            self._added[name] = key
        while len(self._chains) > self._max_chains:
            self._drop_chain(next(iter(self._chains)))
        while self._count > self._max_keys:
            chain = next(iter(self._chains))
            self.remove(chain, next(iter(self._chains[chain])))

    def remove(self, chain: bytes, number: int) -> None:
        """Delete one key that is there."""
        keys = self._chains[chain]
        del keys[number]
        self._count -= 1
        if not keys:
            del self._chains[chain]
        if self._added.pop((chain, number), None) is None:
            self._removed[(chain, number)] = None

    def expire(self, now_ms: int) -> None:
        """Delete keys older than 30 days. Keys lie in order of time but for jumps of the clock."""
        oldest = now_ms - MAX_AGE_MS
        while self._chains:
            chain, keys = next(iter(self._chains.items()))
            first = next(iter(keys.values()))
            if first.created_ms >= oldest:
                return
            self.remove(chain, first.number)

    def take_changes(self) -> tuple[list[SkippedKey], list[tuple[bytes, int]]]:
        """(added, removed) since the last call. A key that came and went in between is in neither."""
        changes = (list(self._added.values()), list(self._removed))
        self._added.clear()
        self._removed.clear()
        return changes

    def _insert(self, key: SkippedKey) -> None:
        keys = self._chains.setdefault(key.chain, {})
        self._count += key.number not in keys
        keys[key.number] = key

    def _drop_chain(self, chain: bytes) -> None:
        for number in list(self._chains[chain]):
            self.remove(chain, number)
