"""Texts for the outcome of an action: of messages by the server, and of the page's toasts."""

from __future__ import annotations

from typing import Final

DONE: Final = {
    "queue": "Queued",
    "have": "You already have this",
    "cancel": "Cancelled",
    "pause": "Paused",
    "resume": "Resumed",
    "retry": "Retrying",
    "keep": "Kept permanently",
    "delete": "Deleted",
}
