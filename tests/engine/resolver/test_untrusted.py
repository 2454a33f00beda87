"""The limits of a jailed child's answer: types, bounds, and text that can be stored."""

from __future__ import annotations

from typing import Any

import pytest

from downloads.engine.core.errors import BadManifest, BadResponse
from downloads.engine.resolver.manifests.answers import (
    Master,
    MediaPlaylist,
    read_playlist,
    read_presentation,
)
from downloads.engine.resolver.ytdlp.answer import (
    RawEntry,
    RawFormat,
    RawVideo,
    read_answer,
    read_each,
)

HALF = "\ud800"  # of a surrogate pair
DIRTY, CLEAN = "a\0\u202e\x1bb", "ab"
SEGMENT = {
    "uri": "1.ts", "seconds": 6, "byterange": "", "key": None, "map": None, "flags": 0,
}  # fmt: skip  # in the order of its row
FORMAT = {"format_id": "1", "url": "https://cdn.example.com/1", "protocol": "https"}
INFO = {"key": "Example", "id": "1", "title": "A film"}
REPRESENTATION = {
    "id": "v", "kind": "video", "ext": "mp4", "bases": [["https://e.org/"]], "offsets": [0],
}  # fmt: skip


def playlist(segment: dict[str, Any] | None = None, **changes: Any) -> MediaPlaylist:
    said = {"ended": True, "protected": False, "sequence": 0, "keys": [], "maps": []}
    row = [*(SEGMENT | (segment or {})).values()]
    found = read_playlist(said | {"segments": [row]} | changes)
    assert isinstance(found, MediaPlaylist)
    return found


def master(**variant: Any) -> Master:
    said = {"title": DIRTY, "tracks": [], "variables": []}
    found = read_playlist(said | {"variants": [{"uri": "v.m3u8"} | variant]})
    assert isinstance(found, Master)
    return found


def pieces(*said: dict[str, Any]) -> None:
    whole = {"live": False, "split": False, "duration": 1, "title": ""}
    read_presentation(whole | {"representations": [REPRESENTATION | {"pieces": list(said)}]})


def info(**changes: Any) -> RawVideo:
    found = read_answer({"info": INFO | changes})
    assert isinstance(found, RawVideo)
    return found


def formats(**changes: Any) -> list[RawFormat]:
    return read_each(RawFormat, [FORMAT | changes], 10)


def test_what_is_in_bounds() -> None:
    found = playlist(sequence=2**63 - 1, keys=[{"uri": "k", "iv": "0" * 32}, {"uri": "k"}])
    (segment,) = found.segments
    assert (segment.seconds, type(segment.seconds)) == (6.0, float)
    assert (segment.byterange, segment.key, segment.gap) == ("", None, False)
    assert [key.iv for key in found.keys] == ["0" * 32, ""]
    assert formats(durations=[1, 2.5])[0].durations == [1.0, 2.5]
    assert formats(vcodec=None)[0].vcodec is None


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": True}, {"seconds": "6"}, {"seconds": None}, {"seconds": -1},
        {"seconds": 10**400}, {"seconds": float("nan")}, {"seconds": float("inf")},
        {"seconds": -float("inf")}, {"uri": ""}, {"uri": None}, {"uri": 5}, {"uri": "x" * 9000},
        {"uri": HALF}, {"byterange": f"1{HALF}"}, {"byterange": "1" * 201}, {"byterange": None},
        {"key": True}, {"key": 1.0}, {"key": -1}, {"key": 100_000}, {"flags": 4}, {"flags": True},
        {"uri": "http:" + "x" * 9000},
        {"surprise": 1}, {HALF: 1},
    ],
)  # fmt: skip
def test_a_segment_that_is_none(changes: dict[Any, Any]) -> None:
    with pytest.raises(BadManifest):
        playlist(changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"sequence": True}, {"sequence": 1.0}, {"sequence": -1}, {"sequence": 2**63},
        {"sequence": 2**64}, {"sequence": 10**400}, {"ended": 1}, {"ended": None},
        {"keys": [{"uri": "k", "iv": "0" * 31}]}, {"keys": [{"uri": "k", "iv": "0" * 32 + "\n"}]},
        {"keys": [{"uri": "k", "iv": "\n"}]}, {"keys": {}}, {"segments": [None]},
        {"segments": [[*SEGMENT.values()]] * 100_001}, {"surprise": 1},
    ],
)  # fmt: skip
def test_a_playlist_that_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(BadManifest):
        playlist(**changes)


