"""This computer's own addresses, as far as others can reach it by them."""

import ipaddress
from dataclasses import dataclass

import ifaddr


@dataclass(frozen=True, slots=True, order=True)
class OwnAddress:
    """One address of one interface. `index` is the interface's number, the scope of fe80:: addresses."""

    host: str
    index: int

    @property
    def is_loopback(self) -> bool:
        """Reaches this computer only."""
        return ipaddress.ip_address(self.host).is_loopback


def own_addresses() -> frozenset[OwnAddress]:
    """Asks the system; may take milliseconds, so call it off the loop."""
    found = set()
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            host = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            try:
                address = ipaddress.ip_address(host.partition("%")[0])
            except ValueError:
                continue
            if not address.is_multicast and not address.is_unspecified:
                found.add(OwnAddress(str(address), adapter.index or 0))
    return frozenset(found)


def to_advertise(addresses: frozenset[OwnAddress]) -> tuple[str, ...]:
    """Addresses to tell others: loopback only when there is nothing else (one computer without a network)."""
    outside = {address.host for address in addresses if not address.is_loopback}
    return tuple(sorted(outside or {address.host for address in addresses}))
