"""The gaps of a source itself, in sentences."""

from __future__ import annotations

from downloads.engine.core.media import StreamKind
from downloads.engine.pipeline.gap_notes import gap_notes


def test_a_gap_is_told_with_its_place_and_length() -> None:
    assert gap_notes([(2.0, 4.0), (3600.0, 90.0)], StreamKind.MUXED) == (
        "The site lacks 4 s of the film at 0:02; they are left out.",
        "The site lacks 2 min of the film at 1:00:00; they are left out.",
    )
    assert "of the sound at" in gap_notes([(2.0, 4.0)], StreamKind.AUDIO)[0]


def test_many_gaps_are_counted() -> None:
    notes = gap_notes([(place * 4.0, 2.0) for place in range(20)], StreamKind.VIDEO)
    assert len(notes) == 6
    assert notes[-1] == "The site lacks the picture in 15 more places, 30 s in all."
