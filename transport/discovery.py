"""mDNS: tell the network that somebody is here, and hear who else is (protocol section 8).

The instance and host names and the TXT record come from the caller, who makes them random and blinded. All that
arrives is hostile: bounded in number and size, checked, and passed on only when it changed. A device's departure
is the link's business: mDNS notices a crash after 75 minutes.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from zeroconf import (
    BadTypeInNameException,
    DNSQuestionType,
    InterfaceChoice,
    IPVersion,
    NonUniqueNameException,
    ServiceStateChange,
    Zeroconf,
)
from zeroconf import Error as ZeroconfError
from zeroconf._dns import DNSText
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from transport.addresses import candidates
from transport.errors import DiscoveryError
from transport.events import Address, Sighting
from transport.interfaces import OwnAddress, own_addresses, to_advertise

logger = logging.getLogger(__name__)

SERVICE: Final = "_praxisfunk._udp.local."
MAX_SERVICES: Final = 512
"""Services remembered at once. The oldest is forgotten for a new one, so that a flood hides nobody."""
MAX_RESOLVING: Final = 64
_RESOLVE_MS: Final = 3000
_WATCH_S: Final = 5.0
_WAKE_S: Final = 10.0
_TTL_S: Final = 120
_TYPE_TXT: Final = 16  # RFC 1035
_CLASS_IN: Final = 1
_MAX_TXT_BYTES: Final = 1300
_MAX_TXT_KEYS: Final = 64
_LABEL: Final = re.compile(r"[a-z0-9-]{1,63}")
_TXT_KEY: Final = re.compile(rb"[!-<>-~]{1,32}")

SightingSink = Callable[[Sighting], None]


@dataclass(frozen=True, slots=True)
class Announcement:
    """What this device says. `instance` and `host` are single labels of a-z, 0-9 and "-"."""

    instance: str
    host: str
    port: int
    txt: Mapping[str, bytes]

    def __post_init__(self) -> None:
        if not _LABEL.fullmatch(self.instance) or not _LABEL.fullmatch(self.host):
            raise ValueError("instance and host names are labels of a-z, 0-9 and -")


class MdnsDiscovery:
    """Start, announce, listen. All calls and callbacks on the loop's thread."""

    def __init__(
        self,
        sink: SightingSink,
        interfaces_changed: Callable[[], None] = lambda: None,
        *,
        only: frozenset[str] | None = None,
    ) -> None:
        """`interfaces_changed`: addresses came or went, or the computer woke: tell the transport.

        `only`: use no interfaces but those with these addresses (policy "allowed networks"; tests on loopback).
        """
        self._only = only
        self._sink = sink
        self._interfaces_changed = interfaces_changed
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._resolving: dict[str, asyncio.Task[None]] = {}
        self._seen: dict[str, Sighting | None] = {}
        self._own: frozenset[OwnAddress] = frozenset()
        self._announcement: Announcement | None = None
        self._registered: AsyncServiceInfo | None = None

    async def start(self) -> None:
        """Join the multicast groups and listen. Raises `DiscoveryError`."""
        self._own = await self._look_around()
        self._zeroconf = self._open()
        try:
            await self._zeroconf.zeroconf.async_wait_for_start()
        except ZeroconfError as exc:
            raise DiscoveryError("mDNS did not start") from exc
        self._browser = AsyncServiceBrowser(
            self._zeroconf.zeroconf,
            SERVICE,
            handlers=[self._on_change],
            delay=1,
            # An answer sent to this host only would go to whichever of its programs has port 5353 first: another
            # mDNS service, or another user's Praxisfunk (RFC 6762, 15.2). The next try would cost a second.
            question_type=DNSQuestionType.QM,
        )
        self._watcher = asyncio.create_task(self._watch())

    async def _look_around(self) -> frozenset[OwnAddress]:
        own = await asyncio.to_thread(own_addresses)
        return own if self._only is None else frozenset(a for a in own if a.host in self._only)

    def _open(self) -> AsyncZeroconf:
        if self._only is not None:
            try:
                return AsyncZeroconf(interfaces=sorted(address.host for address in self._own))
            except OSError as exc:
                raise DiscoveryError(f"mDNS cannot be started: {exc.strerror}") from exc
        try:
            return AsyncZeroconf(interfaces=InterfaceChoice.All, ip_version=IPVersion.All)
        except OSError:
            logger.info("mDNS without IPv6")
        try:
            return AsyncZeroconf(interfaces=InterfaceChoice.All, ip_version=IPVersion.V4Only)
        except OSError as exc:
            raise DiscoveryError(f"mDNS cannot be started: {exc.strerror}") from exc

    async def stop(self) -> None:
        """Say goodbye and leave."""
        self._stopping.set()
        if self._watcher is not None:
            await self._watcher
        for task in list(self._resolving.values()):
            task.cancel()
        await asyncio.gather(*self._resolving.values(), return_exceptions=True)
        if self._browser is not None:
            await self._browser.async_cancel()
        await self.announce(None)
        if self._zeroconf is not None:
            await self._zeroconf.async_close()
            self._zeroconf = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Own addresses as announced, newest look: what to show for typing by hand."""
        return to_advertise(self._own)

    @property
    def has_network(self) -> bool:
        """Whether any interface but loopback has an address."""
        return any(self._only is not None or not address.is_loopback for address in self._own)

    # --- saying -------------------------------------------------------------------------------------------

    async def announce(self, announcement: Announcement | None) -> None:
        """Replace what is announced; None: say goodbye. Raises `DiscoveryError`."""
        self._announcement = announcement
        old, self._registered = self._registered, None
        info = None if announcement is None else self._info(announcement)
        if self._zeroconf is None:
            return
        try:
            if old is not None and info is not None and old.name == info.name and old.server == info.server:
                self._registered = info
                await self._zeroconf.async_update_service(info)
                return
            if info is not None:
                # Random names need no probing, which would cost a second.
                self._registered = info
                await self._zeroconf.async_register_service(info, ttl=_TTL_S, cooperating_responders=True)
            if old is not None:
                await (await self._zeroconf.async_unregister_service(old))
        except (ZeroconfError, NonUniqueNameException, OSError) as exc:
            raise DiscoveryError("mDNS refused the announcement") from exc

    def _info(self, announcement: Announcement) -> AsyncServiceInfo:
        return AsyncServiceInfo(
            SERVICE,
            f"{announcement.instance}.{SERVICE}",
            port=announcement.port,
            properties=dict(announcement.txt),
            server=f"{announcement.host}.local.",
            parsed_addresses=list(to_advertise(self._own)),
        )

    # --- hearing ------------------------------------------------------------------------------------------

    def _on_change(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        instance = name.removesuffix("." + SERVICE)
        if service_type != SERVICE or not _LABEL.fullmatch(instance):
            return
        if self._announcement is not None and instance == self._announcement.instance:
            return
        if state_change is ServiceStateChange.Removed:
            if self._forget(instance) is not None:
                self._sink(Sighting(instance, (), {}))
            return
        if instance not in self._seen:
            if len(self._seen) >= MAX_SERVICES:
                self._forget(next(iter(self._seen)))
            self._seen[instance] = None
        self._look(zeroconf, instance, name)

    def _forget(self, instance: str) -> Sighting | None:
        task = self._resolving.pop(instance, None)
        if task is not None:
            task.cancel()
        return self._seen.pop(instance, None)

    def _look(self, zeroconf: Zeroconf, instance: str, name: str) -> None:
        try:
            info = AsyncServiceInfo(SERVICE, name)
        except (BadTypeInNameException, ValueError):
            self._seen.pop(instance, None)
            return
        if info.load_from_cache(zeroconf):
            self._report(instance, info)
        elif instance not in self._resolving:
            if len(self._resolving) >= MAX_RESOLVING:
                self._forget(next(iter(self._resolving)))
            task = asyncio.create_task(self._resolve(zeroconf, instance, info))
            self._resolving[instance] = task

    async def _resolve(self, zeroconf: Zeroconf, instance: str, info: AsyncServiceInfo) -> None:
        try:
            answered = await info.async_request(zeroconf, _RESOLVE_MS, question_type=DNSQuestionType.QM)
        except (ZeroconfError, OSError) as exc:
            logger.debug("resolving failed: %s", type(exc).__name__)
            answered = False
        finally:
            if self._resolving.get(instance) is asyncio.current_task():
                del self._resolving[instance]
        if answered:
            self._report(instance, info)
        elif self._seen.get(instance) is None:
            self._seen.pop(instance, None)

    def _report(self, instance: str, info: AsyncServiceInfo) -> None:
        sighting = Sighting(instance, self._addresses(info), self._txt(self._newest(info)))
        if not sighting.addresses or self._seen.get(instance) == sighting:
            return
        self._seen[instance] = sighting
        self._sink(sighting)

    @staticmethod
    def _addresses(info: AsyncServiceInfo) -> tuple[Address, ...]:
        port = info.port or 0
        found = []
        for text in info.parsed_scoped_addresses(IPVersion.All)[:64]:
            host, _, scope = text.partition("%")
            found.append(Address(host, port, int(scope) if scope.isdecimal() else 0))
        return candidates(found)

    def _newest(self, info: AsyncServiceInfo) -> AsyncServiceInfo:
        """`info` with the TXT record that came last.

        The library takes the one that was first seen last: a record that comes back after another one (a practice
        opened, closed and opened again within a second) would stay hidden behind it.
        """
        if self._zeroconf is None:
            return info
        records = self._zeroconf.zeroconf.cache.async_all_by_details(info.name, _TYPE_TXT, _CLASS_IN)
        texts = [record for record in records if isinstance(record, DNSText)]
        if not texts:
            return info
        newest = max(texts, key=lambda record: record.created)
        return AsyncServiceInfo(SERVICE, info.name, properties=newest.text)

    @staticmethod
    def _txt(info: AsyncServiceInfo) -> dict[str, bytes]:
        if len(info.text) > _MAX_TXT_BYTES:
            return {}
        txt: dict[str, bytes] = {}
        for key, value in info.properties.items():
            if len(txt) >= _MAX_TXT_KEYS or not _TXT_KEY.fullmatch(key):
                return {}
            txt[key.decode("ascii")] = value or b""
        return txt

    # --- the network changes ------------------------------------------------------------------------------

    async def _watch(self) -> None:
        wall, steady = time.time(), time.monotonic()
        while not self._stopping.is_set():
            try:
                await asyncio.wait_for(self._stopping.wait(), _WATCH_S)
            except TimeoutError:
                # A sleeping computer's steady clock stands still, its wall clock does not.
                jump = (time.time() - wall) - (time.monotonic() - steady)
                wall, steady = time.time(), time.monotonic()
                await self.check(woke=jump > _WAKE_S)

    async def check(self, *, woke: bool = False) -> None:
        """Look at the interfaces now; done every 5 s anyway."""
        own = await self._look_around()
        if own == self._own and not woke:
            return
        self._own = own
        logger.info("interfaces changed: %d addresses%s", len(own), ", woke up" if woke else "")
        self._interfaces_changed()
        if self._zeroconf is None:
            return
        try:
            if self._only is None:
                await self._zeroconf.async_update_interfaces()
            if self._announcement is not None and self._registered is not None:
                await self.announce(self._announcement)
        except (DiscoveryError, ZeroconfError, OSError) as exc:
            logger.warning("mDNS after a change of interfaces: %s", type(exc).__name__)
