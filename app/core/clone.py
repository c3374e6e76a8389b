"""A second copy of this device (protocol 11.4): shown a bundle that our own key signed in a later incarnation, this
one stops and tells a person. Both going on would reset each other's sessions for ever.

Stopped means: nobody is dialled, let in or told that we are here; what is written waits in the outbox. The next start
is the person's answer: it takes this copy into an incarnation above the other's, and then the other one stops.
"""

import logging
from typing import Final

from app.core import reach
from app.core.events import ProblemRaised
from app.core.views import Failure
from app.core.wire import CloseCode
from app.core.work import Work

log = logging.getLogger(__name__)

KEY: Final = "clone"
"""The other copy's incarnation, while this one is stopped."""
FAILURE: Final = Failure(code="clone_detected")


def met(work: Work, inc: int) -> None:
    """The signed proof came that a copy of this device lives in a later incarnation."""
    if work.cache.stopped:
        return
    log.warning("another copy of this device is at work: stopped")
    work.cache.stopped = True
    work.tx.values.put(KEY, str(inc).encode())
    for device in list(work.state.wanted):
        reach.unwant(work, device)
    for link in list(work.state.links.values()):
        work.close(link, CloseCode.NORMAL)
    reach.silence(work)
    work.membership_changed = work.status_changed = work.people_changed = True
    work.tell(ProblemRaised(failure=FAILURE))


def resume(work: Work) -> bool:
    """At a start: whether this copy was stopped and goes on now, above the other one's incarnation."""
    value = work.tx.values.get(KEY)
    if value is None:
        return False
    work.cache.inc = max(work.cache.inc, int(value))
    work.cache.stopped = False
    work.tx.values.put(KEY, None)
    return True
