"""Sentences of the window that are made from facts: times, sizes, states, delivery, notices."""

import time
from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate, QLocale

from app.core.views import (
    ConversationRow,
    DeliveryRow,
    Mark,
    MessageKind,
    MessageRow,
    NoticeKind,
    NoticeView,
    Reach,
    Section,
    TransferState,
)
from app.ui import error_text
from app.ui.i18n import translate
from app.ui.plain import name, one_line

_C = "Words"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def unknown_name() -> str:
    return translate(_C, "Unknown person")


def shown_name(text: str | None) -> str:
    return name(text, unknown_name())


# --- times and sizes --------------------------------------------------------------------------------------


def moment(at_ms: int) -> datetime:
    """Local time; a value outside of what the calendar knows is shown as its edge."""
    return datetime.fromtimestamp(min(max(at_ms, 0), 4_102_444_800_000) / 1000)


def clock(at_ms: int) -> str:
    """ "09:41" """
    at = moment(at_ms)
    return f"{at.hour:02}:{at.minute:02}"


def short_date(day: date) -> str:
    return QLocale().toString(_qdate(day), QLocale.FormatType.ShortFormat)


def _qdate(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)


def list_time(at_ms: int | None, today: date) -> str:
    """For list rows: the time today, "Yesterday", the weekday within a week, else the date."""
    if at_ms is None:
        return ""
    at = moment(at_ms)
    days = (today - at.date()).days
    if days <= 0:
        return at.strftime("%H:%M")
    if days == 1:
        return translate(_C, "Yesterday")
    if days < 7:
        return QLocale().dayName(at.isoweekday(), QLocale.FormatType.ShortFormat).rstrip(".")
    if at.year == today.year:
        return (
            at.strftime("%d.%m.") if QLocale().language() == QLocale.Language.German else at.strftime("%d %b")
        )
    return short_date(at.date())


def day_label(day: date, today: date) -> str:
    """ "Today, Monday, 2 March 2026" """
    locale = QLocale()
    german = locale.language() == QLocale.Language.German
    full = locale.toString(_qdate(day), "dddd, d. MMMM yyyy" if german else "dddd, d MMMM yyyy")
    if day == today:
        return translate(_C, "Today, {day}").format(day=full)
    if day == today - timedelta(days=1):
        return translate(_C, "Yesterday, {day}").format(day=full)
    return full


def date_and_time(at_ms: int) -> str:
    at = moment(at_ms)
    return f"{short_date(at.date())}, {at.strftime('%H:%M')}"


def data_size(size_bytes: int) -> str:
    """ "2,4 MB" in the locale's figures."""
    locale = QLocale()
    if size_bytes < 1000:
        return translate(_C, "%n bytes", "", size_bytes)
    if size_bytes < 1_000_000:
        return f"{locale.toString(round(size_bytes / 1000))} kB"
    return f"{locale.toString(size_bytes / 1_000_000, 'f', 1)} MB"


# --- people -------------------------------------------------------------------------------------------------


def reach(state: Reach) -> str:
    return {
        Reach.REACHABLE: translate(_C, "reachable"),
        Reach.AWAY: translate(_C, "away"),
        Reach.OFFLINE: translate(_C, "not connected"),
    }[state]


def last_seen(at_ms: int | None) -> str:
    if at_ms is None:
        return translate(_C, "not seen yet")
    return translate(_C, "last seen {time}").format(time=date_and_time(at_ms))


# --- conversations and messages --------------------------------------------------------------------------


def kind_word(kind: MessageKind) -> str:
    return {
        MessageKind.TEXT: "",
        MessageKind.PHOTO: translate(_C, "Photo"),
        MessageKind.FILE: translate(_C, "File"),
        MessageKind.NOTICE: "",
        MessageKind.UNKNOWN: translate(_C, "Message from a newer version"),
        MessageKind.DELETED: translate(_C, "Deleted message"),
    }[kind]


def preview(row: ConversationRow) -> str:
    """Second line of a list row: author, kind, first line; without a message what the conversation is."""
    if row.preview_kind is None:
        if row.section is Section.GROUP:
            return translate(_C, "%n people", "", row.members)
        parts = [one_line(row.role or ""), reach(row.reach)]
        return ", ".join(part for part in parts if part)
    word, text = kind_word(row.preview_kind), one_line(row.preview, 160)
    body = ": ".join(part for part in (word, text) if part)
    if row.preview_own:
        return translate(_C, "You: {text}").format(text=body)
    if row.preview_author:
        return f"{shown_name(row.preview_author)}: {body}"
    return body


def mark_icon(mark: Mark) -> str:
    return {
        Mark.WAITING: "clock",
        Mark.COURIER: "package",
        Mark.SOME: "check",
        Mark.ALL: "check-check",
        Mark.READ: "check-check",
        Mark.FAILED: "circle-alert",
    }.get(mark, "")


