"""The circle secret behind mDNS tags and server names (protocol 10.2, 11.13): handed over, checked, rotated.

A statement commits to each secret; its hash is the secret's epoch, and the greatest (lamport, hash) is the
current one. The secret itself travels only inside sessions and on the pairing link.
"""

import logging

from app.core import content as contents
from app.core import delivery, limits, rosters
from app.core.content import Author, Content, Secret
from app.core.ports import CircleSecretRow
from app.core.wire import CircleHeads
from app.core.work import Link, Work
from crypto.ids import CircleId, DeviceId
from crypto.statement import secret_commitment

log = logging.getLogger(__name__)


def newest(work: Work, circle: CircleId) -> CircleSecretRow | None:
    """The current secret as far as it is known here."""
    rows = work.tx.secrets.all(circle)
    return rows[0] if rows else None


def keep(work: Work, circle: CircleId, epoch: bytes, secret: bytes) -> bool | None:
    """Store a secret that fits its commitment: True if it was new, False if known; None: epoch not known yet."""
    if any(row.epoch == epoch for row in work.tx.secrets.all(circle)):
        return False
    known = rosters.secret_epochs(work, circle).get(epoch)
    if known is None:
        return None
    lamport, commitment = known
    if commitment != secret_commitment(secret):
        log.warning("a circle secret does not fit its commitment")
        return False
    work.tx.secrets.put(
        CircleSecretRow(
            circle=circle, epoch=epoch, secret=secret, lamport=lamport, received_ms=work.now.wall_ms
        )
    )
    rosters.secrets_moved(work)
    return True


def send(work: Work, circle: CircleId, row: CircleSecretRow, devices: list[DeviceId]) -> None:
    """Hand a secret over, inside sessions."""
    raw = contents.make(
        work.entropy,
        Author(circle, work.person, work.own_id),
        None,
        Secret(row.epoch, row.secret),
        time_ms=work.now.wall_ms,
        roster_heads=work.directory.circles[circle].heads,
    )
    delivery.enqueue(work, contents.content_id(raw), raw, devices, delivery.CONTROL)


def distribute(work: Work, circle: CircleId) -> None:
    """Give the current secret to every other active device of the circle."""
    row = newest(work, circle)
    if row is not None:
        send(work, circle, row, [one for one in rosters.devices_of(work, circle) if one != work.own_id])


def compare(work: Work, link: Link, heads: CircleHeads) -> None:
    """The peer's hello names the newest epoch it holds: help it out if ours is newer."""
    circle = CircleId(heads.circle)
    row = newest(work, circle)
    if row is None or row.epoch == heads.epoch or not work.directory.is_active(link.peer):
        return
    epochs = rosters.secret_epochs(work, circle)
    lamport, _ = epochs.get(heads.epoch, (0, b""))
    if (row.lamport, row.epoch) > (lamport, heads.epoch) and (link.peer, row.epoch) not in work.state.offered:
        work.state.offered.add((link.peer, row.epoch))
        send(work, circle, row, [link.peer])


def on_secret(work: Work, content: Content, body: Secret) -> bool:
    """A colleague hands a secret over. False: its epoch is not known here yet."""
    return keep(work, CircleId(content.circle), body.epoch, body.secret) is not None


def forget_old(work: Work) -> None:
    """Secrets are recognised for 400 days, the current one always."""
    for circle in work.directory.circles:
        row = newest(work, circle)
        before_ms = work.now.wall_ms - limits.SECRET_LIFE_MS
        if row is not None and row.received_ms >= before_ms:
            work.tx.secrets.delete_before(circle, before_ms)
