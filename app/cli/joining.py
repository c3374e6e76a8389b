"""Commands that found a practice, join one, or admit a new device: they wait for what happens meanwhile."""

import argparse
import sys
from typing import Final

from app import policy
from app.cli.names import folded
from app.cli.options import Code, CommandEnded
from app.cli.session import Events, Session
from app.core import requests, views
from app.core.events import (
    Joined,
    JoinFailed,
    JoinProgress,
    PairingAsked,
    PairingFinished,
    PairingTried,
    PracticeGone,
    PracticeSeen,
)
from app.core.views import Failure

SEARCH_S: Final = 15.0
SETTLE_S: Final = 1.0
"""After the first practice: whether there are others too."""


def found(session: Session, arguments: argparse.Namespace) -> None:
    """Prints the recovery code, once."""
    request = requests.FoundCircle(
        circle_name=arguments.practice,
        person_name=arguments.name,
        role=arguments.role,
        device_name=arguments.device,
    )
    made = session.ask(request, views.Founded)
    session.output.result(made, session.output.texts("founded", code=made.recovery_code))


# --- the joining side --------------------------------------------------------------------------------------------


def join(session: Session, arguments: argparse.Namespace) -> None:
    """By code; the practice is found in this network, or its address is given."""
    code = arguments.code or _typed(session.output.texts("join.code"))
    events = session.events(arguments.timeout)
    wanted = arguments.practice or policy.read().practice_name
    practice = None if arguments.address else _practice(session, events, wanted)
    request = requests.Join(
        code=code,
        person_name=arguments.name,
        role=arguments.role,
        device_name=arguments.device,
        practice=practice,
        address=arguments.address,
    )
    session.ask(request, views.Done)
    try:
        _until_joined(session, events)
    except (CommandEnded, KeyboardInterrupt):
        session.client.ask(requests.CancelJoin())
        raise


def _practice(session: Session, events: Events, wanted: str | None) -> str:
    """Key of the only practice that is open, or of the one of this name. Raises `CommandEnded`."""
    session.output.progress(session.output.texts("join.looking"))
    session.ask(requests.StartSearching(), views.Done)
    seen: dict[str, str] = {}
    try:
        while (event := events.next(SETTLE_S if seen else SEARCH_S)) is not None:
            if isinstance(event, PracticeGone):
                seen.pop(event.key, None)
            elif isinstance(event, PracticeSeen):
                seen[event.key] = event.name
                if wanted is not None and folded(event.name) == folded(wanted):
                    return event.key
    finally:
        session.ask(requests.StopSearching(), views.Done)
    if wanted is None and len(seen) == 1:
        return next(iter(seen))
    if wanted is None and seen:
        detail: dict[str, str | int] = {"candidates": ", ".join(sorted(seen.values()))}
        raise CommandEnded(Code.NO_SUCH_NAME, Failure(code="cli.several_practices", detail=detail))
    raise CommandEnded(Code.TIMEOUT, Failure(code="cli.no_practice"))


def _until_joined(session: Session, events: Events) -> None:
    texts = session.output.texts
    while True:
        event = events.must_come()
        if isinstance(event, JoinProgress):
            session.output.record(event)
            session.output.progress(texts(f"join.{event.step}"))
        elif isinstance(event, JoinFailed):
            raise CommandEnded(Code.REFUSED, event.failure)
        elif isinstance(event, Joined):
            session.output.result(event, texts("join.done", name=event.circle_name or ""))
            return


# --- the admin's side ----------------------------------------------------------------------------------------------


def pair(session: Session, arguments: argparse.Namespace) -> None:
    """Open for one new device, show the code, confirm who asks, wait for the end."""
    events = session.events(arguments.timeout)
    opened = session.ask(requests.OpenPairing(), views.PairingOpened)
    addresses = ", ".join(opened.addresses)
    session.output.result(opened, session.output.texts("pair.open", code=opened.code, addresses=addresses))
    finished = False
    try:
        while not finished:
            finished = _pairing_step(session, events, arguments)
    finally:
        if not finished:
            session.client.ask(requests.ClosePairing())
    session.output.line(session.output.texts("pair.done"))


def _pairing_step(session: Session, events: Events, arguments: argparse.Namespace) -> bool:
    """Deal with one event. True when the device is admitted. Raises `CommandEnded`."""
    event = events.must_come()
    if isinstance(event, PairingTried):
        session.output.result(event, session.output.texts("pair.tried", tries=event.tries_left))
    elif isinstance(event, PairingAsked):
        session.output.record(event)
        _decide(session, event, arguments)
    elif isinstance(event, PairingFinished):
        if event.failure is not None:
            raise CommandEnded(Code.REFUSED, event.failure)
        session.output.record(event)
        return True
    return False


def _decide(session: Session, asked: PairingAsked, arguments: argparse.Namespace) -> None:
    """Admit whom `--accept` names, else ask at the terminal. Raises `CommandEnded` after a refusal."""
    texts = session.output.texts
    told = texts("pair.asked", name=asked.person_name, role=asked.role, device=asked.device_name)
    session.output.line(told)
    failure: Failure | None = None
    if arguments.accept is not None:
        if folded(arguments.accept) != folded(asked.person_name):
            failure = Failure(code="cli.not_accepted", detail={"name": asked.person_name})
    elif not sys.stdin.isatty():
        failure = Failure(code="cli.needs_accept")
    elif not _typed(texts("pair.question")).casefold().startswith(texts("pair.yes")):
        failure = Failure(code="cli.rejected")
    if failure is not None:
        session.ask(requests.RejectPairing(), views.Done)
        raise CommandEnded(Code.REFUSED, failure)
    request = requests.ConfirmPairing(
        person_name=asked.person_name,
        role=asked.role,
        device_name=asked.device_name,
        admin=arguments.admin,
    )
    session.ask(request, views.Done)


def _typed(prompt: str) -> str:
    """A line from the terminal; the question goes to standard error, so that JSON stays alone."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()
