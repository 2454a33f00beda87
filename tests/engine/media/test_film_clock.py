"""From cue times on a channel's clock to the film's (RFC 8216, section 3.5).

Public reports: shaka-project/shaka-packager#1355, yt-dlp/yt-dlp#474, video-dev/hls.js#3342, #5987
and #7852.
"""

from __future__ import annotations

import math

import pytest

from downloads.engine.media.cues import Cue
from downloads.engine.media.film_clock import FilmClock, PartStart, TimedPiece, on_film
from downloads.engine.media.webvtt import TimestampMap

START = 33660.0
WRAP = 2**33 / 90000
ON_CHANNEL = FilmClock((PartStart(START),), 12.0)


def piece(map: TimestampMap | None, *starts: float, **told: float) -> TimedPiece:
    cues = [Cue(start, start + 1, "x") for start in starts]
    return TimedPiece(cues, map, **told)  # type: ignore[arg-type]


def starts(pieces: list[TimedPiece], clock: FilmClock, parts: int = 1) -> list[float]:
    return [round(cue.start, 3) for cue in on_film(pieces, clock, parts)]


@pytest.mark.parametrize(
    "given",
    [
        piece(TimestampMap(0, 0.0), START + 1, START + 4),
        piece(None, START + 1, START + 4),
        piece(TimestampMap(round(START * 90000), 0.0), 1, 4),
        piece(TimestampMap(round(START * 90000), START), START + 1, START + 4),
        piece(TimestampMap(round((START - 10) * 90000), 0.0), 11, 14),
        piece(None, 1, 4),
        piece(TimestampMap(0, 0.0), 1, 4),  # wrong, and plainly the film's
    ],
    ids=["channel", "no map", "start", "local", "earlier", "film", "wrong map"],
)
def test_a_clip_of_a_channel(given: TimedPiece) -> None:
    assert starts([given], ON_CHANNEL) == [1, 4]


@pytest.mark.parametrize("turns", [-1, 0, 1, 2])
def test_a_clock_that_has_begun_again(turns: int) -> None:
    """The picture is read before the turn, the subtitles behind it, or the other way round."""
    ticks = round((START + turns * WRAP) * 90000)
    assert starts([piece(TimestampMap(ticks, 0.0), 1, 4)], ON_CHANNEL) == [1, 4]


def test_a_turn_between_pieces() -> None:
    begin = WRAP - 6
    clock = FilmClock((PartStart(begin),), 12.0)
    pieces = [
        piece(TimestampMap(round(begin * 90000), 0.0), 1, at=0.0),
        piece(TimestampMap(0, 0.0), 1, at=6.0),
    ]
    assert starts(pieces, clock) == [1, 7]


def test_a_day_long_film_on_a_clock_of_26_hours() -> None:
    clock = FilmClock((PartStart(10.0),), 200_000.0)
    late = piece(TimestampMap(round((10 + 150_000) % WRAP * 90000), 0.0), 1, at=150_000.0)
    assert starts([late], clock) == [150_001]


def test_a_map_for_each_piece() -> None:
    pieces = [piece(TimestampMap(round((10 + at) * 90000), 0.0), 1, at=at) for at in (0.0, 6.0)]
    assert starts(pieces, FilmClock((PartStart(10.0),), 12.0)) == [1, 7]


def test_a_map_in_one_piece_alone() -> None:
    mapped = TimestampMap(round(START * 90000), 3600.0)
    pieces = [piece(None, 3601), piece(mapped, 3604), piece(None, 3607)]
    assert starts(pieces, ON_CHANNEL) == [1, 4, 7]


def test_an_exact_map_shifts_by_little() -> None:
    """A map is right although the film's time would fit too."""
    given = piece(TimestampMap(0, 0.0), 2.4, 5.4)
    assert starts([given], FilmClock((PartStart(1.4),), 12.0)) == [1, 4]


def test_cues_before_the_clip() -> None:
    given = piece(TimestampMap(0, 0.0), 1, 11, 12)
    assert starts([given], FilmClock((PartStart(10.0),), 12.0)) == [-9, 1, 2]


def test_a_film_in_part_outside_without_a_map() -> None:
    """Subtitles of the whole for a clip of it: the film's time, unless the other fits wholly."""
    assert starts([piece(None, 1, 5, 40)], FilmClock((PartStart(1.4),), 12.0)) == [1, 5, 40]
    assert starts([piece(None, 11, 15)], FilmClock((PartStart(10.0),), 12.0)) == [1, 5]


