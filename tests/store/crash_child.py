"""A process that dies in the middle of writing, for test_crash.py. Not a test.

    python -m tests.store.crash_child DATABASE WRITES

Makes transactions on DATABASE and prints each number after its commit; kills itself at the WRITES-th write or
sync that reaches the file system (0: never), before that one is carried out.
"""

import os
import signal
import sys
from pathlib import Path

from app.store.db import Store
from tests.store.kit import BERND, DESK, KEY, FaultyVfs, blob, content, delivery, message, outbox

TRANSACTIONS = 6


def main(path: Path, die_at: int) -> None:
    vfs = FaultyVfs()
    store = Store.open(path, KEY, vfs=vfs.encrypting_name)
    vfs.calls = 0

    def before(_what: str, calls: int) -> None:
        if calls == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    vfs.before_call = before
    for number in range(TRANSACTIONS):
        transaction(store, number)
        print(number, flush=True)
        if number == TRANSACTIONS // 2:
            store.checkpoint()
    print("writes", vfs.calls, flush=True)


def transaction(store: Store, number: int) -> None:
    """What must be there together or not at all."""
    picture = blob(number, 2)
    with store.write() as tx:
        tx.history.add_message(message(number, f"Wunde {number} " + "lang " * 400, number, blob=picture.blob))
        tx.history.put_delivery(delivery(number, DESK, BERND, "waiting"))
        tx.queues.put_outbox(outbox(tx.queues.next_number(), content=content(number)))
        tx.blobs.put(picture)
        tx.blobs.put_chunk(picture.blob, 0, bytes(20_000))
        if number >= 2:
            tx.history.delete_message(content(number - 2))
        tx.values.put("last", str(number).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
