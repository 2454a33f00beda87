"""Every write that a user causes. Views validate, call one of these, and answer.

Raises ``InvalidState`` if an action is not allowed in the download's status, and the model's
``DoesNotExist`` for another user's rows as for missing ones.
"""

from downloads.services.actions import (
    InvalidState,
    act,
    cancel,
    delete,
    keep_until,
    own_in_line,
    pause,
    resume,
    retry,
    set_priority,
)
from downloads.services.bulk import ActionOutcome, act_on_many, delete_many
from downloads.services.catalogue import add_to_catalogue, edit_content, probe_again
from downloads.services.content import add_content, content_visible_to
from downloads.services.cookies import (
    BadCookies,
    KeptCookies,
    delete_cookies,
    keep_cookies,
    own_cookies,
)
from downloads.services.groups import act_on_group, delete_group
from downloads.services.playlists import (
    NO_PLAYLIST,
    EntryResult,
    GroupResult,
    read_on,
    request_entries,
)
from downloads.services.requests import RequestResult, check_quota, request
from downloads.services.tickets import realtime_ticket, redeem_ticket
from downloads.services.webhooks import (
    MadeWebhook,
    add_webhook,
    change_webhook,
    delete_webhook,
    deliveries_of,
    own_webhooks,
    redeliver,
)

__all__ = [
    "NO_PLAYLIST",
    "ActionOutcome",
    "BadCookies",
    "EntryResult",
    "GroupResult",
    "InvalidState",
    "KeptCookies",
    "MadeWebhook",
    "RequestResult",
    "act",
    "act_on_group",
    "act_on_many",
    "add_content",
    "add_to_catalogue",
    "add_webhook",
    "cancel",
    "change_webhook",
    "check_quota",
    "content_visible_to",
    "delete",
    "delete_cookies",
    "delete_group",
    "delete_many",
    "delete_webhook",
    "deliveries_of",
    "edit_content",
    "keep_cookies",
    "keep_until",
    "own_cookies",
    "own_in_line",
    "own_webhooks",
    "pause",
    "probe_again",
    "read_on",
    "realtime_ticket",
    "redeem_ticket",
    "redeliver",
    "request",
    "request_entries",
    "resume",
    "retry",
    "set_priority",
]
