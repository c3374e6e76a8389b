"""What the core refuses, by code. The sentence for each stands in `app/ui/error_text.py`."""

from typing import Final

CODES: Final = frozenset(
    {
        "already_delivered",  # discarding a message that somebody has
        "already_set_up",  # founding or joining twice
        "circle_needs_update",  # the roster holds a critical statement of a later version
        "cannot_remove_oneself",
        "group_left",
        "group_members_missing",  # a group of nobody
        "group_too_large",
        "last_admin",  # nobody could admit or revoke any more
        "name_missing",
        "name_too_long",
        "not_a_member",
        "not_admin",
        "not_group_admin",
        "pairing_refused",  # what the admin's side handed over does not hold
        "person_revoked",
        "setting_too_large",
        "text_missing",
        "text_too_long",
        "transfer_missing",  # a message without photo or file, or whose bytes are deleted
        "unknown_conversation",
        "unknown_device",
        "unknown_message",
        "unknown_person",
    }
)
"""Every code that `Refused` carries."""

REASONS: Final = frozenset({"delivery.expired", "delivery.no_device", "delivery.offline", "delivery.revoked"})
"""Every `mark_reason` and `DeliveryRow.reason`."""


class Refused(Exception):
    """A request that cannot be done; the code goes into `views.Failure`. Nothing was written."""

    def __init__(self, code: str, **detail: str | int) -> None:
        if code not in CODES:
            raise ValueError(code)
        super().__init__(code)
        self.code = code
        self.detail = detail
