"""What the core refuses, by code. The sentence for each stands in `app/ui/error_text.py`."""

from typing import Final

CODES: Final = frozenset(
    {
        "already_delivered",
        "already_set_up",
        "bad_request",
        "cannot_write",
        "gone",
        "last_admin",
        "left_group",
        "name_empty",
        "name_too_long",
        "needs_update",
        "not_admin",
        "not_group_admin",
        "not_ready",
        "pairing_failed",
        "revoked",
        "roster_full",
        "text_empty",
        "text_too_long",
        "too_many_members",
        "unknown_conversation",
        "unknown_device",
        "unknown_message",
        "unknown_person",
    }
)
"""Every code that `Refused` carries."""

REASONS: Final = frozenset({"device_revoked", "expired", "no_devices", "not_reachable"})
"""Every `mark_reason` and `DeliveryRow.reason`."""


class Refused(Exception):
    """A request that cannot be done; the code goes into `views.Failure`. Nothing was written."""

    def __init__(self, code: str, **detail: str | int) -> None:
        if code not in CODES:
            raise ValueError(code)
        super().__init__(code)
        self.code = code
        self.detail = detail
