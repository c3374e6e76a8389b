"""Everything that only reads: requests to views, over any transaction and a frozen directory, on any thread."""

from typing import Final

from app.core import limits, marks, requests, timeline, views
from app.core.conversations import DIRECT
from app.core.directory import Directory, PersonEntry, avatar_of
from app.core.names import clean_name
from app.core.ports import ConversationRecord, DeliveryRecord, MessageRecord, Transaction
from app.core.refused import Refused
from app.core.views import AnyView, Mark, MessageKind, Section
from crypto.identity import safety_number
from crypto.ids import ContentId, ConversationId, DeviceId

_LAST_ID: Final = ContentId(b"\xff" * 32)
_UNREAD_LOOK: Final = 64
_PHOTOS: Final = 12
_NEWEST_LOOK: Final = 8
SETTING: Final = "setting/"


def answer(tx: Transaction, people: Directory, request: requests.Request) -> AnyView:
    """The reply to one of `messenger.QUERIES`; a `Failure` where something asked for is not there."""
    try:
        return _answer(tx, people, request)
    except Refused as refused:
        return views.Failure(code=refused.code, detail=refused.detail)


def _answer(tx: Transaction, people: Directory, request: requests.Request) -> AnyView:
    match request:
        case requests.ListPeople():
            return list_people(tx, people)
        case requests.SafetyNumber():
            return _safety_number(people, request)
        case requests.ListConversations():
            return list_conversations(tx, people)
        case requests.GetConversation():
            return _details(tx, people, request.conversation)
        case requests.LoadTimeline():
            return load_timeline(tx, people, request)
        case requests.SearchMessages():
            return _search(tx, people, request)
        case requests.GetDelivery():
            return _delivery(tx, people, request.message)
        case requests.GetSettings():
            found = tx.values.all(SETTING + request.prefix)
            return views.Settings(values={key[len(SETTING) :]: value for key, value in found.items()})
        case _:
            raise TypeError(f"no query: {type(request).__name__}")


# --- people -------------------------------------------------------------------------------------------


def list_people(tx: Transaction, people: Directory) -> views.People:
    """Own person first, then by name, revoked ones last."""
    rows = [_person(tx, people, entry) for entry in people.persons.values()]
    rows.sort(key=lambda row: (not row.own, row.revoked, (row.name or "").casefold(), row.person))
    return views.People(rows=tuple(rows))


def _person(tx: Transaction, people: Directory, entry: PersonEntry) -> views.PersonRow:
    return views.PersonRow(
        person=entry.person,
        name=entry.name,
        role=entry.role,
        own=entry.person == people.own_person,
        admin=entry.admin,
        external=entry.external,
        inbox=entry.inbox,
        revoked=entry.revoked,
        reach=views.Reach.REACHABLE if people.own_device in entry.devices else people.reach_of(entry.person),
        devices=tuple(_device(tx, people, device) for device in entry.devices),
        avatar=avatar_of(entry.person),
    )


def _device(tx: Transaction, people: Directory, device: DeviceId) -> views.DeviceRow:
    entry = people.devices[device]
    own = device == people.own_device
    seen = tx.values.get(f"seen/{device.hex()}")
    return views.DeviceRow(
        device=device,
        name=entry.name,
        reach=views.Reach.REACHABLE if own else people.reach.get(device, views.Reach.OFFLINE),
        last_seen_ms=int(seen) if seen is not None else None,
        own=own,
        verified=own or tx.values.get(f"verified/{device.hex()}") is not None,
        revoked=entry.revoked,
        admitted_ms=entry.admitted_ms,
    )


def _safety_number(people: Directory, request: requests.SafetyNumber) -> AnyView:
    own, other = people.devices.get(people.own_device), people.devices.get(request.device)
    if own is None or other is None or own is other:
        raise Refused("unknown_device")
    return views.SafetyNumberView(device=request.device, digits=safety_number(own.public, other.public))


# --- conversations ------------------------------------------------------------------------------------


