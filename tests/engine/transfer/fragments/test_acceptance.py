"""A response for a fragment is media, or it is requested again, or it is an error.

Sources: tsduck/tsduck#1449, video-dev/hls.js#2233, selsta/hlsdl#124 (a page, nothing, a word, with
status 200); video-dev/hls.js#5857, Gujal00/ResolveURL#1474 (a transport stream behind an image).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from downloads.engine.core import containers
from downloads.engine.core.errors import Incomplete, NotMedia
from downloads.engine.core.media import Fragment, FragmentList
from downloads.engine.transfer.fragments.acceptance import FragmentCheck, check_media
from tests.engine.transfer.fragments.harness import Piecewise
from tests.support.origin import Origin

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde\0\0\0\x0cIDAT"
    b"x\x9cc\xf8\xff\xff?\0\5\xfe\2\xfe\r\xefF\xb8\0\0\0\0IEND\xaeB`\x82"
)
NO_MEDIA = {
    "page": b"<!doctype html><html><body><h1>Too many requests</h1></body></html>" * 40,
    "nothing": b"",
    "json": b'{"error": "token expired"}',
    "word": b"Forbidden",
    "xml": b'<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>',
    "playlist": b"#EXTM3U\n#EXTINF:2,\nG.ts\n",
    "image": PNG,
    "letters": b"G" + b"x" * 187,
}


def transport(packets: int = 40, size: int = 188, seed: int = 1) -> bytes:
    lead = b"\0\0\0\1" if size == 192 else b""
    rest = bytes((seed * 7 + at) % 71 for at in range(size - 4 - len(lead)))
    return (lead + b"G\x1f\xff\x10" + rest) * packets


@dataclass
class Checked(Piecewise):
    """The engine as the pipeline runs it: every fragment judged."""

    check: FragmentCheck | None = check_media


@pytest.fixture
def checked(origin: Origin, tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Checked(origin, tmp_path / "spool")
    made.serve([transport(seed=index) for index in range(8)])
    yield made
    made.client.close()


@pytest.mark.parametrize("kind", NO_MEDIA)
def test_what_comes_right_at_the_second_ask_is_whole(checked: Checked, kind: str) -> None:
    good = checked.origin.files["/5"].data
    bad = checked.origin.files["/5"]

    def once(file, asked) -> None:  # type: ignore[no-untyped-def]
        checked.origin.files["/5"] = replace(bad, data=good, on_request=None)

    checked.origin.files["/5"] = replace(bad, data=NO_MEDIA[kind], on_request=once)
    checked.exact()
    assert checked.asked("/5") == 2


@pytest.mark.parametrize("kind", NO_MEDIA)
def test_what_never_comes_right_is_an_error_that_names_it(checked: Checked, kind: str) -> None:
    checked.origin.serve("/5", NO_MEDIA[kind])
    with pytest.raises(Incomplete) as raised:
        checked.fetch()
    assert "Part 6 of 8" in raised.value.message
    assert "fragment 6 of 8" in raised.value.detail
    assert checked.asked("/5") == checked.config.segment_attempts


def test_a_stream_that_is_none_from_its_first_fragment_on(checked: Checked) -> None:
    for index in range(8):
        checked.origin.serve(f"/{index}", NO_MEDIA["page"])
    checked.limit(connections=1)
    with pytest.raises(NotMedia):
        checked.fetch()


@pytest.mark.parametrize("size", containers.PACKET_SIZES)
@pytest.mark.parametrize("lead", [PNG, b"GIF89a" + b"G" * 40, bytes(30_000)])
def test_a_disguise_is_taken_off(checked: Checked, size: int, lead: bytes) -> None:
    """Also one that holds bytes that look like the beginning of a packet."""
    bodies = [transport(size=size, seed=index) for index in range(8)]
    checked.serve([lead + body for body in bodies])
    checked.expected = b"".join(bodies)
    checked.fetch()
    assert b"".join(checked.spool.feed()) == checked.expected


LIST = FragmentList((Fragment("http://x/0"), Fragment("http://x/1", duration=2.0)), "ts", "k")
MARKS = {
    "mp4": b"\0\0\0\x18styp" + bytes(2000),
    "webm": b"\x1f\x43\xb6\x75" + bytes(2000),
    "aac": b"\xff\xf1\x50\x80" + bytes(2000),
    "mp3": b"\xff\xfb\x90\x64" + bytes(2000),
    "ac3": b"\x0b\x77" + bytes(2000),
    "tagged": b"ID3\4\0\0\0\0\0\x0a" + bytes(10) + b"\xff\xf1\x50\x80" + bytes(2000),
    "one packet": transport(1),
    "m2ts": transport(size=192),
}


@pytest.mark.parametrize("kind", MARKS)
def test_media_by_its_mark(kind: str) -> None:
    assert check_media(LIST, 1, MARKS[kind], True) == 0


def test_a_piece_told_to_hold_nothing_may_be_empty() -> None:
    """The remainder that a segmenter leaves at the end of a film."""
    listing = replace(LIST, fragments=(LIST.fragments[0], Fragment("http://x/1", duration=0.04)))
    assert check_media(listing, 1, b"", True) == 0
    with pytest.raises(Incomplete):
        check_media(LIST, 1, b"", True)


def test_sound_cut_anywhere_counts_by_the_word_of_the_list() -> None:
    listing = replace(LIST, container="mp3")
    assert check_media(listing, 1, b"\x12\x00\x9b" * 1000, True) == 0
    with pytest.raises(Incomplete):
        check_media(listing, 1, b"Too many requests", True)
