"""WebVTT, TTML and 3GPP text in fragmented MP4 (ISO/IEC 14496-30), as HLS and DASH bring it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from downloads.engine.media import mp4_text
from downloads.engine.media.film_clock import FilmClock, PartStart
from downloads.engine.media.subtitles import (
    BrokenSubtitles,
    SubtitlePiece,
    SubtitleSource,
    convert,
)
from tests.support.streaming.text_tracks import EMPTY, box, full, header, segment, ttml, vttc

FILM = FilmClock((PartStart(100.0),), 60.0)
ONE = "00:00:01.000 --> 00:00:03.000\none\n"


def converted(work_dir: Path, *pieces: bytes, clock: FilmClock = FILM) -> str:
    path, output = work_dir / "raw", work_dir / "made.vtt"
    path.write_bytes(b"".join(pieces))
    placed, at = [], 0
    for piece in pieces:
        placed.append(SubtitlePiece(at, len(piece)))
        at += len(piece)
    convert(
        SubtitleSource(path, "vtt", pieces=tuple(placed)), output, work_dir=work_dir, clock=clock
    )
    return output.read_text().removeprefix("WEBVTT\n\n")


@pytest.mark.parametrize("version", [0, 1])
def test_webvtt(work_dir: Path, version: int) -> None:
    """A cue is cut where another begins, and at the bound of a segment: it is one all the same."""
    made = converted(
        work_dir,
        header(b"wvtt", version=version),
        segment(101_000, [(1000, vttc("one")), (1000, vttc("one") + vttc("two", "line:0"))]),
        segment(103_000, [(2000, vttc("two", "line:0")), (500, EMPTY), (500, vttc("<i>3</i>"))]),
    )
    assert made == (
        f"{ONE}\n00:00:02.000 --> 00:00:05.000 line:0\ntwo\n\n"
        "00:00:05.500 --> 00:00:06.000\n<i>3</i>\n"
    )


def test_durations_of_the_header(work_dir: Path) -> None:
    samples = [(0, vttc("one")), (0, vttc("one")), (0, EMPTY), (0, vttc("two"))]
    made = converted(work_dir, header(b"wvtt"), segment(101_000, samples, told=False))
    assert made == ("00:00:01.000 --> 00:00:02.000\none\n\n00:00:02.500 --> 00:00:03.000\ntwo\n")


def test_one_file(work_dir: Path) -> None:
    """Header and segments in one piece, as a whole file in DASH."""
    whole = header(b"wvtt") + segment(101_000, [(2000, vttc("one"))])
    assert converted(work_dir, whole + segment(103_000, [(2000, EMPTY)])) == ONE


def test_ttml(work_dir: Path) -> None:
    """Its times are the track's own; a cue over a bound stands in both segments."""
    made = converted(
        work_dir,
        header(b"stpp", 90_000),
        segment(100 * 90_000, [(180_000, ttml(("101s", "103s", "one")))]),
        segment(102 * 90_000, [(180_000, ttml(("101s", "103s", "one"), ("103s", "104s", "two")))]),
        segment(104 * 90_000, [(180_000, ttml(("104s", "105s", "two")))]),
        segment(106 * 90_000, [(180_000, ttml())]),
    )
    assert made == f"{ONE}\n00:00:03.000 --> 00:00:05.000\ntwo\n"


def test_3gpp(work_dir: Path) -> None:
    text = struct.pack(">H", 5) + b"a < b" + box(b"styl", b"\0\0")
    samples = [(2000, text), (1000, struct.pack(">H", 0))]
    made = converted(work_dir, header(b"tx3g"), segment(101_000, samples))
    assert made == "00:00:01.000 --> 00:00:03.000\na &lt; b\n"


@pytest.mark.parametrize(
    ("pieces", "cause"),
    [
        ([header(b"enct"), segment(0, [(1000, vttc("x"))])], "protected"),
        ([header(b"avc1"), segment(0, [(1000, b"x")])], "format"),
        ([segment(0, [(1000, vttc("x"))])], "format"),
        ([header(b"wvtt")[:-20]], "format"),
        ([header(b"stpp"), segment(0, [(1000, b"<tt><body><p>")])], "broken"),
    ],
    ids=["protected", "picture", "no header", "cut", "no xml"],
)
def test_what_cannot_be_read(work_dir: Path, pieces: list[bytes], cause: str) -> None:
    with pytest.raises(BrokenSubtitles) as raised:
        converted(work_dir, *pieces)
    assert raised.value.cause == cause


@pytest.mark.parametrize("size", [0, 1, 7, 2**31])
def test_boxes_of_odd_sizes(size: int) -> None:
    content = struct.pack(">I", size) + b"moof" + bytes(20)
    track = mp4_text.Mp4TextTrack(7, b"wvtt", 1000)
    try:
        assert list(mp4_text.samples(content, track)) == []
    except mp4_text.UnreadableText:
        assert size


def test_samples_that_are_not_there() -> None:
    run = full(b"trun", 0, 0x301, struct.pack(">Ii", 2**31, 0), struct.pack(">II", 1, 2**31))
    fragment = box(b"traf", full(b"tfhd", 0, 0, struct.pack(">I", 7)), run)
    with pytest.raises(mp4_text.UnreadableText):
        list(mp4_text.samples(box(b"moof", fragment), mp4_text.Mp4TextTrack(7, b"wvtt", 1000)))
