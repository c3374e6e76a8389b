"""Group chains behind conversations: loaded on first use, compared with what a content has seen."""

from app.core.circle.group_log import GroupLog
from app.core.content import Content
from app.core.directory import GroupEntry
from app.core.work import Work
from crypto.ids import CircleId, GroupId


def group_log(work: Work, group: GroupId, circle: CircleId) -> GroupLog | None:
    """The chain of a group; empty where nothing is known but its id. None outside our circles."""
    found = work.cache.groups.get(group)
    if found is None:
        one = work.cache.circles.get(circle)
        if one is None:
            return None
        found = work.cache.groups[group] = GroupLog.load(work.tx.statements, group, one)
    return found if found.circle.circle == circle else None


def group_entry(work: Work, group: GroupId, circle: CircleId) -> GroupEntry | None:
    """A group as its chain says; None before its first statement is here."""
    log = group_log(work, group, circle)
    if log is None or not len(log):
        return None
    return GroupEntry(members=log.group.members, admins=log.group.admins, heads=log.group.heads)


def is_behind(work: Work, content: Content) -> bool:
    """Whether the author has seen roster statements that we have not."""
    one = work.cache.circles.get(CircleId(content.circle))
    return one is not None and any(not one.has(hash) for hash in content.roster_heads)


def is_group_behind(work: Work, content: Content) -> bool:
    """Whether the author has seen group statements that we have not."""
    log = group_log(work, GroupId(content.conversation), CircleId(content.circle))
    return log is not None and any(not log.has(hash) for hash in content.group_heads)
