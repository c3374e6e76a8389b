"""Whom to dial and where, and what to show in mDNS (protocol sections 8, 10.10, 11.13).

Addresses come from links that worked, sightings whose tag only members can make, and gossip of members. All of
it is a hint: who answers there is proven by the certificate.
"""

import ipaddress
import logging
from typing import Final

from app.core import limits
from app.core.effects import Announce, DialOnce, Unwant, Want
from app.core.ports import AddressRow
from app.core.views import Reach
from app.core.wire import Gossip, GossipAddress
from app.core.work import Link, Seen, Work
from crypto import tags
from crypto.ids import DeviceId
from transport.base import ALPN_ROSTER
from transport.events import Address, PeerId, Sighting

log = logging.getLogger(__name__)

TAGS_KEY: Final = "t"
"""TXT key of the concatenated tags."""
_DAY_MS: Final = limits.DAY_MS
_GOSSIP_DEVICES: Final = 32


# --- announcing ---------------------------------------------------------------------------------------


def announce(work: Work) -> None:
    """Show today's tags, if they are not shown already. Only the current secret of a circle is used."""
    day = tags.day_of(work.now.wall_ms // 1000)
    if work.cache.stopped or not work.directory.circles[work.home].own_active:
        return
    current = tuple(
        rows[0].secret for circle in work.directory.circles if (rows := work.tx.secrets.all(circle))
    )
    shown = (day, current)
    if shown == work.state.announced:
        return
    work.state.announced = shown
    work.state.tag_devices.clear()
    work.emit(Announce(tags=tags.announcement(current, day, work.own_id, work.entropy)))


def silence(work: Work) -> None:
    """Announce nothing: this device belongs to no circle any more."""
    work.state.announced = None
    work.emit(Announce(tags=()))


def _dictionary(work: Work) -> dict[bytes, DeviceId]:
    """Tag -> device for every secret that is still recognised; prepared once a day and roster."""
    known = work.state.tag_devices
    if not known:
        day = tags.day_of(work.now.wall_ms // 1000)
        secrets = [row.secret for circle in work.directory.circles for row in work.tx.secrets.all(circle)]
        others = [one for one, entry in work.directory.devices.items() if not entry.revoked]
        known.update(tags.dictionary(secrets, day, [one for one in others if one != work.own_id]))
    return known


# --- sightings ----------------------------------------------------------------------------------------


def on_sighting(work: Work, seen: Sighting) -> None:
    """Look an announcement up. Nothing of a stranger's is kept."""
    old = work.state.sighted.pop(seen.instance, None)
    device = _device_of(work, seen.txt.get(TAGS_KEY, b"")) if seen.addresses else None
    if device is not None and len(work.state.sighted) < limits.MAX_SIGHTINGS:
        addresses = seen.addresses[: limits.MAX_ADDRESSES]
        work.state.sighted[seen.instance] = Seen(device, addresses)
        want(work, device)
    if old is not None and old.device != device:
        want(work, old.device)


def _device_of(work: Work, joined: bytes) -> DeviceId | None:
    size = tags.TAG_BYTES
    if not joined or len(joined) % size or len(joined) > size * tags.MAX_TAGS:
        return None
    known = _dictionary(work)
    found = (known.get(joined[at : at + size]) for at in range(0, len(joined), size))
    return next((device for device in found if device is not None), None)


# --- dialling -----------------------------------------------------------------------------------------


def addresses_of(work: Work, device: DeviceId) -> tuple[Address, ...]:
    """Where to dial: what worked, then what is seen now, then the rest; each once."""
    stored = work.tx.addresses.of_device(device)
    worked = [_address(row) for row in stored if row.source == "worked"]
    seen = [one for sight in work.state.sighted.values() if sight.device == device for one in sight.addresses]
    others = [_address(row) for row in stored if row.source != "worked"]
    return tuple(dict.fromkeys((*worked, *seen, *others)))[: limits.MAX_ADDRESSES]


def _address(row: AddressRow) -> Address:
    return Address(row.host, row.port, row.scope_id)


def want(work: Work, device: DeviceId) -> None:
    """Tell the transport where this device may be; wanted as long as it is a colleague's."""
    if device == work.own_id:
        return
    if work.cache.stopped or not work.directory.is_active(device):
        unwant(work, device)
        return
    addresses = addresses_of(work, device)
    if addresses and work.state.wanted.get(device) != addresses:
        work.state.wanted[device] = addresses
        work.emit(Want(peer=PeerId(device), addresses=addresses))


def unwant(work: Work, device: DeviceId) -> None:
    """Dial this one no more."""
    if work.state.wanted.pop(device, None) is not None:
        work.emit(Unwant(peer=PeerId(device)))


def want_all(work: Work) -> None:
    """After a start or a change of the roster."""
    for device in list(work.state.wanted):
        if device not in work.directory.devices:
            unwant(work, device)
    for device in work.directory.devices:
        want(work, device)


def worked(work: Work, link: Link) -> None:
    """Remember where a device was reached. One socket dials and listens, so a caller's address is good too."""
    _remember(work, link.peer, link.address, "worked")
    want(work, link.peer)


def _remember(work: Work, device: DeviceId, address: Address, source: str) -> None:
    work.tx.addresses.put(
        AddressRow(
            device=device,
            host=address.host,
            port=address.port,
            scope_id=address.scope_id,
            source=source,
            seen_ms=work.now.wall_ms,
        )
    )


def dial_refused(work: Work, device: DeviceId, addresses: tuple[Address, ...]) -> None:
    """The other side does not know us, or has revoked us: show it our admission on a roster link (11.3)."""
    last = work.state.refused.get(device)
    if last is not None and work.now.mono_ms - last < limits.MINUTE_MS:
        return
    if work.directory.is_active(device) and addresses and not work.cache.stopped:
        work.state.refused[device] = work.now.mono_ms
        work.emit(DialOnce(peer=PeerId(device), addresses=addresses, alpn=ALPN_ROSTER))


# --- gossip -------------------------------------------------------------------------------------------


def gossip(work: Work, link: Link) -> None:
    """Tell a colleague where the others were reached."""
    shared = _shared(work, link.peer)
    found: list[GossipAddress] = []
    for device in sorted(shared)[:_GOSSIP_DEVICES]:
        rows = [row for row in work.tx.addresses.of_device(device) if row.source in ("worked", "mdns")]
        found.extend(GossipAddress(device, row.host, row.port) for row in rows[:2] if _is_plausible(row.host))
    if found:
        work.send(link, Gossip(tuple(found[: limits.MAX_GOSSIP])))


def on_gossip(work: Work, link: Link, frame: Gossip) -> None:
    """Addresses of third devices; those that were reached lately need no advice."""
    shared = _shared(work, link.peer)
    for one in frame.addresses:
        device = DeviceId(one.device)
        if device not in shared or device in work.state.by_peer or not _is_plausible(one.host):
            continue
        _remember(work, device, Address(one.host, one.port), "gossip")
        want(work, device)


def _shared(work: Work, peer: DeviceId) -> set[DeviceId]:
    """Active devices of circles in which the peer is active too, without the two of us."""
    circles = {work.directory.persons[person].circle for person in work.directory.persons_of(peer)}
    devices = {
        device
        for person in work.directory.persons.values()
        if person.circle in circles
        for device in person.devices
    }
    return devices - {peer, work.own_id}


def _is_plausible(host: str) -> bool:
    """An IP address that means the same on another machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return not (
        address.is_loopback or address.is_multicast or address.is_unspecified or address.is_link_local
    )


# --- who is there -------------------------------------------------------------------------------------


def reach(work: Work) -> dict[DeviceId, Reach]:
    """Every device that is linked, or was a minute ago."""
    found = {
        device: Reach.AWAY
        for device, lost_ms in work.state.away.items()
        if lost_ms + limits.AWAY_MS > work.now.mono_ms
    }
    for device, link in work.state.by_peer.items():
        if work.state.links[link].greeted:
            found[device] = Reach.REACHABLE
    return found
