"""A command's conversation with the running instance: ask, insist on the right answer, find who is meant."""

import time
from collections.abc import Callable
from typing import TypeVar

from app.channel import ChannelClient, ChannelError
from app.channel.errors import NotRunning
from app.channel.frames import Missed
from app.cli.names import Named, pick
from app.cli.options import Code, CommandEnded
from app.cli.show import Output
from app.core import requests, views
from app.core.events import AnyEvent
from app.core.requests import AnyRequest
from app.core.views import AnyView, Failure, Section
from crypto.ids import ContentId, PersonId

V = TypeVar("V", bound=AnyView)


class Session:
    """One connection and where to print."""

    def __init__(
        self, client: ChannelClient, output: Output, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.client = client
        self.output = output
        self._clock = clock

    def ask(self, request: AnyRequest, kind: type[V]) -> V:
        """The answer as a `kind`. Raises `CommandEnded` for a failure or another answer."""
        return expect(self.client.ask(request), kind)

    def events(self, timeout_s: float | None) -> "Events":
        """Everything told from now on, until so many seconds are over."""
        self.client.subscribe()
        return Events(self.client, None if timeout_s is None else self._clock() + timeout_s, self._clock)

    def conversation(self, wanted: str) -> views.ConversationRow:
        """The conversation with a person or of a group, made on first use. Raises `CommandEnded`."""
        rows = self.ask(requests.ListConversations(), views.Conversations).rows
        row = _chosen(wanted, rows)
        if row.person is not None:
            return self.ask(requests.OpenDirect(person=row.person), views.ConversationRow)
        return row

    def group(self, wanted: str) -> views.ConversationRow:
        """Raises `CommandEnded`."""
        rows = self.ask(requests.ListConversations(), views.Conversations).rows
        return _chosen(wanted, [row for row in rows if row.section is Section.GROUP])

    def person(self, wanted: str) -> PersonId:
        """Raises `CommandEnded`."""
        rows = self.ask(requests.ListPeople(), views.People).rows
        named = {Named(row.name or "", (row.person.hex(),)): row for row in rows if not row.revoked}
        return named[pick(wanted, named)].person


class Events:
    """Events with a common deadline."""

    def __init__(self, client: ChannelClient, deadline: float | None, clock: Callable[[], float]) -> None:
        self._client = client
        self._deadline = deadline
        self._clock = clock

    def next(self, within_s: float | None = None) -> AnyEvent | Missed | None:
        """The next one; None when `within_s` or the deadline is over. Raises `ChannelError`."""
        left = None if self._deadline is None else self._deadline - self._clock()
        if within_s is not None:
            left = within_s if left is None else min(left, within_s)
        if left is not None and left <= 0:
            return None
        return self._client.next_event(left)

    def must_come(self) -> AnyEvent | Missed:
        """The next one. Raises `CommandEnded` (TIMEOUT)."""
        event = self.next()
        if event is None:
            raise CommandEnded(Code.TIMEOUT, Failure(code="cli.timeout"))
        return event


def expect(view: AnyView, kind: type[V]) -> V:
    """`view` as a `kind`. Raises `CommandEnded`."""
    if isinstance(view, kind):
        return view
    if isinstance(view, Failure):
        code = Code.LOCKED if view.code == "locked" else Code.REFUSED
        raise CommandEnded(code, view)
    detail: dict[str, str | int] = {"what": type(view).__name__}
    raise CommandEnded(Code.REFUSED, Failure(code="cli.unexpected", detail=detail))


def ended_by(error: ChannelError) -> CommandEnded:
    """What a broken or absent channel means for a command."""
    code = Code.NOT_RUNNING if isinstance(error, NotRunning) else Code.REFUSED
    if error.code == "channel.timeout":
        code = Code.TIMEOUT
    elif error.code == "channel.busy":
        code = Code.NOT_RUNNING
    return CommandEnded(code, Failure(code=error.code))


def message_id(text: str) -> ContentId:
    """A whole message id as hex, as `--json` shows it. Raises `CommandEnded`."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise CommandEnded(Code.NO_SUCH_NAME, Failure(code="cli.bad_id", detail={"name": text[:80]}))
    return ContentId(raw)


def _chosen(
    wanted: str, rows: "tuple[views.ConversationRow, ...] | list[views.ConversationRow]"
) -> views.ConversationRow:
    named = {}
    for row in rows:
        ids = (row.person.hex(),) if row.person is not None else ()
        named[Named(row.title, (*ids, row.conversation.hex()))] = row
    return named[pick(wanted, named)]
