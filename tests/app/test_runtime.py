"""The order of things around a commit: acknowledge after it, take nothing along that failed, messages before chunks."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.core import effects as fx
from app.core.events import AnyEvent, PeopleChanged, ProblemRaised
from app.runtime import BULK_FLUSH_BYTES, Runtime
from app.store.errors import DiskFull
from transport.errors import FrameError
from transport.events import Address, BulkReceived, FrameReceived, LinkId, LinkUp, PeerId

PEER = PeerId(b"peer")
ONE, TWO = LinkId(1), LinkId(2)


class Journal:
    """What happened, in order, as seen by store, core and transport."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.full = False

    def __call__(self, line: str) -> None:
        self.lines.append(line)


class ScriptedStore:
    """Commits or fails; keeps no rows."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.fail_commits = 0

    @contextmanager
    def write(self) -> Iterator[object]:
        yield object()
        if self.fail_commits:
            self.fail_commits -= 1
            self._journal("rollback")
            raise DiskFull
        self._journal("commit")


class ScriptedCore:
    """Answers every input with one effect; raises for what a test marks as bad."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def frame(self, _tx: object, _now: fx.Now, link: LinkId, frame: bytes) -> fx.Outcome:
        self._journal(f"frame {frame.decode()}")
        if frame == b"bug":
            raise ZeroDivisionError
        effects = (fx.SendFrame(link=link, frame=b"ack " + frame), fx.SendFrame(link=link, frame=b"more"))
        if frame == b"huge":
            away = fx.SendFrame(link=TWO, frame=b"to another")
            return fx.Outcome(effects=(*effects, away), events=(PeopleChanged(),))
        return fx.Outcome(effects=effects[:1])

    def bulk(self, _tx: object, _now: fx.Now, _link: LinkId, payload: bytes) -> fx.Outcome:
        self._journal(f"bulk {len(payload)}")
        return fx.Outcome()

    def link_up(self, _tx: object, _now: fx.Now, up: LinkUp) -> fx.Outcome:
        self._journal(f"up {up.link}")
        return fx.Outcome()

    def rolled_back(self) -> None:
        self._journal("forget")


class ScriptedTransport:
    """Notes what it is told."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def send(self, link: LinkId, frame: bytes) -> bool:
        if frame == b"ack huge":
            raise FrameError
        self._journal(f"send {frame.decode()}")
        return True

    def consumed(self, link: LinkId, size_bytes: int) -> None:
        self._journal(f"consumed {size_bytes}")

    def close(self, link: LinkId, error_code: int = 0) -> None:
        self._journal(f"close {link}")


class Bench:
    """A runtime on scripted parts."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.store = ScriptedStore(self.journal)
        self.told: list[AnyEvent] = []
        parts: Any = (self.store, ScriptedCore(self.journal), ScriptedTransport(self.journal))
        self.runtime = Runtime(*parts, self.told.append, lambda effect: None)

    async def settle(self) -> None:
        """Until everything that was posted before is committed, one way or the other."""
        await self.runtime.run(lambda tx: fx.Outcome())


def frame(text: bytes, link: LinkId = ONE) -> FrameReceived:
    return FrameReceived(link, PEER, text)


def up(link: LinkId) -> LinkUp:
    return LinkUp(link, PEER, "praxisfunk/1", Address("127.0.0.1", 1), True, b"", b"")


def on_a_loop(test: Callable[[Bench], Any]) -> None:
    async def body() -> None:
        await test(Bench())

    asyncio.run(body())


def test_what_comes_together_is_one_commit_and_answered_after_it() -> None:
    async def body(bench: Bench) -> None:
        bench.runtime.on_transport([frame(b"a"), frame(b"b")])
        await bench.settle()
        assert bench.journal.lines[:7] == [
            "frame a", "frame b", "commit", "send ack a", "consumed 1", "send ack b", "consumed 1",
        ]  # fmt: skip

    on_a_loop(body)


