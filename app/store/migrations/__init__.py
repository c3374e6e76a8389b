"""The ordered list of schema versions. A released migration is never changed; a new one is appended.

`user_version` of the file is the number of migrations applied. All missing ones run in one transaction.
"""

from collections.abc import Callable
from typing import Final

import apsw

from app.store.errors import TooNew
from app.store.migrations import m0001_first

Migration = Callable[[apsw.Connection], None]

MIGRATIONS: Final[tuple[Migration, ...]] = (m0001_first.apply,)
LATEST: Final = len(MIGRATIONS)


def migrate(
    connection: apsw.Connection, application_id: int, migrations: tuple[Migration, ...] = MIGRATIONS
) -> int:
    """Bring the file to the newest schema. Returns how many migrations ran.

    Raises `TooNew` without having written. Errors of SQLite pass through; the transaction is rolled back.
    """
    found = int(connection.pragma("user_version"))
    if found > len(migrations):
        raise TooNew(found, len(migrations))
    if found == len(migrations):
        return 0
    connection.execute("begin immediate")
    try:
        for apply in migrations[found:]:
            apply(connection)
        connection.pragma("application_id", application_id)
        connection.pragma("user_version", len(migrations))
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise
    return len(migrations) - found
