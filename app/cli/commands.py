"""Commands that ask once or twice: people, talk, groups, search, state."""

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from app.channel.frames import Missed
from app.cli import joining
from app.cli.options import Code, CommandEnded
from app.cli.session import Session, message_id
from app.cli.show import event_line, group_line, hit_line, message_line, people_lines, status_lines
from app.core import requests, views
from app.core.requests import AnyRequest
from app.core.views import Failure, Mark, Sent
from crypto.ids import ContentId, ConversationId

Command = Callable[[Session, argparse.Namespace], None]

_ARRIVED = frozenset({Mark.SOME, Mark.ALL, Mark.READ})
_STILL_OPEN = frozenset({Mark.WAITING, Mark.COURIER, Mark.FAILED})
_RETRY_ROWS = 100


def status(session: Session, arguments: argparse.Namespace) -> None:
    """Answered also while locked."""
    found = session.ask(requests.GetStatus(), views.Status)
    session.output.result(found, status_lines(found, session.output.texts))


def people(session: Session, arguments: argparse.Namespace) -> None:
    """Everybody in the practice."""
    found = session.ask(requests.ListPeople(), views.People)
    session.output.result(found, people_lines(found, session.output.texts))


# --- talk -----------------------------------------------------------------------------------------------------


def send(session: Session, arguments: argparse.Namespace) -> None:
    """Text alone, or photos and files with the text as caption of the first photo or as a message of its own."""
    text = _text(arguments.text)
    if not (text or arguments.photo or arguments.file):
        raise CommandEnded(Code.USAGE, Failure(code="cli.nothing_to_send"))
    conversation = session.conversation(arguments.to).conversation
    events = session.events(arguments.timeout) if arguments.wait else None
    sent = []
    for request in _messages(conversation, text, arguments.photo, arguments.file):
        sent.append(session.ask(request, Sent))
        session.output.line(session.output.texts("sent", message=sent[-1].message.hex()))
    delivered = False
    while events is not None and not delivered:
        delivered = all(_has_arrived(session, one.message) for one in sent)
        if not delivered:
            events.must_come()
    told = {"type": "Sent", "messages": [one.message for one in sent], "conversation": conversation}
    session.output.record({**told, "delivered": delivered} if arguments.wait else told)
    if delivered:
        session.output.line(session.output.texts("delivered"))


def _text(words: list[str]) -> str:
    return sys.stdin.read().rstrip("\n") if words == ["-"] else " ".join(words)


def _messages(
    conversation: ConversationId, text: str, photos: list[str], files: list[str]
) -> Iterator[AnyRequest]:
    """Paths are made whole here: the instance has a working folder of its own."""
    for photo in photos:
        path = str(Path(photo).absolute())
        yield requests.SendPhoto(conversation=conversation, path=path, caption=text)
        text = ""
    for file in files:
        yield requests.SendFile(conversation=conversation, path=str(Path(file).absolute()))
    if text:
        yield requests.SendText(conversation=conversation, text=text)


def _has_arrived(session: Session, message: ContentId) -> bool:
    """On a device of every recipient. Raises `CommandEnded` if it never will be."""
    rows = session.ask(requests.GetDelivery(message=message), views.Delivery).rows
    if any(row.mark is Mark.FAILED for row in rows):
        raise CommandEnded(Code.REFUSED, Failure(code="cli.not_delivered"))
    return all(row.mark in _ARRIVED for row in rows)


def history(session: Session, arguments: argparse.Namespace) -> None:
    """The newest messages, oldest of them first."""
    conversation = session.conversation(arguments.with_).conversation
    request = requests.LoadTimeline(conversation=conversation, before=arguments.limit)
    page = session.ask(request, views.TimelinePage)
    texts = session.output.texts
    session.output.result(page, [message_line(row, texts) for row in page.rows] or texts("nothing"))


def search(session: Session, arguments: argparse.Namespace) -> None:
    """Full text, in one conversation or all."""
    conversation = session.conversation(arguments.in_).conversation if arguments.in_ else None
    request = requests.SearchMessages(
        text=" ".join(arguments.text), conversation=conversation, limit=arguments.limit
    )
    found = session.ask(request, views.SearchHits)
    texts = session.output.texts
    session.output.result(found, [hit_line(hit, texts) for hit in found.hits] or texts("nothing"))


def retry(session: Session, arguments: argparse.Namespace) -> None:
    """One message, or everything of ours that waits or failed among the newest of every conversation."""
    waiting = [message_id(arguments.message)] if arguments.message else list(_waiting(session))
    for message in waiting:
        session.ask(requests.RetryMessage(message=message), views.Done)
    texts = session.output.texts
    told = texts("retried", count=len(waiting)) if waiting else texts("nothing_waits")
    session.output.result({"type": "Retried", "messages": waiting}, told)


