"""Groups on their own statement chain (protocol 10.8, 11.10).

Statements travel as silent contents inside sessions, to members only; who sees in a content that statements are
missing asks its author. The title is the opened commitment of the newest create or rename statement. What a
statement did is told by a notice in the timeline.
"""

import logging
from collections.abc import Iterable, Sequence

from app.core import chains, conversations, delivery, limits, people, rosters
from app.core import content as contents
from app.core.circle import bodies, group_authoring
from app.core.circle.authoring import Made
from app.core.circle.errors import NotAllowed
from app.core.circle.gossip import give, openings_for
from app.core.circle.group_log import GroupLog
from app.core.circle.log import Outcome as Taken
from app.core.content import Author, Content, Group, GroupAsk
from app.core.conversations import GROUP, Notice
from app.core.names import clean_name
from app.core.ports import ConversationRecord
from app.core.refused import Refused
from app.core.views import NoticeKind
from app.core.wire import OpeningPart
from app.core.work import Work
from crypto.ids import CircleId, ConversationId, DeviceId, GroupId, PersonId, StatementHash

log = logging.getLogger(__name__)

_BATCH_BYTES = 96 << 10
"""Statements of one content."""
_MAX_ASKED = 1_024


# --- own statements -----------------------------------------------------------------------------------


def publish(work: Work, record: ConversationRecord, chain: GroupLog, made: Made) -> None:
    """Apply an own statement and send it to everybody who is or was a member by it; whole chains to new ones."""
    before = set(chain.group.members) if len(chain) else {work.person}
    added = chain.add(work.tx.statements, made.wire, made.openings, work.now.wall_ms)
    if added.outcome is Taken.LIMIT:
        raise Refused("roster_full")
    if added.outcome is not Taken.ADDED or added.hash is None:
        raise RuntimeError(f"own group statement: {added.outcome.value}")
    _after(work, record, chain, [added.hash, *added.released])
    people.rebuild_groups(work)
    members = set(chain.group.members)
    known = conversations.recipients_of(work, tuple(sorted(before | {work.person})))
    new = [
        one for one in conversations.recipients_of(work, tuple(sorted(members - before))) if one not in known
    ]
    if known:
        _send(work, chain, [added.hash], known)
    if new:
        _send(work, chain, _line(chain), new)


def _line(chain: GroupLog) -> list[StatementHash]:
    """Everything, in causal order."""
    return [signed.hash for signed in chain.dag.statements]


def _send(work: Work, chain: GroupLog, hashes: Sequence[StatementHash], devices: Iterable[DeviceId]) -> None:
    """Statements with their openings, as contents of the group."""
    targets = list(devices)
    batch: list[StatementHash] = []
    size = 0
    for hash in hashes:
        wire_bytes = len(chain.dag.statements[chain.dag.index[hash]].wire)
        if batch and (size + wire_bytes > _BATCH_BYTES or len(batch) >= limits.MAX_GIVE_STATEMENTS):
            _send_batch(work, chain, batch, targets)
            batch, size = [], 0
        batch.append(hash)
        size += wire_bytes
    if batch:
        _send_batch(work, chain, batch, targets)


def _send_batch(
    work: Work, chain: GroupLog, hashes: Sequence[StatementHash], devices: list[DeviceId]
) -> None:
    wires = tuple(chain.dag.statements[chain.dag.index[hash]].wire for hash in hashes)
    openings = openings_for(chain, work.tx.statements, hashes)
    parts = tuple(OpeningPart(opening.salt, opening.value) for opening in openings)
    _send_body(work, chain.circle.circle, chain.id, Group(wires, parts), devices, chain.heads)


def _send_body(
    work: Work,
    circle: CircleId,
    group: GroupId,
    body: Group | GroupAsk,
    devices: list[DeviceId],
    heads: tuple[StatementHash, ...],
) -> None:
    raw = contents.make(
        work.entropy,
        Author(circle, work.person, work.own_id),
        ConversationId(group),
        body,
        time_ms=work.now.wall_ms,
        roster_heads=work.directory.circles[circle].heads,
        group_heads=heads,
    )
    delivery.enqueue(work, contents.content_id(raw), raw, devices, delivery.CONTROL)


def introduce(work: Work, device: DeviceId) -> None:
    """A further device of the own person learns the groups."""
    for record in work.tx.history.conversations():
        if record.kind != GROUP or record.left:
            continue
        chain = chains.group_log(work, GroupId(record.conversation), record.circle)
        if chain is not None and len(chain):
            _send(work, chain, _line(chain), [device])


# --- statements of others -----------------------------------------------------------------------------


def on_statements(work: Work, content: Content, body: Group) -> None:
    """A member, or somebody who is about to be one, gives statements."""
    if len(content.conversation) != 32:
        return
    group, circle = GroupId(content.conversation), CircleId(content.circle)
    chain = chains.group_log(work, group, circle)
    if chain is None:
        return
    openings = rosters.openings_of(body.openings)
    results = chain.add_batch(work.tx.statements, body.statements, openings, work.now.wall_ms)
    added = [
        hash
        for one in results
        if one.outcome is Taken.ADDED and one.hash is not None
        for hash in (one.hash, *one.released)
    ]
    _moved(work, chain, added)
    if chain.missing() or not len(chain):
        ask(work, content)


def _moved(work: Work, chain: GroupLog, added: list[StatementHash]) -> None:
    """What follows from new statements or openings."""
    if not len(chain):
        return
    record = work.tx.history.conversation(ConversationId(chain.id))
    if record is None:
        state = chain.group
        if work.person not in state.members and work.person not in state.former:
            return
        record = conversations.new(work, ConversationId(chain.id), chain.circle.circle, GROUP)
    _after(work, record, chain, added)


