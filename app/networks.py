"""This computer's own addresses: to be shown in the pairing dialog, and to know whether there is a network."""

import ipaddress
from typing import Final

import ifaddr

MAX_SHOWN: Final = 4


def addresses(interfaces: tuple[str, ...] | None) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Addresses of this computer, only those in `interfaces` if given; IPv4 first, no link-local IPv6."""
    found: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            address = ipaddress.ip_address(text.partition("%")[0])
            if interfaces is not None:
                if str(address) in interfaces:
                    found.append(address)
            elif not address.is_loopback and not (address.version == 6 and address.is_link_local):
                found.append(address)
    return sorted(found, key=lambda address: (address.version, int(address)))


def own_addresses(interfaces: tuple[str, ...] | None, port: int) -> tuple[str, ...]:
    """`192.168.1.20:47110`, to be typed where mDNS does not reach."""
    shown = addresses(interfaces)[:MAX_SHOWN]
    return tuple(f"[{a}]:{port}" if a.version == 6 else f"{a}:{port}" for a in shown)


def usable(interfaces: tuple[str, ...] | None) -> bool:
    """Whether anybody could be reached at all."""
    return bool(addresses(interfaces))