def mark_word(mark: Mark) -> str:
    return {
        Mark.NONE: "",
        Mark.WAITING: translate(_C, "Waits on this device"),
        Mark.COURIER: translate(_C, "On a colleague's PC, waits for the recipient"),
        Mark.SOME: translate(_C, "Arrived on a device"),
        Mark.ALL: translate(_C, "Arrived on all devices"),
        Mark.READ: translate(_C, "Read"),
        Mark.FAILED: translate(_C, "Not delivered"),
    }[mark]


def names(values: tuple[str, ...] | list[str]) -> str:
    """ "Anna, Jana and Tarik" """
    shown = [shown_name(value) for value in values]
    if len(shown) < 2:
        return "".join(shown)
    return translate(_C, "{first} and {last}").format(first=", ".join(shown[:-1]), last=shown[-1])


def why_not_delivered(row: MessageRow, language: str) -> str:
    """One sentence under an own message that waits or failed; "" when there is nothing to say."""
    reason = error_text.sentence(row.mark_reason, {}, language) if row.mark_reason else ""
    if row.mark is Mark.FAILED:
        if row.waiting_for:
            who = translate(_C, "Not delivered to {names}.").format(names=names(row.waiting_for))
        else:
            who = translate(_C, "Not delivered.")
        return f"{who} {reason}".strip()
    if row.mark is Mark.WAITING:
        if reason:
            return reason
        if row.waiting_for:
            return translate(_C, "Waits for {names}. Goes out by itself.").format(
                names=names(row.waiting_for)
            )
        return translate(_C, "Waits on this device. Goes out by itself.")
    return ""


def transfer(state: TransferState, done_bytes: int, size_bytes: int, *, own: bool) -> str:
    """Words beside a progress bar; "" when the bytes are complete."""
    if state is TransferState.COMPLETE:
        return ""
    if state is TransferState.RUNNING:
        pattern = (
            translate(_C, "Sending, {done} of {size}") if own else translate(_C, "Loading, {done} of {size}")
        )
        return pattern.format(done=data_size(done_bytes), size=data_size(size_bytes))
    if state is TransferState.PAUSED:
        if done_bytes:
            return translate(_C, "Paused at {done} of {size}").format(
                done=data_size(done_bytes), size=data_size(size_bytes)
            )
        return translate(_C, "Waits until somebody who has it is reachable")
    return {
        TransferState.ABSENT: translate(_C, "Not loaded yet"),
        TransferState.BROKEN: translate(_C, "Did not arrive intact"),
        TransferState.GONE: translate(_C, "Deleted"),
    }[state]


def delivery(row: DeliveryRow, language: str) -> str:
    """Where one person stands with a message."""
    if row.reason and row.mark in (Mark.WAITING, Mark.FAILED):
        return error_text.sentence(row.reason, {}, language)
    if row.mark is Mark.SOME and row.devices_total > 1:
        return translate(_C, "On {reached} of {total} devices").format(
            reached=row.devices_reached, total=row.devices_total
        )
    if row.mark in (Mark.ALL, Mark.SOME):
        return translate(_C, "On %n devices", "", row.devices_reached)
    return mark_word(row.mark)


def notice(view: NoticeView) -> str:
    """The sentence of a notice row."""
    actor, whom = shown_name(view.actor), names(view.subjects)
    pattern = {
        NoticeKind.GROUP_CREATED: translate(_C, "{actor} created the group"),
        NoticeKind.MEMBER_ADDED: translate(_C, "{actor} added {whom}"),
        NoticeKind.MEMBER_REMOVED: translate(_C, "{actor} removed {whom}"),
        NoticeKind.MEMBER_LEFT: translate(_C, "{actor} left the group"),
        NoticeKind.RENAMED: translate(_C, "{actor} renamed the group to “{whom}”"),
        NoticeKind.NEW_DEVICE: translate(_C, "{actor} has a new device: {whom}"),
        NoticeKind.KEY_CHANGED: translate(_C, "The key of {actor} is new. Please compare before you send."),
        NoticeKind.DEVICE_REVOKED: translate(_C, "A device of {actor} was removed: {whom}"),
        NoticeKind.LOST: translate(_C, "Messages of {actor} could not be read and will not come again"),
    }[view.kind]
    return pattern.format(actor=actor, whom=whom)


def spoken(row: MessageRow, language: str) -> str:
    """A whole sentence for screen readers: author, time, kind, text, state."""
    if row.kind is MessageKind.NOTICE and row.notice is not None:
        return f"{notice(row.notice)}, {clock(row.sent_ms)}"
    author = translate(_C, "You") if row.own else shown_name(row.author_name)
    parts = [author, clock(row.sent_ms), kind_word(row.kind), one_line(row.text, 2000)]
    if row.file is not None:
        parts.append(one_line(row.file.name))
    blob = row.photo.blob if row.photo else row.file.blob if row.file else None
    if blob is not None:
        parts.append(transfer(blob.state, blob.done_bytes, blob.size_bytes, own=row.own))
    if row.own:
        parts.append(why_not_delivered(row, language) or mark_word(row.mark))
    return ", ".join(part for part in parts if part)
