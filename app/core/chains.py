"""Group chains: loaded on first use, asked for when a content shows that we lack statements."""

from app.core.content import Content
from app.core.directory import GroupEntry
from app.core.work import Work
from crypto.ids import CircleId, GroupId


def group_entry(work: Work, group: GroupId) -> GroupEntry | None:
    """A group as its chain says; None before its first statement is here."""
    return None


def is_behind(work: Work, content: Content) -> bool:
    """Whether the author has seen roster statements that we have not."""
    one = work.cache.circles.get(CircleId(content.circle))
    return one is not None and any(not one.has(hash) for hash in content.roster_heads)


def is_group_behind(work: Work, content: Content) -> bool:
    """Whether the author has seen group statements that we have not."""
    return False


def ask(work: Work, content: Content) -> None:
    """Ask the author for the group statements that we lack."""
