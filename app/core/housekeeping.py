"""What time does: resends, stalled transfers, weekly prekeys, rows and secrets that end. No polling: one timer."""

import logging
from typing import Final

from app.core import delivery, hello, limits, membership, people, reach, secrets, sessions, transfers
from app.core.effects import WakeAt
from app.core.views import Phase
from app.core.work import Work

log = logging.getLogger(__name__)

_CONTENT_GRACE_MS: Final = 5_000
"""Contents of ended rows are cleared away together, this long after the first of them."""


def tick(work: Work) -> None:
    """Do what is due."""
    if people.phase(work) is not Phase.READY or work.cache.stopped:
        return
    state = work.state
    for link in list(state.links.values()):
        delivery.resend_late(work, link)
    transfers.unstall(work)
    _gone_for_good(work)
    reach.announce(work)
    if state.contents_dirty_mono_ms is not None:
        state.contents_dirty_mono_ms = None
        work.tx.queues.drop_unused_content()
    if work.now.mono_ms >= state.housekeeping_mono_ms:
        state.housekeeping_mono_ms = work.now.mono_ms + limits.HOUSEKEEPING_MS
        hourly(work)


def hourly(work: Work) -> None:
    """Once an hour, and soon after a start."""
    bundle = sessions.rotate(work)
    if bundle is not None:
        hello.broadcast(work, bundle)
    delivery.expire(work)
    sessions.end_losers(work)
    work.tx.queues.forget_envelopes(work.now.wall_ms - limits.ENVELOPE_MEMORY_MS)
    secrets.forget_old(work)
    membership.rotate_lost_secrets(work)
    for link in list(work.state.links.values()):
        link.absent.clear()
        link.asked_heads.clear()
        delivery.rewind(link)
        delivery.pump(work, link)
    work.state.asked_groups.clear()
    work.state.offered.clear()
    transfers.advance(work)


def _gone_for_good(work: Work) -> None:
    """Away becomes offline."""
    gone = [one for one, lost in work.state.away.items() if lost + limits.AWAY_MS <= work.now.mono_ms]
    for device in gone:
        del work.state.away[device]
        work.people_changed = True
        work.status_changed = True


def schedule(work: Work) -> None:
    """Set the one timer to what comes first."""
    state = work.state
    due = [state.housekeeping_mono_ms]
    due += [lost + limits.AWAY_MS for lost in state.away.values()]
    for link in state.links.values():
        flights = link.in_flight.values()
        due += [flight.sent_mono_ms + limits.RESEND_AFTER_MS for flight in flights]
        due += [active.last_mono_ms + limits.FETCH_STALL_MS for active in link.fetching.values()]
    if state.contents_dirty and state.contents_dirty_mono_ms is None:
        state.contents_dirty = False
        state.contents_dirty_mono_ms = work.now.mono_ms + _CONTENT_GRACE_MS
    if state.contents_dirty_mono_ms is not None:
        due.append(state.contents_dirty_mono_ms)
    due.append(work.now.mono_ms + limits.DAY_MS - work.now.wall_ms % limits.DAY_MS)  # tags change at midnight
    wake = min(due) if people.phase(work) is Phase.READY and not work.cache.stopped else None
    if wake != state.wake_mono_ms:
        state.wake_mono_ms = wake
        work.emit(WakeAt(mono_ms=wake))
