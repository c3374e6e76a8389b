"""A channel server on a loop of its own, as the engine runs it, with an answer that tests choose."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.channel.server import ChannelServer
from app.core.events import AnyEvent
from app.core.requests import AnyRequest
from app.core.views import AnyView, Phase, Status

READY = Status(phase=Phase.READY, locked=False, has_pin=False, person_name="Dr. Weber", unread=3)


class Instance:
    """A server on its own loop in its own thread, as the engine is."""

    def __init__(self, profile: Path) -> None:
        self.profile = profile
        self.locked = False
        self.seen: list[AnyRequest] = []
        self.answer: Callable[[AnyRequest], Awaitable[AnyView]] = self._status
        self.loop = asyncio.new_event_loop()
        self.server = ChannelServer(profile, self._handle, locked=lambda: self.locked)
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    async def _status(self, request: AnyRequest) -> AnyView:
        return READY

    async def _handle(self, request: AnyRequest) -> AnyView:
        self.seen.append(request)
        return await self.answer(request)

    def run(self, work: Awaitable[None]) -> None:
        async def wait() -> None:
            await work

        asyncio.run_coroutine_threadsafe(wait(), self.loop).result(10)

    def start(self) -> None:
        self.run(self.server.start())

    def stop(self) -> None:
        self.run(self.server.stop())

    def publish(self, *events: AnyEvent) -> None:
        async def tell() -> None:
            for event in events:
                self.server.publish(event)

        self.run(tell())

    def end(self) -> None:
        self.stop()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()