def list_conversations(tx: Transaction, people: Directory) -> views.Conversations:
    """Newest first, then by name; the window groups them into sections."""
    records = tx.history.conversations()
    last = {
        record.conversation: message for record in records if (message := _last_shown(tx, record)) is not None
    }
    own = [one.message for one in last.values() if one.own]
    deliveries = tx.history.deliveries_of(own)
    rows = [_row(people, record, last.get(record.conversation), deliveries) for record in records]
    rows.sort(key=lambda row: (-(row.last_ms or 0), row.title.casefold(), row.conversation))
    return views.Conversations(rows=tuple(rows), unread=sum(row.unread for row in rows))


def conversation_row(tx: Transaction, people: Directory, record: ConversationRecord) -> views.ConversationRow:
    """One row of the left column."""
    last = _last_shown(tx, record)
    deliveries = tx.history.deliveries_of([last.message]) if last is not None and last.own else {}
    return _row(people, record, last, deliveries)


def _last_shown(tx: Transaction, record: ConversationRecord) -> MessageRecord | None:
    """The newest message that has something to preview."""
    if record.last_message is None:
        return None
    last = tx.history.message(record.last_message)
    if last is not None and last.kind != "notice":
        return last
    newest = tx.history.newest(record.conversation, _NEWEST_LOOK)
    return next((one for one in newest if one.kind != "notice" and one.state not in timeline.HIDDEN), None)


def _row(
    people: Directory,
    record: ConversationRecord,
    last: MessageRecord | None,
    deliveries: dict[ContentId, list[DeliveryRecord]],
) -> views.ConversationRow:
    person = people.persons.get(record.peer) if record.peer is not None else None
    direct = record.kind == DIRECT
    group = people.groups.get(record.conversation)
    external = record.circle != people.home
    mark = marks.weakest(marks.per_person(deliveries.get(last.message, ()), people)) if last else None
    shows_author = last is not None and not direct and last.author_person != people.own_person
    return views.ConversationRow(
        conversation=record.conversation,
        section=_section(record, person, external),
        title=(person.name or "" if person else "") if direct else clean_name(record.title),
        person=record.peer,
        avatar=avatar_of(record.peer or record.conversation),
        reach=people.reach_of(person.person) if person else views.Reach.OFFLINE,
        role=person.role if person else None,
        preview=timeline.preview_of(last) if last else "",
        preview_author=people.name_of(last.author_person) if last and shows_author else None,
        preview_kind=timeline.kind_of(last) if last else None,
        preview_own=last is not None and last.author_person == people.own_person,
        preview_mark=mark.mark if mark else Mark.NONE,
        last_ms=last.order if last else None,
        unread=record.unread,
        draft=record.draft,
        external=external,
        left=record.left,
        revoked=person.revoked if person else False,
        members=2 if direct else len(group.members) if group else 0,
    )


def _section(record: ConversationRecord, person: PersonEntry | None, external: bool) -> Section:
    if record.kind != DIRECT:
        return Section.GROUP
    if person is not None and person.inbox:
        return Section.INBOX
    return Section.EXTERNAL if external else Section.PERSON


def _record(tx: Transaction, conversation: ConversationId) -> ConversationRecord:
    record = tx.history.conversation(conversation)
    if record is None:
        raise Refused("unknown_conversation")
    return record


def _details(tx: Transaction, people: Directory, conversation: ConversationId) -> AnyView:
    record = _record(tx, conversation)
    person = people.persons.get(record.peer) if record.peer is not None else None
    group = people.groups.get(conversation)
    ids = (people.own_person, record.peer) if record.kind == DIRECT else group.members if group else ()
    admins = group.admins if group else frozenset()
    members = [
        views.Member(
            person=entry.person,
            name=entry.name,
            role=entry.role,
            avatar=avatar_of(entry.person),
            own=entry.person == people.own_person,
            admin=entry.person in admins,
            reach=views.Reach.REACHABLE
            if entry.person == people.own_person
            else people.reach_of(entry.person),
        )
        for one in ids
        if one is not None and (entry := people.persons.get(one))
    ]
    photos = [
        views.PhotoRef(message=one.message, thumbnail=timeline.thumbnail_of(one), sent_ms=one.order)
        for one in tx.history.with_blob(conversation, "photo", _PHOTOS)
        if one.state not in timeline.HIDDEN
    ]
    external = record.circle != people.home
    return views.ConversationDetails(
        conversation=conversation,
        section=_section(record, person, external),
        title=(person.name or "" if person else "") if record.kind == DIRECT else clean_name(record.title),
        members=tuple(members),
        own_admin=people.own_person in admins,
        photos=tuple(photos),
        photo_count=tx.history.count_kind(conversation, "photo"),
    )


