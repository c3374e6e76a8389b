"""Deletion is claimed only after the write-ahead log, which still holds the old pages, was emptied.

Two counters in the database say how often erasure was asked for and up to which request it was carried out;
they survive a crash, so an interrupted erasure is repeated at the next start (protocol 10.12, 11.21).
"""

from app.store.access import Access


def ask_erasure(access: Access) -> None:
    """Something was deleted in this transaction that must not be found again."""
    access.run("update counter set value = value + 1 where name = 'erasure_asked'")


def erasure_asked(access: Access) -> int:
    return access.number("select value from counter where name = 'erasure_asked'")


def erasure_due(access: Access) -> bool:
    """Deleted content may still be in the write-ahead log."""
    done = access.number("select value from counter where name = 'erasure_done'")
    return erasure_asked(access) != done


def erasure_finished(access: Access, asked: int) -> None:
    """The log was emptied after request number `asked` was committed."""
    access.run("update counter set value = max(value, ?) where name = 'erasure_done'", asked)
