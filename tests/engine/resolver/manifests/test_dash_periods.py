"""The periods of an MPD, also those that stand elsewhere (ISO/IEC 23009-1, 5.3, 5.5)."""

from __future__ import annotations

import struct

import pytest

from downloads.engine.core.errors import BadManifest, BlockedAddress
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from tests.engine.resolver.manifests.mpd import (
    COUNTED,
    FILE,
    SOUND,
    URL,
    VIDEO,
    adaptation,
    ids,
    mpd,
    period,
    pieces,
    representation,
)
from tests.engine.resolver.manifests.reading import resolve
from tests.support.streaming.origin import StreamingOrigin


@pytest.mark.parametrize(
    "none",
    [
        '<Period xlink:href="urn:mpeg:dash:resolve-to-zero:2013" xlink:actuate="onLoad"/>',
        '<Period duration="PT0S"/>',
        '<Period duration="PT0S"><EventStream schemeIdUri="urn:x"/></Period>',
        period(COUNTED, 'duration="PT0S"'),
        '<Period duration="PT0S"><AdaptationSet mimeType="video/mp4"/></Period>',
    ],
)
def test_periods_that_are_none(none: str, parser: Parser) -> None:
    film = period(COUNTED.replace('"$Number$"', '"$Number$.m4s"'), 'duration="PT10S"')
    for text in (none + film, film + none):
        found = pieces(parser, mpd(text, ""))
        assert [each.url for each in found] == ["i", "1.m4s", "2.m4s"]


@pytest.mark.parametrize(
    ("first", "second", "total", "expected"),
    [
        ('start="PT0S"', 'start="PT5S"', "10", [1, 1]),
        ('start="PT0S" duration="PT10S"', 'start="PT5S"', "10", [1, 1]),  # cut by the next
        ('duration="PT10S"', "", "15", [2, 1]),
        ('duration="PT5S"', 'duration="PT10S"', "", [1, 2]),
        ('start="PT100S"', 'start="PT105S"', "110", [1, 1]),
        ('duration="PT5S"', 'start="PT20S"', "30", [1, 2]),  # nothing in between
        ('duration="PT5S"', 'duration="PT5S"', "11", [1, 1]),
    ],
)
def test_lengths_of_periods(
    first: str, second: str, total: str, expected: list[int], parser: Parser
) -> None:
    other = COUNTED.replace('"i"', '"j"')
    attributes = f'mediaPresentationDuration="PT{total}S"' if total else ""
    text = mpd(period(COUNTED, first) + period(other, second), attributes)
    found = [each.part for each in pieces(parser, text) if not each.init]
    assert [found.count(0), found.count(1)] == expected


def test_a_border_that_the_media_do_not_notice_is_none(parser: Parser) -> None:
    """One encoding on one clock, cut in two for an advertisement that did not come."""
    lines = '<SegmentTimeline><S t="{}" d="2" r="{}"/></SegmentTimeline>'
    cut = '<SegmentTemplate media="$Time$" initialization="i" {}>{}</SegmentTemplate>'
    one_half = period(cut.format("", lines.format(0, 2)), 'duration="PT5S"')
    offset = 'presentationTimeOffset="5"'
    other_half = period(cut.format(offset, lines.format(4, 2)), 'duration="PT5S"')
    found = pieces(parser, mpd(one_half + other_half, ""))
    assert [(each.url, each.part) for each in found] == [
        ("i", 0), ("0", 0), ("2", 0), ("4", 0), ("6", 0), ("8", 0),
    ]  # fmt: skip
    apart = pieces(parser, mpd(one_half + other_half.replace(offset, ""), ""))
    assert [each.part for each in apart if each.init] == [0, 1]


