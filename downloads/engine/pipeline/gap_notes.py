"""Notes about gaps that a list of fragments declares, in sentences for the user. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from downloads.engine.core.humanize import clock, wait_in_words
from downloads.engine.core.media import StreamKind

_MOST = 5  # sentences
_WORDS = {
    StreamKind.MUXED: "the film",
    StreamKind.VIDEO: "the picture",
    StreamKind.AUDIO: "the sound",
}


def gap_notes(gaps: Sequence[tuple[float, float]], kind: StreamKind) -> tuple[str, ...]:
    """Return the notes. ``gaps``: start and length in seconds."""
    what = _WORDS[kind]
    notes = [
        f"The site lacks {wait_in_words(length)} of {what} at {clock(start)}; they are left out."
        for start, length in gaps[:_MOST]
    ]
    if rest := gaps[_MOST:]:
        lengths = wait_in_words(sum(length for _, length in rest))
        notes.append(f"The site lacks {what} in {len(rest)} more places, {lengths} in all.")
    return tuple(notes)