@pytest.mark.parametrize("answer", [None, [], "", {}, {"ended": True}, {"variants": []}])
def test_an_answer_that_is_none(answer: object) -> None:
    for read in (read_playlist, read_presentation):
        with pytest.raises(BadManifest):
            read(answer)


@pytest.mark.parametrize("span", [[], [1], [1, 2, 3], [1, -1], [1.0, 2], [1, True], [1, 2**63]])
def test_a_range_that_is_none(span: list[Any]) -> None:
    pieces({"url": "1.m4s", "range": [1, 2]})
    with pytest.raises(BadManifest):
        pieces({"url": "1.m4s", "range": [1, 2]}, {"url": "2.m4s", "range": span})


@pytest.mark.parametrize(
    "changes",
    [
        {"url": HALF}, {"ext": HALF}, {"cookie": HALF}, {"fragments": ["a", HALF]},
        {"fragment_base_url": HALF}, {"http_headers": {"a": HALF}}, {"http_headers": {HALF: "a"}},
        {"http_headers": {"a": 1}}, {"http_headers": {str(each): "" for each in range(51)}},
        {"http_headers": {"a" * 201: ""}}, {"http_headers": {"a": "x" * 16_385}},
        {"chunk_size": 0}, {"chunk_size": 2**40}, {"fps": float("nan")}, {"width": 0},
        {"language_preference": -(10**6) - 1}, {"durations": [float("inf")]}, {"ext": None},
        {HALF: 1},
    ],
)  # fmt: skip
def test_a_format_that_is_none(changes: dict[Any, Any]) -> None:
    assert len(formats()) == 1
    assert not formats(**changes)


def test_bad_items_are_left_out() -> None:
    good = {"url": "https://www.example.com/1", "title": "One"}
    said = [good, "nothing", good | {"title": HALF}, good, good]
    assert [each.title for each in read_each(RawEntry, said, 4)] == ["One", "One"]


@pytest.mark.parametrize(
    "name",
    ["key", "id", "title", "page_url", "thumbnail", "uploader", "upload_date", "description"],
)
def test_what_cannot_be_written_down_is_refused(name: str) -> None:
    with pytest.raises(BadResponse):
        info(**{name: f"a{HALF}"})


def test_warnings_that_cannot_be_written_down() -> None:
    with pytest.raises(BadResponse):
        read_answer({"failure": {"kind": "E", "message": "no", "warnings": [HALF]}})


def test_words_are_cleaned() -> None:
    found = master(codecs=DIRTY, audio=DIRTY)
    (variant,) = found.variants
    assert (found.title, variant.codecs, variant.audio) == (CLEAN, CLEAN, CLEAN)
    assert playlist({"byterange": DIRTY}).segments[0].byterange == CLEAN
    assert info(key=DIRTY, upload_date=DIRTY).key == CLEAN
    assert info(upload_date=DIRTY).upload_date == CLEAN
    (offered,) = formats(format_id=DIRTY, vcodec=DIRTY, http_headers={DIRTY: "1", "c": "2"})
    assert (offered.format_id, offered.vcodec) == (CLEAN, CLEAN)
    assert offered.http_headers == {CLEAN: "1", "c": "2"}


def test_what_is_said_once_stays() -> None:
    found = playlist()
    with pytest.raises((AttributeError, ValueError)):
        found.sequence = 1  # type: ignore[misc]
    first, second = formats()[0], formats()[0]
    first.fragments.append("b")
    assert second.fragments == []


@pytest.mark.parametrize(
    ("changes", "where"),
    [({"seconds": "secret"}, "[0][1]"), ({"uri": ""}, "[0][0]"), ({"key": 100_000}, "[0][3]")],
)
def test_the_detail_says_where_and_quotes_nothing(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(BadManifest) as caught:
        playlist(changes)
    detail = caught.value.detail
    assert detail.startswith("segments")
    assert f"{where}: " in detail
    assert "secret" not in detail


@pytest.mark.parametrize("name", ["x" * 10_000, "x\0\u202e - at `$.y`"])
def test_a_detail_is_short_and_can_be_kept(name: str) -> None:
    with pytest.raises(BadManifest) as caught:
        playlist(keys=[{"uri": "k", name: 1}])
    assert "keys" in caught.value.detail
    assert len(caught.value.detail) <= 200
    assert "\0" not in caught.value.detail


def test_a_field_that_is_missing_is_named() -> None:
    with pytest.raises(BadResponse) as caught:
        read_answer({"info": {"key": "Example", "id": "1"}})
    assert "title" in caught.value.detail