# --- timeline -----------------------------------------------------------------------------------------


def load_timeline(tx: Transaction, people: Directory, request: requests.LoadTimeline) -> views.TimelinePage:
    """A stretch in shown order; raises `Refused`."""
    record = _record(tx, request.conversation)
    before = max(0, min(request.before, limits.MAX_PAGE_ROWS))
    after = max(0, min(request.after, limits.MAX_PAGE_ROWS))
    anchor: MessageRecord | None = None
    if request.day_ms is not None:
        anchor = tx.history.first_at(record.conversation, request.day_ms)
    elif request.anchor is not None:
        anchor = tx.history.message(request.anchor)
        if anchor is None or anchor.conversation != record.conversation:
            raise Refused("unknown_message")
    place = (anchor.order, anchor.message) if anchor is not None else None
    found = tx.history.page(record.conversation, place, before + 1, after + 1)
    at = next((at for at, one in enumerate(found) if anchor and one.message == anchor.message), len(found))
    has_older = at > before
    has_newer = anchor is not None and len(found) - at - 1 > after
    kept = found[max(0, at - before) : at + 1 + after]
    shown = [one for one in kept if one.state not in timeline.HIDDEN]
    return views.TimelinePage(
        conversation=record.conversation,
        rows=timeline.rows_of(tx, people, shown),
        has_older=has_older,
        has_newer=has_newer,
        first_unread=_first_unread(tx, record),
        unread=record.unread,
    )


def _first_unread(tx: Transaction, record: ConversationRecord) -> ContentId | None:
    if not record.unread:
        return None
    rows = tx.history.page(record.conversation, (record.read_order, _LAST_ID), 0, _UNREAD_LOOK)
    return next((row.message for row in rows if not row.own and row.state not in timeline.HIDDEN), None)


def _search(tx: Transaction, people: Directory, request: requests.SearchMessages) -> AnyView:
    limit = max(1, min(request.limit, limits.MAX_SEARCH_HITS))
    if not request.text.strip():
        return views.SearchHits(hits=(), more=False)
    text = request.text[: limits.MAX_TITLE_CHARS * 4]
    found = tx.history.search(text, request.conversation, limit + 1, max(0, request.offset))
    records = tx.history.messages([one.message for one in found])
    titles: dict[ConversationId, str] = {}
    hits = []
    for one in found[:limit]:
        record = records.get(one.message)
        if record is None or record.state in timeline.HIDDEN:
            continue
        if one.conversation not in titles:
            titles[one.conversation] = _title(tx, people, one.conversation)
        hits.append(
            views.SearchHit(
                message=one.message,
                conversation=one.conversation,
                title=titles[one.conversation],
                author_name=people.name_of(record.author_person),
                snippet=one.snippet,
                sent_ms=record.order,
                kind=timeline.kind_of(record),
            )
        )
    return views.SearchHits(hits=tuple(hits), more=len(found) > limit)


def _title(tx: Transaction, people: Directory, conversation: ConversationId) -> str:
    record = tx.history.conversation(conversation)
    if record is None:
        return ""
    if record.kind == DIRECT and record.peer is not None:
        return people.name_of(record.peer) or ""
    return clean_name(record.title)


def _delivery(tx: Transaction, people: Directory, message: ContentId) -> AnyView:
    record = tx.history.message(message)
    if record is None or timeline.kind_of(record) is MessageKind.NOTICE:
        raise Refused("unknown_message")
    rows = [
        views.DeliveryRow(
            person=one.person,
            name=people.name_of(one.person),
            avatar=avatar_of(one.person),
            mark=one.mark,
            devices_total=one.devices_total,
            devices_reached=one.devices_reached,
            at_ms=one.at_ms,
            reason=one.reason,
        )
        for one in marks.per_person(tx.history.deliveries(message), people)
    ]
    return views.Delivery(message=message, rows=tuple(rows))
