"""What this device shows in the network and whether there is one: mDNS announcements, renamed every day.

An announcement holds a version, blinded tags (key "t") and, only while the practice is open for joining, its name
(key "n"). Instance and host name are random and change with the day, so that two days share nothing (section 8).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from app.core.effects import Announce
from crypto.entropy import Entropy
from transport.discovery import Announcement, MdnsDiscovery
from transport.errors import DiscoveryError
from transport.events import Sighting

log = logging.getLogger(__name__)

TXT_VERSION: Final = b"1"
MAX_NAME_BYTES: Final = 120


class Presence:
    """Owns the mDNS side. Lives on the engine's loop."""

    def __init__(
        self,
        *,
        entropy: Entropy,
        only: frozenset[str] | None,
        sighted: Callable[[Sighting], None],
        changed: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._entropy = entropy
        self._discovery = MdnsDiscovery(sighted, changed, only=only)
        self._failed = failed
        self._port = 0
        self._tags: tuple[bytes, ...] = ()
        self._open_name: str | None = None
        self._named_for: tuple[tuple[bytes, ...], str | None] | None = None
        self._instance = self._host = ""
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, port: int) -> None:
        """Raises `DiscoveryError`; the messenger also works without, over known addresses."""
        self._port = port
        await self._discovery.start()
        self._task = asyncio.get_running_loop().create_task(self._keep_announced())

    async def stop(self) -> None:
        """Goodbye in the network."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._discovery.stop()

    @property
    def has_network(self) -> bool:
        """Whether anybody could be reached at all."""
        return self._discovery.has_network

    def typed_addresses(self) -> tuple[str, ...]:
        """`192.168.1.20:47110`: to be typed on the new PC where mDNS does not reach."""
        hosts = self._discovery.addresses[:4]
        return tuple(f"[{host}]:{self._port}" if ":" in host else f"{host}:{self._port}" for host in hosts)

    def announce(self, effect: Announce) -> None:
        """Tags of the day, from the core."""
        if effect.tags != self._tags:
            self._tags = effect.tags
            self._wanted.set()

    def show_open(self, name: str | None) -> None:
        """The practice's name while it is open for joining, else None."""
        if name != self._open_name:
            self._open_name = name
            self._wanted.set()

    async def _keep_announced(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._discovery.announce(self._announcement())
            except DiscoveryError as error:
                log.warning("announcement failed: %s", type(error).__name__)
                self._failed(error)

    def _announcement(self) -> Announcement | None:
        if not self._tags and self._open_name is None:
            return None
        # A new name with every change: listeners' caches tell a TXT record that comes back (opened, closed, opened
        # again) from the one they had before only after a while, a new name at once.
        if self._named_for != (self._tags, self._open_name):
            self._named_for = (self._tags, self._open_name)
            self._instance, self._host = self._entropy.token(8).hex(), self._entropy.token(8).hex()
        txt: dict[str, bytes] = {"v": TXT_VERSION}
        if self._tags:
            txt["t"] = b"".join(self._tags)
        if self._open_name is not None:
            txt["n"] = cut_utf8(self._open_name, MAX_NAME_BYTES)
        return Announcement(self._instance, self._host, self._port, txt)


def cut_utf8(text: str, limit_bytes: int) -> bytes:
    """At most `limit_bytes` of UTF-8, no character halved."""
    return text.encode()[:limit_bytes].decode(errors="ignore").encode()
