"""What commands print: sentences and tables for people, JSON for scripts. Others' texts are made harmless first."""

import json
import sys
import time
from collections.abc import Iterable
from typing import Any, Final, TextIO

import msgspec

from app.cli.texts import Texts
from app.core import views
from app.core.events import AnyEvent
from app.core.views import Failure
from app.ui.plain import harmless, one_line

ID_BYTES_MAX: Final = 64
"""Longer bytes are no id but content: JSON tells their size."""


class Output:
    """Where a command prints. `json` decides for whom."""

    def __init__(
        self, texts: Texts, *, json: bool, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self.texts = texts
        self.json = json
        self._out = out or sys.stdout
        self._err = err or sys.stderr

    def line(self, text: str) -> None:
        """For people only."""
        if not self.json:
            self._out.write(harmless(text) + "\n")
            self._out.flush()

    def progress(self, text: str) -> None:
        """To standard error, for people only."""
        if not self.json:
            self._err.write(harmless(text) + "\n")
            self._err.flush()

    def record(self, value: object) -> None:
        """For scripts only: one JSON object on one line."""
        if self.json:
            self._out.write(json.dumps(plain(value), ensure_ascii=False) + "\n")
            self._out.flush()

    def result(self, value: object, text: str | Iterable[str]) -> None:
        """`value` for scripts, `text` for people."""
        self.record(value)
        for line in [text] if isinstance(text, str) else text:
            self.line(line)

    def failure(self, failure: Failure) -> None:
        """Why not: for scripts with its sentence, for people on standard error."""
        sentence = self.texts.sentence(failure)
        if self.json:
            told = {"type": "Failure", "code": failure.code, "detail": failure.detail, "sentence": sentence}
            self.record(told)
        else:
            self._err.write(harmless(sentence) + "\n")


def plain(value: object) -> Any:
    """Any view, event or plain value as JSON can hold it: ids as hex, longer bytes as their number."""
    return _plain(msgspec.to_builtins(value, builtin_types=(bytes,)))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex() if len(value) <= ID_BYTES_MAX else {"size_bytes": len(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def moment(unix_ms: int, texts: Texts) -> str:
    """Local date and time."""
    form = "%d.%m.%Y %H:%M" if texts.language == "de" else "%Y-%m-%d %H:%M"
    return time.strftime(form, time.localtime(unix_ms / 1000))


def status_lines(status: views.Status, texts: Texts) -> list[str]:
    """The state of the running instance."""
    phase = texts(f"status.phase.{status.phase.value}")
    rows: list[tuple[str, object]] = [
        ("status.state", f"{phase}, {texts('status.locked')}" if status.locked else phase),
        ("status.practice", status.circle_name),
        ("status.person", status.person_name),
        ("status.device", status.device_name),
        ("status.links", status.links),
        ("status.waiting", status.waiting),
        ("status.unread", status.unread),
        ("status.port", status.port),
        ("status.managed", ", ".join(status.managed) or None),
    ]
    lines = [f"{texts(key) + ':':14} {value}" for key, value in rows if value is not None]
    return lines + ([texts.sentence(status.problem)] if status.problem is not None else [])


def people_lines(people: views.People, texts: Texts) -> list[str]:
    """One line per person: name, role, reach, what is special, id."""
    lines = []
    for row in people.rows:
        special = [texts("own")] * row.own + [texts("admin")] * row.admin + [texts("revoked")] * row.revoked
        name, role = one_line(row.name or texts("unknown")), one_line(row.role or "")
        reach = texts(f"reach.{row.reach.value}")
        lines.append(f"{name:24} {role:16} {reach:12} {', '.join(special):12} {row.person.hex()[:8]}")
    return lines


def message_line(row: views.MessageRow, texts: Texts) -> str:
    """Time, author, text, and how far it got."""
    mark = ""
    if row.own and row.mark is not views.Mark.NONE:
        waits = f": {', '.join(one_line(name) for name in row.waiting_for)}" if row.waiting_for else ""
        mark = f"  ({texts(f'mark.{row.mark.value}')}{waits})"
    author = one_line(row.author_name or texts("unknown"))
    return f"{moment(row.sent_ms, texts)}  {author}: {_body(row, texts)}{mark}"


def _body(row: views.MessageRow, texts: Texts) -> str:
    if row.photo is not None:
        told = texts("kind.photo", width=row.photo.width_px, height=row.photo.height_px)
        return f"{told} {row.text}".rstrip()
    if row.file is not None:
        told = texts("kind.file", name=one_line(row.file.name), size=row.file.blob.size_bytes)
        return f"{told} {row.text}".rstrip()
    if row.notice is not None:
        subjects = ", ".join(one_line(subject) for subject in row.notice.subjects)
        return texts("kind.notice", kind=row.notice.kind.value, subjects=subjects)
    if row.kind in (views.MessageKind.UNKNOWN, views.MessageKind.DELETED):
        return texts(f"kind.{row.kind.value}")
    return row.text


def hit_line(hit: views.SearchHit, texts: Texts) -> str:
    """Where, when, who, and the place found between asterisks."""
    parts = [f"*{part}*" if place % 2 else part for place, part in enumerate(hit.snippet)]
    where = f"{one_line(hit.title)}, {one_line(hit.author_name or texts('unknown'))}"
    return f"{moment(hit.sent_ms, texts)}  {where}: {one_line(''.join(parts))}"


def group_line(row: views.ConversationRow, texts: Texts) -> str:
    """Title, members, unread, id."""
    members = texts("members", count=row.members)
    return f"{one_line(row.title):30} {members:16} {row.unread or '':>4} {row.conversation.hex()[:8]}"


def event_line(event: AnyEvent) -> str:
    """Kind and fields of an event, on one line."""
    fields = plain(event)
    told = [f"{key}={_short(value)}" for key, value in fields.items() if key != "type"]
    return one_line(f"{fields['type']} {' '.join(told)}")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 64 else text[:8] + "…"
