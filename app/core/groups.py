"""Groups on their own statement chain (protocol 10.8, 11.10). Follows with the group chain itself."""

from app.core import content as contents
from app.core import requests
from app.core.content import Content
from app.core.refused import Refused
from app.core.views import AnyView
from app.core.work import Work


def create(work: Work, request: requests.CreateGroup) -> AnyView:
    raise Refused("group_members_missing")


def add(work: Work, request: requests.AddGroupMembers) -> AnyView:
    raise Refused("unknown_conversation")


def remove(work: Work, request: requests.RemoveGroupMember) -> AnyView:
    raise Refused("unknown_conversation")


def leave(work: Work, request: requests.LeaveGroup) -> AnyView:
    raise Refused("unknown_conversation")


def rename(work: Work, request: requests.RenameGroup) -> AnyView:
    raise Refused("unknown_conversation")


def retry(work: Work) -> None:
    return


def on_statements(work: Work, content: Content, body: contents.Group) -> bool:
    return True


def on_ask(work: Work, content: Content, body: contents.GroupAsk) -> None:
    return
