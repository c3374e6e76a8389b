"""Who comes before whom: statements by index, with the set of all ancestors of each as the bits of one integer.

Indices are given in order of arrival, parents first. 10,000 statements in one line take 6 MB.
"""

from collections.abc import Iterable, Iterator

from crypto.ids import StatementHash
from crypto.statement import SignedStatement


def bits(mask: int) -> Iterator[int]:
    """Indices of the set bits, ascending."""
    digits = bin(mask)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


class Dag:
    """Append-only."""

    def __init__(self) -> None:
        self.statements: list[SignedStatement] = []
        self.past: list[int] = []
        """All strict ancestors of each statement."""
        self.index: dict[bytes, int] = {}
        self.authored: dict[bytes, int] = {}
        """Everything that an author made."""
        self.order: list[tuple[int, bytes]] = []
        """(lamport, hash): a total order in which ancestors come first."""

    def __len__(self) -> int:
        return len(self.statements)

    @property
    def everything(self) -> int:
        """All statements."""
        return (1 << len(self.statements)) - 1

    def hash(self, index: int) -> StatementHash:
        """Name of a statement."""
        return self.statements[index].hash

    def closure(self, indices: Iterable[int]) -> int:
        """These statements and all their ancestors."""
        mask = 0
        for index in indices:
            mask |= self.past[index] | 1 << index
        return mask

    def is_before(self, a: int, b: int) -> bool:
        """Whether a is an ancestor of b."""
        return bool(self.past[b] >> a & 1)

    def append(self, signed: SignedStatement, past: int) -> int:
        """Add a statement whose ancestors are `past`."""
        index = len(self.statements)
        self.statements.append(signed)
        self.past.append(past)
        self.index[signed.hash] = index
        author = signed.statement.author
        self.authored[author] = self.authored.get(author, 0) | 1 << index
        self.order.append((signed.statement.lamport, signed.hash))
        return index
