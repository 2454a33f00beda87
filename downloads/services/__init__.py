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
from downloads.services.cookies import (
    BadCookies,
    KeptCookies,
    delete_cookies,
    keep_cookies,
    own_cookies,
)
from downloads.services.groups import ActedOn, act_on_group, delete_group
from downloads.services.playlists import (
    NO_PLAYLIST,
    Chosen,
    ChosenGroup,
    read_on,
    request_entries,
)
from downloads.services.requests import Requested, check_quota, request
from downloads.services.tickets import realtime_ticket, redeem_ticket

__all__ = [
    "NO_PLAYLIST",
    "ActedOn",
    "BadCookies",
    "Chosen",
    "ChosenGroup",
    "InvalidState",
    "KeptCookies",
    "Requested",
    "act",
    "act_on_group",
    "add_content",
    "add_to_catalogue",
    "cancel",
    "check_quota",
    "content_visible_to",
    "delete",
    "delete_cookies",
    "delete_group",
    "edit_content",
    "keep_cookies",
    "keep_until",
    "own_cookies",
    "pause",
    "probe_again",
    "read_on",
    "realtime_ticket",
    "redeem_ticket",
    "request",
    "request_entries",
    "resume",
    "retry",
    "set_priority",
]