def _waiting(session: Session) -> Iterator[ContentId]:
    for conversation in session.ask(requests.ListConversations(), views.Conversations).rows:
        if conversation.last_ms is None:
            continue
        request = requests.LoadTimeline(conversation=conversation.conversation, before=_RETRY_ROWS)
        for row in session.ask(request, views.TimelinePage).rows:
            if row.own and row.mark in _STILL_OPEN:
                yield row.message


def save(session: Session, arguments: argparse.Namespace) -> None:
    """Out of the encrypted store, never overwriting."""
    path = str(Path(arguments.path).absolute())
    found = session.ask(requests.SaveFile(message=message_id(arguments.message), path=path), views.Saved)
    session.output.result(found, session.output.texts("saved", path=found.path))


# --- groups ---------------------------------------------------------------------------------------------------


def groups(session: Session, arguments: argparse.Namespace) -> None:
    """All groups that this device knows."""
    rows = session.ask(requests.ListConversations(), views.Conversations).rows
    found = [row for row in rows if row.section is views.Section.GROUP]
    texts = session.output.texts
    session.output.result(
        {"type": "Groups", "rows": found}, [group_line(row, texts) for row in found] or texts("nothing")
    )


def group(session: Session, arguments: argparse.Namespace) -> None:
    """create, add, remove, leave, rename, members."""
    _GROUP_ACTS[arguments.act](session, arguments)


def _create(session: Session, arguments: argparse.Namespace) -> None:
    members = tuple(session.person(name) for name in arguments.members)
    request = requests.CreateGroup(circle=None, title=arguments.group, members=members)
    row = session.ask(request, views.ConversationRow)
    session.output.result(row, group_line(row, session.output.texts))


def _add(session: Session, arguments: argparse.Namespace) -> None:
    conversation = session.group(arguments.group).conversation
    members = tuple(session.person(name) for name in arguments.members)
    _do(session, requests.AddGroupMembers(conversation=conversation, members=members))


def _remove(session: Session, arguments: argparse.Namespace) -> None:
    conversation = session.group(arguments.group).conversation
    _do(
        session,
        requests.RemoveGroupMember(conversation=conversation, member=session.person(arguments.member)),
    )


def _leave(session: Session, arguments: argparse.Namespace) -> None:
    _do(session, requests.LeaveGroup(conversation=session.group(arguments.group).conversation))


def _rename(session: Session, arguments: argparse.Namespace) -> None:
    conversation = session.group(arguments.group).conversation
    _do(session, requests.RenameGroup(conversation=conversation, title=arguments.title))


def _members(session: Session, arguments: argparse.Namespace) -> None:
    conversation = session.group(arguments.group).conversation
    found = session.ask(requests.GetConversation(conversation=conversation), views.ConversationDetails)
    texts = session.output.texts
    lines = [
        f"{member.name or texts('unknown'):24} {texts('admin') if member.admin else '':8} {member.person.hex()[:8]}"
        for member in found.members
    ]
    session.output.result(found, lines)


_GROUP_ACTS: dict[str, Command] = {
    "create": _create,
    "add": _add,
    "remove": _remove,
    "leave": _leave,
    "rename": _rename,
    "members": _members,
}


# --- the instance -----------------------------------------------------------------------------------------------


def _do(session: Session, request: AnyRequest) -> None:
    session.output.result(session.ask(request, views.Done), session.output.texts("done"))


def lock(session: Session, arguments: argparse.Namespace) -> None:
    """The engine goes on receiving."""
    _do(session, requests.Lock())


def unlock(session: Session, arguments: argparse.Namespace) -> None:
    """The PIN comes from the terminal without echo, or from standard input; never from the command line."""
    prompt = session.output.texts("unlock.pin")
    pin = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    _do(session, requests.Unlock(pin=pin))


def quit_(session: Session, arguments: argparse.Namespace) -> None:
    """Answered before the instance ends."""
    _do(session, requests.Quit())


def watch(session: Session, arguments: argparse.Namespace) -> None:
    """Every event, one per line, until the time is over or the instance ends."""
    events = session.events(arguments.timeout)
    session.output.record({"type": "Watching"})
    while (event := events.next()) is not None:
        if isinstance(event, Missed):
            told = {"type": "Missed", "count": event.count}
            session.output.result(told, session.output.texts("missed", count=event.count))
        else:
            session.output.result(event, event_line(event))


COMMANDS: dict[str, Command] = {
    "found": joining.found,
    "join": joining.join,
    "pair": joining.pair,
    "status": status,
    "people": people,
    "send": send,
    "history": history,
    "search": search,
    "retry": retry,
    "save": save,
    "groups": groups,
    "group": group,
    "lock": lock,
    "unlock": unlock,
    "quit": quit_,
    "watch": watch,
}
