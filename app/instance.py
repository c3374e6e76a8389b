"""A running instance: the engine with the local channel, headless or under a window; ended by signal or request."""

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

from app.channel import ChannelError
from app.channel.server import ChannelServer
from app.core.events import AnyEvent
from app.engine import Engine, EngineOptions, Service

log = logging.getLogger(__name__)


class ChannelService(Service):
    """The local channel on the engine's loop."""

    def __init__(self, engine: Engine, options: EngineOptions) -> None:
        self._engine = engine
        self._server = ChannelServer(options.profile, engine.ask, locked=lambda: engine.locked)
        self._listening = False

    async def start(self) -> None:
        """Another instance on this profile is no failure here: opening the profile will say so."""
        try:
            await self._server.start()
        except ChannelError as error:
            log.warning("no local channel: %s", type(error).__name__)
            return
        self._listening = True
        self._engine.subscribe(self._publish)

    async def stop(self) -> None:
        """Answers that are written leave."""
        if self._listening:
            self._engine.unsubscribe(self._publish)
            await self._server.stop()

    def _publish(self, event: AnyEvent) -> None:
        self._server.publish(event)


def make_engine(options: EngineOptions) -> Engine:
    """An engine that also answers scripts."""
    engine = Engine(options)
    engine.add_service(lambda running: ChannelService(running, options))
    return engine


def run_headless(options: EngineOptions) -> int:
    """Until Ctrl+C, SIGTERM or a `Quit` request. 0, or 1 if the profile could not be opened."""
    ended = threading.Event()
    engine = make_engine(options)
    engine.on_quit(ended.set)
    with _signals(ended.set):
        engine.start()
        while not ended.wait(0.5):  # a bare wait would not let Windows deliver Ctrl+C
            pass
        engine.stop()
    return 0


class _signals:
    """SIGINT and SIGTERM call `end` inside."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._end()

    def __enter__(self) -> None:
        self._old = {number: signal.signal(number, self._handle) for number in (signal.SIGINT, signal.SIGTERM)}

    def __exit__(self, *_: object) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)
