"""Every write that a user makes. Views validate, call one of these, and answer.

Raises ``InvalidState`` where an action is not allowed from the download's status, and the
model's ``DoesNotExist`` for what is another user's, as for what is nobody's.
"""

from downloads.services.actions import (
    InvalidState,
    act,
    cancel,
    delete,
    keep_until,
    pause,
    resume,
    retry,
    set_priority,
)
from downloads.services.catalogue import add_to_catalogue, edit_content, probe_again
from downloads.services.content import add_content, content_visible_to
from downloads.services.requests import Requested, check_quota, request
from downloads.services.tickets import realtime_ticket, redeem_ticket

__all__ = [
    "InvalidState",
    "Requested",
    "act",
    "add_content",
    "add_to_catalogue",
    "cancel",
    "check_quota",
    "content_visible_to",
    "delete",
    "edit_content",
    "keep_until",
    "pause",
    "probe_again",
    "realtime_ticket",
    "redeem_ticket",
    "request",
    "resume",
    "retry",
    "set_priority",
]
