"""What a person does with groups: create, add, remove, leave, rename (protocol 10.8)."""

from collections.abc import Callable, Iterable

from app.core import chains, conversations, groups, limits, people, queries
from app.core.circle import bodies, group_authoring
from app.core.circle.authoring import Made
from app.core.circle.errors import NotAllowed
from app.core.circle.group_log import GroupLog
from app.core.conversations import GROUP
from app.core.membership import name_of
from app.core.ports import ConversationRecord
from app.core.refused import Refused
from app.core.requests import AddGroupMembers, CreateGroup, LeaveGroup, RemoveGroupMember, RenameGroup
from app.core.views import AnyView, Done
from app.core.work import Work
from crypto.ids import ConversationId, GroupId, PersonId


def create(work: Work, request: CreateGroup) -> AnyView:
    """Raises `Refused`."""
    circle = request.circle or work.home
    entry = work.directory.circles.get(circle)
    if entry is None or not entry.own_active:
        raise Refused("not_ready")
    title = name_of(request.title)
    members = _persons(work, request.members)
    if not members:
        raise Refused("bad_request")
    if len(members) + 1 > limits.MAX_GROUP_MEMBERS:
        raise Refused("too_many_members", limit=limits.MAX_GROUP_MEMBERS)
    one = work.cache.circles[circle]
    made = _made(
        lambda: group_authoring.create(
            one.roster,
            work.own,
            work.entropy,
            work.now.wall_ms,
            person=work.person,
            members=members[: bodies.MAX_NAMED],
            title=title,
        )
    )
    group = GroupId(made.signed.hash)
    chain = work.cache.groups[group] = GroupLog(group, one)
    record = conversations.new(work, ConversationId(group), circle, GROUP, title=title)
    groups.publish(work, record, chain, made)
    record = conversations.get(work, record.conversation)
    if members[bodies.MAX_NAMED :]:
        _add(work, record, chain, members[bodies.MAX_NAMED :])
    return queries.conversation_row(
        work.tx, people.snapshot(work), conversations.get(work, record.conversation)
    )


def _persons(work: Work, asked: Iterable[PersonId]) -> list[PersonId]:
    """Active colleagues, each once, without oneself."""
    persons = list(dict.fromkeys(one for one in asked if one != work.person))
    for person in persons:
        entry = work.directory.persons.get(person)
        if entry is None or entry.revoked:
            raise Refused("unknown_person")
    return persons


def _made(make: Callable[[], Made]) -> Made:
    try:
        return make()
    except NotAllowed:
        raise Refused("not_group_admin") from None


def _chain(work: Work, conversation: ConversationId) -> tuple[ConversationRecord, GroupLog]:
    record = conversations.get(work, conversation)
    chain = chains.group_log(work, GroupId(conversation), record.circle) if record.kind == GROUP else None
    if chain is None or not len(chain):
        raise Refused("unknown_conversation")
    if record.left:
        raise Refused("left_group")
    if chain.group.needs_update:
        raise Refused("needs_update")
    return record, chain


def add(work: Work, request: AddGroupMembers) -> AnyView:
    """Raises `Refused`."""
    record, chain = _chain(work, request.conversation)
    members = [one for one in _persons(work, request.members) if not chain.group.is_member(one)]
    if len(chain.group.members) + len(members) > limits.MAX_GROUP_MEMBERS:
        raise Refused("too_many_members", limit=limits.MAX_GROUP_MEMBERS)
    _add(work, record, chain, members)
    return Done()


def _add(work: Work, record: ConversationRecord, chain: GroupLog, members: list[PersonId]) -> None:
    for start in range(0, len(members), bodies.MAX_NAMED):
        batch = members[start : start + bodies.MAX_NAMED]
        made = _made(
            lambda batch=batch: group_authoring.add(  # type: ignore[misc]
                chain.group,
                chain.circle.roster,
                work.own,
                work.now.wall_ms,
                person=work.person,
                members=batch,
            )
        )
        groups.publish(work, record, chain, made)


def remove(work: Work, request: RemoveGroupMember) -> AnyView:
    """Raises `Refused`."""
    record, chain = _chain(work, request.conversation)
    if not chain.group.is_member(request.member):
        raise Refused("unknown_person")
    made = _made(
        lambda: group_authoring.remove(
            chain.group,
            chain.circle.roster,
            work.own,
            work.now.wall_ms,
            person=work.person,
            members=[request.member],
        )
    )
    groups.publish(work, record, chain, made)
    return Done()


def leave(work: Work, request: LeaveGroup) -> AnyView:
    """Raises `Refused`."""
    record, chain = _chain(work, request.conversation)
    made = _made(
        lambda: group_authoring.leave(
            chain.group, chain.circle.roster, work.own, work.now.wall_ms, person=work.person
        )
    )
    groups.publish(work, record, chain, made)
    return Done()


def rename(work: Work, request: RenameGroup) -> AnyView:
    """Raises `Refused`."""
    record, chain = _chain(work, request.conversation)
    title = name_of(request.title)
    if title == record.title:
        return Done()
    made = _made(
        lambda: group_authoring.rename(
            chain.group,
            chain.circle.roster,
            work.own,
            work.entropy,
            work.now.wall_ms,
            person=work.person,
            title=title,
        )
    )
    groups.publish(work, record, chain, made)
    return Done()