def _after(work: Work, record: ConversationRecord, chain: GroupLog, added: Sequence[StatementHash]) -> None:
    """Title, membership and notices as the chain says now."""
    opening = work.tx.statements.opening(chain.group.title) if chain.group.title else None
    title = clean_name(opening.value) if opening is not None else record.title
    left = not chain.group.is_member(work.person)
    if (title, left) != (record.title, record.left):
        record = conversations.update(work, record, title=title, left=left)
    for hash in added:
        _tell(work, record, chain, hash)
    if added:
        work.groups_moved = True
        work.conversation_changed(record.conversation)


def _tell(work: Work, record: ConversationRecord, chain: GroupLog, hash: StatementHash) -> None:
    """A notice for what a statement did; none for one without effect."""
    index = chain.dag.index[hash]
    body = chain.facts.bodies[index]
    if body is None or not chain.view().holds(index):
        return
    fact: Notice | None = None
    match body:
        case bodies.Create():
            fact = Notice(NoticeKind.GROUP_CREATED.value, PersonId(body.person), title=record.title)
        case bodies.Add():
            fact = Notice(NoticeKind.MEMBER_ADDED.value, PersonId(body.person), _ids(body.members))
        case bodies.Remove() if body.members:
            fact = Notice(NoticeKind.MEMBER_REMOVED.value, PersonId(body.person), _ids(body.members))
        case bodies.Leave():
            fact = Notice(NoticeKind.MEMBER_LEFT.value, PersonId(body.person), (PersonId(body.person),))
        case bodies.RenameGroup():
            opening = work.tx.statements.opening(body.title)
            if opening is not None:
                fact = Notice(
                    NoticeKind.RENAMED.value, PersonId(body.person), title=clean_name(opening.value)
                )
        case _:
            pass
    if fact is not None:
        record = conversations.get(work, record.conversation)
        time_ms = chain.dag.statements[index].statement.time_ms
        conversations.add_notice(work, record, fact, hash, time_ms)


def _ids(persons: Iterable[bytes]) -> tuple[PersonId, ...]:
    return tuple(PersonId(person) for person in persons)


# --- asking -------------------------------------------------------------------------------------------


def ask(work: Work, content: Content) -> None:
    """Ask a content's author for the group statements that we lack, once per head and hour."""
    group, circle = GroupId(content.conversation), CircleId(content.circle)
    chain = chains.group_log(work, group, circle)
    device = DeviceId(content.author_device)
    if chain is None or device == work.own_id or not work.directory.is_active(device):
        return
    lacking = dict.fromkeys((*content.group_heads, *chain.missing()))
    wanted = [one for one in lacking if not chain.has(one) and (device, one) not in work.state.asked_groups]
    if not wanted or len(work.state.asked_groups) >= _MAX_ASKED:
        return
    wanted = wanted[: limits.MAX_HEADS]
    work.state.asked_groups.update((device, one) for one in wanted)
    have = chain.heads[: limits.MAX_HEADS]
    _send_body(work, circle, group, GroupAsk(tuple(wanted), have), [device], have)


def on_ask(work: Work, content: Content, body: GroupAsk) -> None:
    """A member, present or past, lacks statements: members only ever see the chain."""
    if len(content.conversation) != 32:
        return
    chain = chains.group_log(work, GroupId(content.conversation), CircleId(content.circle))
    if chain is None or not len(chain):
        return
    state = chain.group
    if content.author_person not in state.members and content.author_person not in state.former:
        return
    batch = give(chain, body.have, want=body.want, max_bytes=1 << 20, max_statements=1_000)
    if batch.hashes:
        _send(work, chain, batch.hashes, [DeviceId(content.author_device)])


# --- the roster moved ---------------------------------------------------------------------------------


def retry(work: Work) -> None:
    """Statements that waited for the roster count now; revoked colleagues leave their groups."""
    for record in work.tx.history.conversations():
        if record.kind == GROUP:
            chains.group_log(work, GroupId(record.conversation), record.circle)
    for chain in list(work.cache.groups.values()):
        added = list(chain.retry(work.tx.statements, work.now.wall_ms))
        if added:
            _moved(work, chain, added)
        if len(chain):
            _drop_revoked(work, chain)


def _drop_revoked(work: Work, chain: GroupLog) -> None:
    """One device removes whom the circle revoked: the first of the longest-standing active admin, else member."""
    state, roster = chain.group, chain.circle.roster
    record = work.tx.history.conversation(ConversationId(chain.id))
    if record is None or record.left or state.needs_update or not roster.is_active(work.own_id):
        return
    persons, devices = state.overdue(roster, chain.authors)
    if not persons and not devices:
        return
    active = [one for one in state.members if roster.devices_of(one)]
    duty = next((one for one in active if state.is_admin(one)), active[0] if active else None)
    if duty != work.person or min(roster.devices_of(work.person)) != work.own_id:
        return
    try:
        made = group_authoring.remove(
            state,
            roster,
            work.own,
            work.now.wall_ms,
            person=work.person,
            members=persons[: bodies.MAX_NAMED],
            devices=devices[: bodies.MAX_NAMED],
        )
    except NotAllowed:
        log.warning("group %s: revoked members stay for now", chain.id[:4].hex())
        return
    try:
        publish(work, record, chain, made)
    except Refused:
        log.warning("group %s: full, revoked members stay", chain.id[:4].hex())
