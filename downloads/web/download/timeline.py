"""The timeline of a download as text. Pure: payloads in, lines out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from downloads.schemas import TransitionPayload

Tone = Literal["plain", "good", "warn", "bad"]

# event -> its text and tone
WORDS: Final[dict[str, tuple[str, Tone]]] = {
    "requested": ("You asked for it", "plain"),
    "queued": ("Back in the queue", "plain"),
    "started": ("Started", "plain"),
    "finalizing": ("All bytes are there, saving the file", "plain"),
    "stored": ("Stored", "good"),
    "retry_later": ("The attempt failed, another one follows", "warn"),
    "handed_back": ("The worker was stopped, another one goes on", "warn"),
    "worker_lost": ("The worker stopped responding", "warn"),
    "failed": ("Failed", "bad"),
    "paused": ("Paused", "plain"),
    "resumed": ("Resumed", "plain"),
    "cancelled": ("Cancelled", "plain"),
    "retried": ("You asked for it again", "plain"),
    "expired": ("Expired", "warn"),
    "kept": ("The expiry was changed", "plain"),
    "prioritised": ("The priority was changed", "plain"),
    "rested": ("Put down: nobody waits for it now", "plain"),
    "released": ("The file was removed from the storage", "plain"),
}
# Replace the row's reason, which would repeat the text.
_NOTES: Final = {"worker_lost": "Another one goes on from where it was.", "handed_back": ""}


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
    return Line(
        at=transition.at,
        text=text,
        note=_NOTES.get(event, transition.reason or ""),
        tone=tone,
        worker=transition.worker or "",
    )