def test_a_segment_that_both_periods_list_comes_once(parser: Parser) -> None:
    """And the media go on behind the border, though their header has another address."""
    line = '<SegmentTimeline><S t="{}" d="2" r="{}"/></SegmentTimeline>'
    cut = '<SegmentTemplate media="$Time$" initialization="{}" {}>{}</SegmentTemplate>'
    halves = (
        period(cut.format("i", "", line.format(0, 2)), 'duration="PT5S"'),
        period(cut.format("j", 'presentationTimeOffset="5"', line.format(4, 2)), 'duration="PT5S"'),
    )
    found = pieces(parser, mpd("".join(halves), ""))
    assert [(each.url, each.part) for each in found] == [
        ("i", 0), ("0", 0), ("2", 0), ("4", 0), ("j", 1), ("6", 1), ("8", 1),
    ]  # fmt: skip
    (told,) = parser.presentation(mpd("".join(halves), ""), URL, "v").representations
    assert told.windows == [(None, None), (None, None)]
    last = period(cut.format("j", 'presentationTimeOffset="5"', line.format(4, 0)), "")
    found = pieces(parser, mpd(halves[0] + last, 'mediaPresentationDuration="PT6S"'))
    assert [each.url for each in found] == ["i", "0", "2", "4"]


def test_one_file_for_two_periods_that_go_on(parser: Parser) -> None:
    base = '<BaseURL>v.mp4</BaseURL><SegmentBase presentationTimeOffset="{}"/>'
    first = period(base.format(0), 'duration="PT5S"')
    text = mpd(first + period(base.format(5), 'duration="PT5S"'), "")
    (found,) = parser.presentation(text, URL).representations
    assert found.url == "https://example.com/d/v.mp4"
    other = period("<BaseURL>ad.mp4</BaseURL>", 'duration="PT3S"')
    around = mpd(first + other + period(base.format(5), 'duration="PT5S"'), "")
    assert parser.presentation(around, URL).split  # twice the whole file is no film


