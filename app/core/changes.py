"""What follows when a roster or group moved: who came, who went, what was waiting for it.

Handlers only note that something moved; `settle` runs once at the end of each input.
"""

import logging

from app.core import conversations, delivery, groups, hello, people, reach, receive, rosters
from app.core.conversations import Notice
from app.core.directory import DeviceEntry, Directory, direct_id
from app.core.events import NewDeviceSeen
from app.core.views import NoticeKind
from app.core.wire import CloseCode
from app.core.work import Link, Work
from crypto.ids import CircleId, DeviceId, PersonId

log = logging.getLogger(__name__)


def settle(work: Work) -> None:
    """Draw the conclusions of one input. Each may bring the next: ends when nothing moves any more."""
    while work.moved or work.groups_moved or work.names_moved:
        if work.moved:
            circle, but = work.moved.popitem()
            work.names_moved = False
            _roster_moved(work, circle, but)
        elif work.groups_moved:
            work.groups_moved = False
            people.rebuild_groups(work)
            work.people_changed = True
            receive.retry_unplaced(work)
        else:
            work.names_moved = False
            people.rebuild(work)
            _flag(work)


def _roster_moved(work: Work, circle: CircleId, but: Link | None) -> None:
    """Statements were added to a circle of ours."""
    old = work.directory
    new = people.rebuild(work)
    _flag(work)
    rosters.tell_heads(work, circle, but)
    for device, entry in new.devices.items():
        before = old.devices.get(device)
        if entry.revoked and (before is None or not before.revoked):
            _device_gone(work, device, before.persons if before is not None else ())
    if new.is_revoked(work.own_id):
        _ended(work)
        return
    conversations.ensure_directs(work)
    came = [device for device, entry in new.devices.items() if device != work.own_id and _is_new(old, entry)]
    for device in came:
        _device_came(work, old, device)
    reach.want_all(work)
    if came:
        hello.ask_bundles(work)
    groups.retry(work)
    receive.release_held(work)
    receive.retry_unplaced(work)
    reach.announce(work)


def _is_new(old: Directory, entry: DeviceEntry) -> bool:
    """Whether an active device was not there before, or stood for nobody."""
    before = old.devices.get(entry.device)
    return not entry.revoked and bool(entry.persons) and (before is None or not before.persons)


def _flag(work: Work) -> None:
    work.people_changed = True
    work.status_changed = True
    work.membership_changed = True
    for record in work.tx.history.conversations():
        work.conversation_changed(record.conversation)


# --- devices ------------------------------------------------------------------------------------------


def _device_came(work: Work, old: Directory, device: DeviceId) -> None:
    """A further or changed device of somebody known is announced loudly (protocol section 2)."""
    for person in work.directory.persons_of(device):
        entry = work.directory.persons[person]
        if person in old.persons:
            if person != work.person:
                record = conversations.ensure_direct(work, entry.circle, person)
                fact = Notice(NoticeKind.NEW_DEVICE.value, person, (), (device,))
                conversations.add_notice(work, record, fact, device)
            work.tell(NewDeviceSeen(person=person, device=device))
        if person == work.person:
            groups.introduce(work, device)
    delivery.device_came(work, device)


def _device_gone(work: Work, device: DeviceId, persons: tuple[PersonId, ...]) -> None:
    """Rows, sessions, links and addresses of a revoked device go in the same transaction (11.9)."""
    delivery.device_gone(work, device)
    work.tx.addresses.delete_device(device)
    reach.want(work, device)
    for link in [one for one in work.state.links.values() if one.peer == device]:
        rosters.show_revoke(work, link)
        work.close(link, CloseCode.REVOKED)
    for person in persons:
        entry = work.directory.persons.get(person)
        if entry is None or person == work.person:
            continue
        conversation = direct_id(entry.circle, work.person, person)
        record = work.tx.history.conversation(conversation)
        if record is not None:
            fact = Notice(NoticeKind.DEVICE_REVOKED.value, None, (), (device,))
            conversations.add_notice(work, record, fact, device)


def _ended(work: Work) -> None:
    """This device was revoked: it announces and dials nobody any more; the history stays."""
    log.info("this device was revoked")
    for device in list(work.state.wanted):
        reach.unwant(work, device)
    for link in list(work.state.links.values()):
        work.close(link, CloseCode.NORMAL)
    reach.silence(work)


def started(work: Work) -> None:
    """After a start, founding or joining: announce, dial, and give out what waits."""
    conversations.ensure_directs(work)
    _flag(work)
    if work.directory.is_revoked(work.own_id):
        reach.silence(work)
        return
    reach.announce(work)
    reach.want_all(work)
