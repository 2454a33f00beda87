"""The places of parts in the film, by their clocks."""

from __future__ import annotations

import pytest

from downloads.engine.media.timeline import PartTimes, place, shares_clock


def test_parts_in_a_row() -> None:
    parts = [PartTimes(100.0, 6.0), PartTimes(700.0, 4.0), PartTimes(106.0, 6.0)]
    assert place([parts]) == [[0.0, 6.0, 10.0]]


def test_a_clock_that_goes_on_counts() -> None:
    """Another init, or sound that begins: the hole and the overlap of the source are kept."""
    parts = [
        PartTimes(1.4, 6.02),
        PartTimes(7.4, 4.0, 1, continues=True),
        PartTimes(13.4, 4.0, 2, continues=True),
    ]
    assert place([parts])[0] == pytest.approx([0.0, 6.0, 12.0])


@pytest.mark.parametrize(
    ("picture", "sound", "later"),
    [
        ((0.0, 12.0), (3.0, 9.0), 3.0),  # video-dev/hls.js#7432
        ((0.0, 12.0), (0.4, 12.0), 0.4),
        ((10.0, 12.0), (9.5, 12.0), -0.5),
        ((0.0, 12.0), (3.0, 12.0), 3.0),  # as hls.js and ffmpeg play it
        ((0.0, 12.0), (82_624.0, 12.0), 0.0),  # a clock of its own
        ((0.0, 12.0), (11.0, 12.0), 0.0),
        ((0.0, 0.0), (30.0, 0.0), 0.0),  # of unknown length
    ],
)
def test_sound_beside_the_picture(
    picture: tuple[float, float], sound: tuple[float, float], later: float
) -> None:
    (shown,), (heard,) = place([[PartTimes(*picture)], [PartTimes(*sound)]])
    assert heard - shown == pytest.approx(later)
    assert min(heard, shown) == 0.0


def test_what_a_list_tells_counts_however_far_it_is() -> None:
    picture, sound = PartTimes(0.0, 12.0, is_declared=True), PartTimes(20.0, 5.0, is_declared=True)
    assert place([[picture], [sound]]) == [[0.0], [20.0]]
    assert shares_clock(picture, sound)


def test_discontinuities_at_the_same_places() -> None:
    """Each part of the sound goes with the picture's, on whatever clock."""
    picture = [PartTimes(10.0, 6.0, 0), PartTimes(0.0, 4.0, 1), PartTimes(16.0, 6.0, 2)]
    sound = [PartTimes(10.2, 5.9, 0), PartTimes(500.0, 4.0, 1), PartTimes(16.1, 6.0, 2)]
    assert place([picture, sound])[1] == pytest.approx([0.2, 6.0, 10.1])


def test_sound_that_reaches_into_the_next_part() -> None:
    """That begins on time, as where players overwrite; what is rounded is not cut off."""
    picture = [PartTimes(10.0, 6.0, 0), PartTimes(0.0, 4.0, 1), PartTimes(16.0, 6.0, 2)]
    for over, begins in ((0.02, 6.02), (0.5, 6.0), (2.9, 6.0), (7.0, 13.0)):
        sound = [PartTimes(10.0, 6.0 + over, 0), PartTimes(500.0, 4.0, 1), PartTimes(16.0, 6.0, 2)]
        assert place([picture, sound])[1][1] == pytest.approx(begins)


def test_discontinuities_of_the_picture_alone() -> None:
    picture = [PartTimes(10.0, 6.0, 0), PartTimes(16.0, 6.0, 1)]
    sound = [PartTimes(10.0, 12.0, 0)]
    assert place([picture, sound]) == [[0.0, 6.0], [0.0]]


def test_discontinuities_at_different_places() -> None:
    """The clock tells which part of the picture one of the sound goes with."""
    picture = [PartTimes(0.0, 6.0, 0), PartTimes(700.0, 4.0, 1), PartTimes(6.0, 6.0, 2)]
    sound = [PartTimes(0.0, 3.0, 0), PartTimes(3.0, 3.0, 1), PartTimes(700.0, 4.0, 2)]
    sound.append(PartTimes(6.0, 6.0, 3))
    assert place([picture, sound])[1] == pytest.approx([0.0, 3.0, 6.0, 10.0])