def test_one_file_around_an_advertisement_is_cut_by_its_index(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    sizes = [(4, 50), (2, 60), (4, 70)]  # of segments: seconds and bytes
    index = struct.pack(">IIQQHH", 1, 10, 1000, 0, 0, len(sizes))
    index += b"".join(struct.pack(">III", size, 10 * seconds, 1 << 31) for seconds, size in sizes)
    index = struct.pack(">I4sI", 12 + len(index), b"sidx", 1 << 24) + index
    streaming.serve("/d/v.mp4", bytes(100) + index + bytes(180))
    base = (
        f'<BaseURL>v.mp4</BaseURL><SegmentBase indexRange="100-{99 + len(index)}" timescale="10" '
        'presentationTimeOffset="{}"/>'
    )
    ad = period("<BaseURL>ad.mp4</BaseURL>", 'duration="PT3S"')
    halves = [period(base.format(offset), 'duration="PT5S"') for offset in (1000, 1050)]
    streaming.serve("/d/x.mpd", mpd(ad.join(halves), "").encode())
    source = resolve(streaming.url("/d/x.mpd"), client, parser)
    found = load(source.formats[0].stream, client, parser)
    first = 100 + len(index)
    assert [(each.range, each.part, each.init, each.offset) for each in found.fragments] == [
        ((0, 100), 0, True, -100), ((first, first + 50), 0, False, -100),
        ((first + 50, first + 110), 0, False, -100),  # the border is in it
        (None, 1, False, 5),
        ((0, 100), 2, True, 8 - 105), ((first + 50, first + 110), 2, False, 8 - 105),
        ((first + 110, first + 180), 2, False, 8 - 105),
    ]  # fmt: skip
    shown = {each.part: each.window for each in found.fragments}
    assert shown == {0: (None, 5.0), 1: (5.0, 8.0), 2: (8.0, None)}
    streaming.serve("/d/v.mp4", bytes(300))
    with pytest.raises(BadManifest):
        load(source.formats[0].stream, client, parser)


def test_the_longest_period_tells_what_is_on_offer(parser: Parser) -> None:
    low = representation("l", VIDEO.replace("720", "360"), COUNTED)
    high = representation("h", inside=COUNTED)
    ad = f'<Period duration="PT3S">{adaptation(low)}</Period>'
    film = f'<Period duration="PT30S">{adaptation(low + high)}</Period>'
    found = parser.presentation(mpd(ad + film, ""), URL)
    assert (ids(found), found.split, found.duration) == (["l", "h"], False, 33)


def test_a_period_may_lack_sound_but_not_the_picture(parser: Parser) -> None:
    sound = adaptation(representation("a", SOUND, COUNTED))
    picture = adaptation(representation("v", inside=COUNTED))
    film = f'<Period duration="PT10S">{picture + sound}</Period>'
    mute = f'<Period duration="PT5S">{picture}</Period>'
    found = parser.presentation(mpd(mute + film + mute, ""), URL, "a")
    assert not found.split
    (told,) = [each for each in found.representations if each.id == "a"]
    assert [each.part for each in told.pieces] == [1, 1, 1]
    assert (told.gaps, told.offsets[1]) == ([(0, 5), (15, 5)], 5)
    blind = f'<Period duration="PT5S">{sound}</Period>'
    assert parser.presentation(mpd(blind + film, ""), URL).split


def test_offsets_are_of_the_period_and_the_representation(parser: Parser) -> None:
    cut = COUNTED.replace("/>", ' timescale="2" presentationTimeOffset="{}"/>')
    text = mpd(
        period(cut.format(7).replace('"i"', '"j"'), 'duration="PT5S"')
        + period(cut.format(1000), 'duration="PT5S"'),
        "",
    )
    (found,) = parser.presentation(text, URL).representations
    assert found.offsets == [-3.5, 5 - 500]


ELSEWHERE = '<Period xlink:href="{}" xlink:actuate="onLoad" id="x">{}</Period>'


def test_a_period_that_stands_elsewhere(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    own = period(COUNTED, 'duration="PT5S"')
    streaming.serve("/d/x.mpd", mpd(own + ELSEWHERE.format("p.xml", ""), "").encode())
    two = period(COUNTED.replace('"i"', '"j"'), 'duration="PT5S"')
    three = period(COUNTED.replace('"i"', '"k"'), 'duration="PT5S"')
    streaming.serve("/d/p.xml", f'<?xml version="1.0"?>{two}<!-- and -->{three}'.encode())
    source = resolve(streaming.url("/d/x.mpd"), client, parser)
    assert source.duration == 15
    found = load(source.formats[0].stream, client, parser)
    assert [each.url.rpartition("/")[2] for each in found.fragments if each.init] == ["i", "j", "k"]


def test_a_link_that_leads_nowhere_leaves_what_stands_there(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    inside = adaptation(representation("v"))
    streaming.serve("/d/x.mpd", mpd(ELSEWHERE.format("gone.xml", inside)).encode())
    assert len(resolve(streaming.url("/d/x.mpd"), client, parser).formats) == 1


def test_an_empty_period_whose_link_leads_nowhere_is_passed_over(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    """Passed over as in Shaka Player and dash.js; it is told."""
    streaming.serve("/d/x.mpd", mpd(ELSEWHERE.format("gone.xml", "") + period(FILE)).encode())
    source = resolve(streaming.url("/d/x.mpd"), client, parser)
    (note,) = source.notes
    assert "could not be had" in note
    streaming.serve("/d/x.mpd", mpd(ELSEWHERE.format("gone.xml", "")).encode())
    with pytest.raises(BadManifest):
        resolve(streaming.url("/d/x.mpd"), client, parser)


def test_links_have_an_end_and_do_not_lead_inside(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    streaming.serve("/d/x.mpd", mpd(ELSEWHERE.format("p.xml", "")).encode())
    streaming.serve("/d/p.xml", ELSEWHERE.format("p.xml", "").encode())
    with pytest.raises(BadManifest):
        resolve(streaming.url("/d/x.mpd"), client, parser)
    many = "".join(ELSEWHERE.format(f"{place}.xml", "") for place in range(21))
    streaming.serve("/d/x.mpd", mpd(many).encode())
    with pytest.raises(BadManifest):
        resolve(streaming.url("/d/x.mpd"), client, parser)
    streaming.serve("/d/x.mpd", mpd(ELSEWHERE.format("http://127.0.0.1:1/p", "")).encode())
    with pytest.raises(BlockedAddress):
        resolve(streaming.url("/d/x.mpd"), client, parser)
