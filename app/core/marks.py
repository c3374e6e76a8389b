"""From one record per device to one mark per person and message (protocol 10.7)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from app.core.directory import Directory
from app.core.ports import DeliveryRecord
from app.core.views import Mark, Reach
from crypto.ids import PersonId

_WEAKEST_FIRST: Final = (Mark.FAILED, Mark.WAITING, Mark.COURIER, Mark.SOME, Mark.ALL, Mark.READ)
_HAS_IT: Final = ("delivered", "read")


class PersonMark(NamedTuple):
    """Where one person stands with one message."""

    person: PersonId
    mark: Mark
    devices_total: int
    devices_reached: int
    at_ms: int | None
    reason: str | None


def per_person(records: Sequence[DeliveryRecord], people: Directory) -> list[PersonMark]:
    """In the order of the records."""
    grouped: dict[PersonId, list[DeliveryRecord]] = {}
    for record in records:
        grouped.setdefault(record.person, []).append(record)
    return [_of_person(person, own, people) for person, own in grouped.items()]


def _of_person(person: PersonId, records: list[DeliveryRecord], people: Directory) -> PersonMark:
    # A revoked device and the stand-in of a person without one count only while there is no other.
    real = [one for one in records if not _stands_in(one) and not people.is_revoked(one.device)] or records
    reached = [one for one in real if one.state in _HAS_IT]
    at_ms = max((one.at_ms for one in reached), default=None)
    reason: str | None = None
    if any(one.state == "read" for one in real):
        mark = Mark.READ
    elif reached:
        mark = Mark.ALL if len(reached) == len(real) else Mark.SOME
    elif any(one.state == "courier" for one in real):
        mark = Mark.COURIER
    elif all(one.state == "failed" for one in real):
        mark = Mark.FAILED
        reason = next((one.reason for one in real if one.reason), None)
        at_ms = max(one.at_ms for one in real)
    else:
        mark = Mark.WAITING
        reason = _why_waiting(person, real, people)
    total = sum(1 for one in real if not _stands_in(one))
    return PersonMark(person, mark, total, len(reached), at_ms, reason)


def _stands_in(record: DeliveryRecord) -> bool:
    """A person without a device has a record under her own id (see `conversations.note_deliveries`)."""
    return bytes(record.device) == bytes(record.person)


def _why_waiting(person: PersonId, records: list[DeliveryRecord], people: Directory) -> str | None:
    if all(_stands_in(one) for one in records):
        return "no_devices"
    if people.reach_of(person) is not Reach.REACHABLE:
        return "not_reachable"
    return None


def weakest(marks: Sequence[PersonMark]) -> PersonMark | None:
    """The mark that stands for all; None without recipients."""
    return min(marks, key=lambda one: _WEAKEST_FIRST.index(one.mark), default=None)