@pytest.mark.expect_log("transaction failed", "unexpected ZeroDivisionError")
def test_a_bug_in_one_input_takes_no_neighbour_along() -> None:
    async def body(bench: Bench) -> None:
        bench.runtime.on_transport([frame(b"a"), frame(b"bug", TWO), frame(b"c")])
        await bench.settle()
        sent = [line for line in bench.journal.lines if line.startswith("send")]
        assert sent == ["send ack a", "send ack c"]
        assert "close 2" in bench.journal.lines
        assert [event.failure.code for event in bench.told if isinstance(event, ProblemRaised)] == ["internal"]

    on_a_loop(body)


@pytest.mark.expect_log("SendFrame after a commit failed")
def test_an_effect_that_fails_ends_its_link_and_takes_nothing_along() -> None:
    async def body(bench: Bench) -> None:
        bench.runtime.on_transport([frame(b"huge"), frame(b"b", TWO)])
        await bench.settle()
        assert bench.journal.lines == [
            "frame huge", "frame b", "commit",
            "close 1", "send to another", "consumed 4",
            "send ack b", "consumed 1",
        ]  # fmt: skip
        assert bench.told == [PeopleChanged()]

    on_a_loop(body)


@pytest.mark.expect_log("Outcome after a commit failed", "PeopleChanged after a commit failed")
def test_a_listener_that_fails_takes_nothing_along() -> None:
    async def body(bench: Bench) -> None:
        def refuse(_: object) -> None:
            raise ZeroDivisionError

        bench.runtime._publish = refuse
        bench.runtime.post(lambda tx: fx.Outcome(events=(PeopleChanged(),)), refuse)
        bench.runtime.on_transport([frame(b"a")])
        await bench.settle()
        assert bench.journal.lines[-2:] == ["send ack a", "consumed 1"]

    on_a_loop(body)


def test_who_no_longer_waits_for_an_answer_takes_no_neighbour_along() -> None:
    async def body(bench: Bench) -> None:
        gone = asyncio.ensure_future(bench.runtime.run(lambda tx: fx.Outcome()))
        await asyncio.sleep(0)
        gone.cancel()
        bench.runtime.on_transport([frame(b"a")])
        await bench.settle()
        assert "consumed 1" in bench.journal.lines

    on_a_loop(body)


@pytest.mark.expect_log("transaction failed")
def test_nothing_is_acknowledged_that_is_not_committed_and_the_link_ends() -> None:
    async def body(bench: Bench) -> None:
        bench.runtime.on_transport([up(ONE)])
        await bench.settle()
        bench.store.fail_commits = 2  # also when it is tried alone
        bench.runtime.on_transport([frame(b"a")])
        await bench.settle()
        lines = bench.journal.lines
        assert "send ack a" not in lines
        assert "consumed 1" not in lines
        assert lines.index("rollback") < lines.index("forget") < lines.index("close 1")

    on_a_loop(body)


def test_a_message_does_not_wait_for_chunks_that_came_before_it() -> None:
    async def body(bench: Bench) -> None:
        bench.runtime.on_transport([BulkReceived(ONE, PEER, bytes(1000)), frame(b"a")])
        await bench.settle()
        assert bench.journal.lines[:2] == ["frame a", "commit"]
        await bench.runtime.stop()
        assert "bulk 1000" in bench.journal.lines

    on_a_loop(body)


def test_chunks_are_committed_before_their_sender_runs_out_of_room() -> None:
    async def body(bench: Bench) -> None:
        bench.runtime.on_transport([BulkReceived(ONE, PEER, bytes(BULK_FLUSH_BYTES // 2)) for _ in range(2)])
        await bench.settle()
        assert [line for line in bench.journal.lines if line.startswith("bulk")] == [
            f"bulk {BULK_FLUSH_BYTES // 2}"
        ] * 2
        assert f"consumed {BULK_FLUSH_BYTES // 2}" in bench.journal.lines

    on_a_loop(body)
