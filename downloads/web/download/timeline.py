"""A download's timeline in words. Pure: payloads in, lines out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from downloads.schemas import TransitionPayload

Tone = Literal["plain", "good", "warn", "bad"]

# event -> what happened, and how it is to be taken
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
# Whose own reason would say the same again.
_NOTES: Final = {"worker_lost": "Another one goes on from where it was.", "handed_back": ""}


@dataclass(frozen=True, slots=True)
class Line:
    """``worker`` is empty for those who are not staff."""

    at: dt.datetime
    text: str
    note: str
    tone: Tone
    worker: str


def line_of(transition: TransitionPayload) -> Line:
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