def test_media_times() -> None:
    given = TimedPiece([Cue(START + 1, START + 2, "x")], on_source=True, shift=0.0)
    assert starts([given], ON_CHANNEL) == [1]
    shifted = TimedPiece([Cue(101, 102, "x")], on_source=True, shift=-100.0)
    assert starts([shifted], FilmClock((PartStart(0.0),), 12.0)) == [1]


def test_parts() -> None:
    """Each part of the film has a clock of its own, and the subtitles' list the same parts."""
    parts = (PartStart(10.0, 0.0, 0), PartStart(500.0, 6.0, 1), PartStart(0.0, 12.0, 2))
    clock = FilmClock(parts, 18.0)
    pieces = [
        piece(TimestampMap(900_000, 0.0), 1, at=0.0, part=0),
        piece(TimestampMap(500 * 90000, 0.0), 1, at=6.0, part=1),
        piece(TimestampMap(0, 0.0), 1, at=12.0, part=2),
    ]
    assert starts(pieces, clock, 3) == [1, 7, 13]


def test_parts_with_one_clock_among_them() -> None:
    """Another header in the middle of one clock: a hole that the film does not have."""
    parts = (PartStart(10.0, 0.0, 0), PartStart(26.0, 6.0, 0), PartStart(0.0, 12.0, 1))
    pieces = [
        piece(TimestampMap(0, 0.0), 11, 27, at=0.0, part=0),
        piece(TimestampMap(0, 0.0), 1, at=12.0, part=1),
    ]
    assert starts(pieces, FilmClock(parts, 18.0), 2) == [1, 7, 13]


def test_parts_that_the_subtitles_do_not_have() -> None:
    clock = FilmClock((PartStart(10.0, 0.0), PartStart(500.0, 6.0)), 12.0)
    assert starts([piece(TimestampMap(0, 0.0), 11, 501)], clock) == [1, 7]


def test_parts_whose_clocks_begin_alike() -> None:
    """Without a mark in the subtitles' list, its own times tell which part a piece is of."""
    clock = FilmClock(tuple(PartStart(10.0, at, mark) for mark, at in enumerate((0.0, 6.0))), 12.0)
    pieces = [piece(TimestampMap(0, 0.0), 11, 14, at=at) for at in (0.0, 6.0)]
    assert starts(pieces, clock) == [1, 4, 7, 10]


def test_nothing_is_known_of_the_picture() -> None:
    """The first map stands for the film's begin, and others differ from it by what they say."""
    pieces = [piece(TimestampMap(900_000, 0.0), 1), piece(TimestampMap(1_080_000, 0.0), 1)]
    assert starts(pieces, FilmClock()) == [1, 3]
    assert starts([piece(None, 1)], FilmClock()) == [1]


def test_a_cue_without_an_end() -> None:
    endless = TimedPiece([Cue(5, math.inf, "x")])
    assert on_film([endless], FilmClock(length=60.0)) == [Cue(5, 60, "x")]
    assert on_film([endless], FilmClock()) == [Cue(5, 15, "x")]


def test_pieces_that_count_from_their_own_begin() -> None:
    """devine-dl/devine#67: without a map, with the same in all, and in media times."""
    clock = FilmClock((PartStart(0.0),), 12.0)
    plain = [piece(None, 1, 2, at=0.0), piece(None, 0, at=4.0), piece(None, 3, at=8.0)]
    assert starts(plain, clock) == [1, 2, 4, 11]
    same = [piece(TimestampMap(126_000, 0.0), *[c.start for c in p.cues], at=p.at) for p in plain]
    assert starts(same, clock) == [1, 2, 4, 11]
    media = [
        TimedPiece(each.cues, on_source=True, at=each.at, media_start=START + (each.at or 0.0))
        for each in plain
    ]
    assert starts(media, ON_CHANNEL) == [1, 2, 4, 11]


def test_pieces_on_the_clock_of_their_list() -> None:
    """A cue over a cut stands in both pieces; and one may lie in the first piece alone."""
    clock = FilmClock((PartStart(0.0),), 12.0)
    assert starts([piece(None, 1, 3.5, at=0.0), piece(None, 3.5, 6, at=4.0)], clock) == [
        1, 3.5, 3.5, 6,
    ]  # fmt: skip
    assert starts([piece(None, 1, 2, at=0.0), piece(None, at=4.0)], clock) == [1, 2]


def test_no_piece() -> None:
    assert on_film([], ON_CHANNEL) == []
    assert on_film([TimedPiece(()), TimedPiece((), TimestampMap(1, 0))], ON_CHANNEL) == []
