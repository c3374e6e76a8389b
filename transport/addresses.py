"""Which addresses are worth dialling, in which order. Everything that comes in may be hostile."""

import ipaddress
from collections.abc import Iterable
from typing import Final

from transport.events import Address

MAX_CANDIDATES: Final = 16
"""Addresses tried for one device; the rest is ignored."""

_LIMITED_BROADCAST: Final = ipaddress.IPv4Address("255.255.255.255")


def normalised(address: Address) -> Address | None:
    """The address in its one spelling, or None if it must not be dialled.

    Refused: host names, multicast, broadcast, unspecified, port 0, fe80:: without a scope, and whatever the
    address library does not read. A v4-mapped IPv6 address becomes IPv4.
    """
    if not 0 < address.port <= 0xFFFF or not 0 <= address.scope_id <= 0xFFFFFFFF:
        return None
    try:
        ip = ipaddress.ip_address(address.host)
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:  # "fe80::1%eth0": the scope has its own field
            return None
        ip = ip.ipv4_mapped or ip
    if ip.is_multicast or ip.is_unspecified or ip == _LIMITED_BROADCAST:
        return None
    if isinstance(ip, ipaddress.IPv4Address):
        if ip.is_reserved or ip.packed[0] == 0:
            return None
        return Address(str(ip), address.port)
    if ip.is_link_local:
        return Address(str(ip), address.port, address.scope_id) if address.scope_id else None
    if ip.is_reserved and not ip.is_loopback:
        return None
    return Address(str(ip), address.port)


def _preference(address: Address) -> int:
    ip = ipaddress.ip_address(address.host)
    if isinstance(ip, ipaddress.IPv4Address):
        return 2 if ip.is_link_local else 0
    # Temporary global IPv6 addresses come and go; fe80:: works without any router.
    return 3 if ip.is_link_local else 1


def candidates(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Valid addresses, each once, the likely ones first, otherwise in the given order; at most 16."""
    unique: dict[Address, None] = {}
    for address in addresses:
        normal = normalised(address)
        if normal is not None:
            unique[normal] = None
        if len(unique) >= 4 * MAX_CANDIDATES:
            break
    return tuple(sorted(unique, key=_preference)[:MAX_CANDIDATES])


def source_prefix(host: str) -> str:
    """What counts as one source when strangers are limited: an IPv4 address, an IPv6 /64."""
    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        if not ip.is_link_local:
            return ip.packed[:8].hex()
    return str(ip)
