"""kill -9 at any write: what was said to be committed is there, what was not is not there by halves (attack 17)."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.store.db import Store
from tests.store.crash_child import TRANSACTIONS
from tests.store.kit import KEY, blob, content, message

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
ROOT = Path(__file__).parents[2]


def run_child(database: Path, die_at: int) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.crash_child", str(database), str(die_at)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=False,
    )
    return done.returncode, done.stdout.decode().split("\n")


def committed(lines: list[str]) -> int:
    """How many transactions the child was told to be on the disk."""
    return sum(line.isdigit() for line in lines)


def check(database: Path, told: int) -> None:
    store = Store.open(database, KEY)
    with store.write() as tx:
        last = tx.values.get("last")
        there = int(last) + 1 if last is not None else 0
        # One more than told is right: it was committed, but the child died before it could say so.
        assert told <= there <= told + 1
        for number in range(TRANSACTIONS):
            alive = max(there - 2, 0) <= number < there
            assert tx.history.has_message(content(number)) is alive
            assert bool(tx.history.deliveries(content(number))) is alive
            assert (tx.blobs.get(blob(number, 2).blob) is not None) is alive
            assert (tx.blobs.chunk(blob(number, 2).blob, 0) is not None) is alive
            assert (len(tx.queues.outbox_of_content(content(number))) == 1) is (number < there)
        found = {hit.message for hit in tx.history.search("Wunden", None, 50, 0)}
        assert found == {content(number) for number in range(max(there - 2, 0), there)}
        assert tx.queues.next_number() == there + 1
        while tx.blobs.delete_step():
            pass
        tx.history.add_message(message("afterwards"))
    assert store.check() == []
    assert store.checkpoint().erased
    store.close()


def test_a_child_that_lives_does_all(database: Path) -> None:
    code, lines = run_child(database, 0)
    assert code == 0
    assert committed(lines) == TRANSACTIONS
    check(database, TRANSACTIONS)


@pytest.mark.parametrize("part", range(6))
def test_killed_at_a_write(database: Path, part: int) -> None:
    """The 6 parts spread over the whole run; within a commit, between commits, within the checkpoint."""
    _code, lines = run_child(database.with_name("whole.db"), 0)
    writes = int(next(line for line in lines if line.startswith("writes")).split()[1])
    for die_at in {1 + part * writes // 6 + step * 7 for step in range(3)}:
        target = database.with_name(f"killed-{die_at}.db")
        code, lines = run_child(target, min(die_at, writes))
        assert code == -9
        check(target, committed(lines))


@pytest.mark.slow
def test_killed_at_every_fourth_write(database: Path) -> None:
    _code, lines = run_child(database.with_name("whole.db"), 0)
    writes = int(next(line for line in lines if line.startswith("writes")).split()[1])
    for die_at in range(1, writes + 1, 4):
        target = database.with_name(f"killed-{die_at}.db")
        code, lines = run_child(target, die_at)
        assert code == -9
        check(target, committed(lines))
        target.unlink()
