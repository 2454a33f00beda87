"""The timeline of a download as text. Pure: payloads in, lines out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from downloads.schemas import TransitionPayload

Tone = Literal["plain", "good", "warn", "bad"]

# event -> its text and tone
WORDS: Final[dict[str, tuple[str, Tone]]] = {
    "requested": ("Requested", "plain"),
    "queued": ("Queued again", "plain"),
    "started": ("Started", "plain"),
    "po_token_used": ("PO token used", "plain"),
    "po_token_not_used": ("PO token not used", "plain"),
    "po_token_failed": ("PO token failed", "warn"),
    "finalizing": ("Downloaded, saving...", "plain"),
    "stored": ("Saved", "good"),
    "retry_later": ("Attempt failed; retrying", "warn"),
    "handed_back": ("The worker was stopped; another one resumes", "warn"),
    "worker_lost": ("The worker stopped responding", "warn"),
    "failed": ("Failed", "bad"),
    "paused": ("Paused", "plain"),
    "resumed": ("Resumed", "plain"),
    "cancelled": ("Cancelled", "plain"),
    "retried": ("Retry requested", "plain"),
    "expired": ("Expired", "warn"),
    "kept": ("Expiry changed", "plain"),
    "prioritised": ("Priority changed", "plain"),
    "rested": ("Stopped: no download needs it now", "plain"),
    "released": ("File removed from storage", "plain"),
}
# Replace the row's reason, which would repeat the text.
_NOTES: Final = {
    "worker_lost": "Another worker resumes where it stopped.",
    "handed_back": "",
    "po_token_not_used": "YouTube asked for none.",
    "po_token_failed": "The site may have offered less than usual. See PO_TOKEN_URL.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline. ``worker`` is empty for users who are not staff."""

    at: dt.datetime
    text: str
    note: str
    tone: Tone
    worker: str


def line_of(transition: TransitionPayload) -> Line:
    """Return the line of a transition; an unknown event by its own name."""
    event = transition.event
    plain = event.replace("_", " ").capitalize()
    text, tone = WORDS.get(event, (plain, "plain"))
    if event == "started" and (transition.attempt or 1) > 1:
        text = f"{text}, attempt {transition.attempt}"
    elif event == "retry_later" and transition.attempt:
        text = f"Attempt {transition.attempt} failed; retrying"
    return Line(
        at=transition.at,
        text=text,
        note=_NOTES.get(event, transition.reason or ""),
        tone=tone,
        worker=transition.worker or "",
    )
