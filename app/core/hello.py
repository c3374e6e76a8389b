"""The first words on a link, and bundles on their way (protocol sections 7, 10.3, 11.4, 11.12)."""

import logging

from app.core import delivery, limits, reach, receipts, rosters, secrets, sessions, transfers
from app.core.wire import (
    VERSION,
    BundleGive,
    BundleHead,
    BundleHeads,
    BundleVersion,
    CloseCode,
    Hello,
)
from app.core.work import Link, Work
from crypto.errors import CryptoError
from crypto.ids import DeviceId
from crypto.prekeys import Bundle
from transport.base import ALPN_MAIN
from transport.events import LinkUp

log = logging.getLogger(__name__)


def on_up(work: Work, up: LinkUp) -> None:
    """A main link came up: say hello. A device that was revoked here is shown why and closed out."""
    link = Link(up.link, DeviceId(up.peer), ALPN_MAIN, up.dialled, up.address)
    work.state.links[up.link] = link
    work.state.by_peer[link.peer] = up.link
    work.state.away.pop(link.peer, None)
    if work.cache.stopped:
        work.close(link, CloseCode.NORMAL)
        return
    if work.directory.is_revoked(link.peer):
        rosters.show_revoke(work, link)
        work.close(link, CloseCode.REVOKED)
        return
    bundle = sessions.own_bundle(work)
    held = work.tx.sessions.bundle(link.peer)
    work.send(
        link,
        Hello(
            min_version=VERSION,
            max_version=VERSION,
            own_bundle=BundleVersion(bundle.inc, bundle.version),
            held_bundle=BundleVersion(held.inc, held.version) if held else None,
            circles=rosters.heads_for(work, link.peer),
        ),
    )
    if work.directory.is_active(link.peer):
        reach.worked(work, link)


def on_hello(work: Work, link: Link, hello: Hello) -> None:
    """The peer's first frame: compare what both hold, then let flow what waited."""
    if link.greeted or hello.max_version < VERSION or hello.min_version > VERSION:
        work.close(link, CloseCode.PROTOCOL if link.greeted else CloseCode.VERSION)
        return
    link.greeted = True
    work.people_changed = True
    work.status_changed = True
    work.tx.values.put(f"seen/{link.peer.hex()}", str(work.now.wall_ms).encode())
    if not _compare_own_bundle(work, link, hello.held_bundle):
        return
    heads = _bundle_heads(work, link.peer)
    if heads:
        work.send(link, BundleHeads(heads))
    for circle in hello.circles:
        rosters.on_heads(work, link, circle)
        secrets.compare(work, link, circle)
    reach.gossip(work, link)
    if work.state.links.get(link.link) is not link:
        return  # closed on the way: its statements showed a revocation
    delivery.top_up(work, link.peer)
    delivery.pump(work, link)
    receipts.flush(work, link.peer)
    transfers.advance(work)


# --- bundles ------------------------------------------------------------------------------------------


def _compare_own_bundle(work: Work, link: Link, held: BundleVersion | None) -> bool:
    """Whether to go on; not with a peer that tells of a later incarnation of ours, until it has shown it."""
    own = sessions.own_bundle(work)
    if held is not None and held.inc > own.inc:
        work.send(link, BundleHeads((BundleHead(own.device_id, BundleVersion(own.inc, own.version)),)))
        return False
    if held is not None and (held.inc, held.version) > own.order:
        raised = sessions.raise_incarnation(work, held)
        if raised is not None:
            broadcast(work, raised)
    elif held is None or (held.inc, held.version) < own.order:
        work.send(link, BundleGive((own.wire,)))
    return True


def broadcast(work: Work, bundle: Bundle, but: Link | None = None) -> None:
    """Give a new bundle to everybody who is linked."""
    for link in work.state.links.values():
        if link.greeted and link is not but and link.peer != bundle.device_id:
            work.send(link, BundleGive((bundle.wire,)))


def _bundle_heads(work: Work, peer: DeviceId) -> tuple[BundleHead, ...]:
    """Which bundles of third devices, known to both sides, are held here."""
    shared = rosters.shared_devices(work, peer)
    held = {row.device: row for row in work.tx.sessions.bundles() if row.device in shared}
    return tuple(
        BundleHead(device, BundleVersion(held[device].inc, held[device].version) if device in held
                   else BundleVersion(0, 0))
        for device in sorted(shared)[: limits.MAX_BUNDLE_HEADS]
    )  # fmt: skip


def ask_bundles(work: Work) -> None:
    """The roster brought devices: ask everybody for their bundles."""
    for link in work.state.links.values():
        if link.greeted:
            heads = _bundle_heads(work, link.peer)
            if heads:
                work.send(link, BundleHeads(heads))


def on_bundle_heads(work: Work, link: Link, frame: BundleHeads) -> None:
    """Give what is newer here; the peer's own too: it may be a copy of the one that made it (11.4)."""
    shared = rosters.shared_devices(work, link.peer) | {link.peer}
    newer: list[bytes] = []
    for head in frame.heads:
        device = DeviceId(head.device)
        row = work.tx.sessions.bundle(device) if device in shared else None
        if row is not None and (row.inc, row.version) > (head.version.inc, head.version.version):
            newer.append(row.raw)
    for start in range(0, len(newer), limits.MAX_BUNDLES):
        work.send(link, BundleGive(tuple(newer[start : start + limits.MAX_BUNDLES])))


def on_bundles(work: Work, link: Link, frame: BundleGive) -> None:
    """Keep newer bundles, pass them on, and encrypt what waited for them."""
    for wire in frame.bundles:
        try:
            bundle = sessions.take_bundle(work, wire)
        except CryptoError:
            log.warning("a bundle from %s does not hold", link.peer[:4].hex())
            work.close(link, CloseCode.PROTOCOL)
            return
        if work.cache.stopped:
            return
        if bundle is not None:
            broadcast(work, bundle, but=link)
            delivery.renew(work, bundle.device_id)
