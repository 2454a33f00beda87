"""The segments of an MPD: templates, timelines, lists (ISO/IEC 23009-1, 5.3.9).

Sources: shaka-project/shaka-player (lib/dash), Dash-Industry-Forum/dash.js#1455 #950 #462,
gpac/gpac#360 #2283, videojs/mpd-parser#164, xbmc/inputstream.adaptive#326.
"""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import BadManifest
from downloads.engine.resolver.manifests.answers import RawPiece
from downloads.engine.resolver.manifests.parsing import Parser
from tests.engine.resolver.manifests.mpd import URL, VIDEO, mpd, numbers, period, pieces


def template(attributes: str, lines: str = "", media: str = "$Number$") -> str:
    timeline = f"<SegmentTimeline>{lines}</SegmentTimeline>" if lines else ""
    return period(f'<SegmentTemplate media="{media}" {attributes}>{timeline}</SegmentTemplate>')


def names(parser: Parser, text: str, attributes: str = 'mediaPresentationDuration="PT10S"') -> str:
    return " ".join(numbers(pieces(parser, mpd(text, attributes))))


def optional(found: list[RawPiece]) -> list[int]:
    return [place for place, piece in enumerate(found) if piece.optional]


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("$Number$", "10"),
        ("$Number%05d$", "00010"),
        ("$Number%d$", "10"),
        ("$Number%03i$-$Number%02u$", "010-10"),
        ("$Number%04x$", "000a"),
        ("$Number%02X$", "0A"),
        ("$Number%03o$", "012"),
        ("$Time$", "0"),
        ("$Time%06d$", "000000"),
        ("$RepresentationID$_$Bandwidth$", "v_8000"),
        ("$RepresentationID%05d$", "v"),
        ("$Bandwidth%06d$", "008000"),
        ("$$$Number$$$", "$10$"),
        ("a$$b$Number$", "a$b10"),
        ("$SubNumber$", "$SubNumber$"),
        ("$Other$-$Number$", "$Other$-10"),
        ("$Number$.m4s?a=$Time$&amp;b=1", "10.m4s?a=0&b=1"),
    ],
)
def test_identifiers(media: str, expected: str, parser: Parser) -> None:
    assert names(parser, template('duration="10" startNumber="10"', media=media)) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('duration="5"', "1 2"),
        ('duration="5" startNumber="0"', "0 1"),
        ('duration="5" startNumber="x"', "1 2"),
        ('duration=" 5 "', "1 2"),
        ('duration="5.0"', "1 2"),
        ('duration="2.5"', "1 2 3 4"),
        ('duration="5" timescale="0"', "1 2"),
        ('duration="5" timescale="a"', "1 2"),
        ('duration="5000" timescale="1000"', "1 2"),
        ('duration="2" endNumber="3"', "1 2 3"),
        ('duration="2" startNumber="5" endNumber="6"', "5 6"),
        ('duration="2" startNumber="5" endNumber="4"', "5 6 7 8 9"),
        ('startNumber="3" endNumber="5"', "3 4 5"),
        ('duration="20"', "1"),
        ('duration="5" presentationTimeOffset="100"', "1 2"),
    ],
)
def test_counted(attributes: str, expected: str, parser: Parser) -> None:
    assert names(parser, template(attributes)) == expected


def test_a_template_of_one_file(parser: Parser) -> None:
    text = template('initialization="$RepresentationID$.init"', media="$RepresentationID$.mp4")
    assert names(parser, text) == "v.init v.mp4"


def test_time_by_duration(parser: Parser) -> None:
    assert names(parser, template('duration="4"', media="$Time$")) == "0 4 8"


@pytest.mark.parametrize(
    ("attributes", "lines", "expected"),
    [
        ("", '<S d="4" r="1"/><S d="2"/>', "0 4 8"),
        ("", '<S t="0" d="4"/><S t="4" d="6"/>', "0 4"),
        ("", '<S d="4" r="-1"/>', "0 4 8"),
        ("", '<S d="2" r="-1"/><S t="6" d="4"/>', "0 2 4 6"),
        ("", '<S d="2" r="-1"/><S t="5" d="5"/>', "0 2 4 5"),
        ("", '<S d="4"/><S t="6" d="4"/>', "0 6"),  # a gap of the source
        ("", '<S d="6"/><S t="5" d="5"/>', "0 5"),  # an overlap of the source
        ("", '<S t="0" d="0"/><S t="4" d="6"/>', "0 4"),
        ("", '<S t="0" d="4"/><S t="4"/>', "0 4"),
        ("", '<S t="x" d="5" r="1"/>', "0 5"),
        ("", '<S d="5" r="x"/><S d="5"/>', "0 5"),
        ("", '<S d="4" r="1"/><S d="2"/><S d="4" r="7"/>', "0 4 8 10"),
        ("", '<S d="2" r="1000000"/>', "0 2 4 6 8 10"),
        ('presentationTimeOffset="100"', '<S t="100" d="5" r="1"/>', "100 105"),
        ('presentationTimeOffset="100"', '<S t="80" d="5" r="9"/>', "100 105 110"),
        ('presentationTimeOffset="7"', '<S d="5" r="4"/>', "5 10 15"),
        # Its offset is missing, or is another clock's: all of it is the film.
        ("", '<S t="1000" d="5" r="1"/>', "1000 1005"),
        ("", '<S t="9" d="4" r="1"/><S d="2"/>', "9 13 17"),
        ("", '<S t="1000" d="5" r="-1"/>', "1000 1005"),
        ('presentationTimeOffset="500"', '<S d="5" r="1"/>', "0 5"),
    ],
)
def test_timelines(attributes: str, lines: str, expected: str, parser: Parser) -> None:
    assert names(parser, template(attributes, lines, media="$Time$")) == expected


@pytest.mark.parametrize(
    ("attributes", "lines", "expected"),
    [
        ('startNumber="7"', '<S d="5" r="1"/>', "7 8"),
        ('startNumber="7"', '<S d="5" n="20"/><S d="5"/>', "20 21"),
        ('startNumber="7"', '<S d="5"/><S d="5" n="20"/>', "7 20"),
        ('presentationTimeOffset="10" startNumber="7"', '<S d="5" r="3"/>', "9 10"),
        ('presentationTimeOffset="10"', '<S d="5" r="3" n="4"/>', "6 7"),
        ('endNumber="1"', '<S d="5" r="1"/>', "1"),
        ('startNumber="3" endNumber="4"', '<S d="2"/><S d="2"/><S d="2" r="2"/>', "3 4"),
    ],
)
def test_numbers_of_a_timeline(attributes: str, lines: str, expected: str, parser: Parser) -> None:
    assert names(parser, template(attributes, lines)) == expected


def test_parts_of_a_segment_have_numbers_of_their_own(parser: Parser) -> None:
    media, lines = "$Number$.$SubNumber$", '<S d="5" k="2"/><S d="5"/>'
    assert names(parser, template("", lines, media)) == "1.1 1.2 2.$SubNumber$"
    assert names(parser, template("", lines)) == "1 2"
    assert names(parser, template('duration="5" k="2"', media=media)) == "1.1 1.2 2.1 2.2"


@pytest.mark.parametrize(
    ("attributes", "total", "expected"),
    [
        ('duration="50000" timescale="25000"', "10", []),
        ('duration="98684" timescale="25000"', "75", [19]),  # dash.js#1455
        ('duration="50000" timescale="25000"', "10.04", [5]),
        ('duration="50000" timescale="25000"', "10.1", []),
        ('duration="50000" timescale="25000"', "8.0001", [4]),
        ('duration="20" timescale="1"', "0.04", []),  # it is all there is
    ],
)
def test_the_end_of_a_rounded_length_may_be_missing(
    attributes: str, total: str, expected: list[int], parser: Parser
) -> None:
    text = mpd(template(attributes), f'mediaPresentationDuration="PT{total}S"')
    assert optional(pieces(parser, text)) == expected
    line = attributes.replace("duration", "d").partition(" ")
    lines = f'<S {line[0]} r="-1"/>'
    text = mpd(template(line[2], lines), f'mediaPresentationDuration="PT{total}S"')
    assert optional(pieces(parser, text)) == expected


def test_what_begins_after_the_end_may_be_missing(parser: Parser) -> None:
    found = pieces(parser, mpd(template("", '<S d="5" r="1"/><S d="1"/><S d="9"/>')))
    assert (numbers(found), optional(found)) == (["1", "2", "3"], [2])


def test_a_longer_frame_explains_a_longer_rest(parser: Parser) -> None:
    slow = VIDEO + ' frameRate="10"'
    text = period('<SegmentTemplate media="$Number$" duration="2"/>', representation=slow)
    assert optional(pieces(parser, mpd(text, 'mediaPresentationDuration="PT8.1S"'))) == [4]


def test_inheritance(parser: Parser) -> None:
    """Attribute by attribute, the nearest first, of one kind."""
    text = (
        '<Period><SegmentTemplate timescale="10" duration="20" initialization="p.init"/>'
        '<AdaptationSet><SegmentTemplate media="$Number$.set" startNumber="5"/>'
        f'<Representation id="v" {VIDEO}><SegmentTemplate duration="50"/></Representation>'
        "</AdaptationSet></Period>"
    )
    assert names(parser, text) == "p.init 5.set 6.set"
    whole = text.replace('<SegmentTemplate duration="50"/>', "<BaseURL>a</BaseURL><SegmentBase/>")
    (found,) = parser.presentation(mpd(whole), URL).representations
    assert found.url == "https://example.com/d/a"


def test_a_list_inherits_and_has_its_header(parser: Parser) -> None:
    text = (
        '<Period><AdaptationSet><SegmentList timescale="1000" duration="5000">'
        '<Initialization sourceURL="i.mp4" range="0-99"/></SegmentList>'
        f'<Representation id="v" {VIDEO}><BaseURL>x/v.mp4?a=1</BaseURL><SegmentList>'
        '<SegmentURL media="1.m4s"/><SegmentURL mediaRange="100-199" indexRange="0-5"/>'
        "</SegmentList></Representation></AdaptationSet></Period>"
    )
    found = pieces(parser, mpd(text))
    assert [(each.url, each.range, each.init) for each in found] == [
        ("i.mp4", [0, 100], True), ("1.m4s", None, False), ("", [100, 200], False),
    ]  # fmt: skip
    assert [each.seconds for each in found] == [0, 5, 5]


def test_a_list_with_a_timeline_keeps_all_its_segments(parser: Parser) -> None:
    urls = "".join(f'<SegmentURL media="{place}"/>' for place in range(4))
    text = period(
        f'<SegmentList><SegmentTimeline><S d="3" r="1"/></SegmentTimeline>{urls}</SegmentList>'
    )
    assert names(parser, text) == "0 1 2 3"


def test_a_header_in_another_file(parser: Parser) -> None:
    base = '<BaseURL>v.mp4</BaseURL><SegmentBase><Initialization sourceURL="{}"/></SegmentBase>'
    assert names(parser, period(base.format("i.mp4"))) == "i.mp4 "
    (found,) = parser.presentation(mpd(period(base.format("v.mp4"))), URL).representations
    assert found.url == "https://example.com/d/v.mp4"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("PT10S", 10), ("PT0H0M10.000S", 10), ("P0Y0M0DT0H0M10S", 10), ("PT10.S", 10),
        ("PT.5S", 0.5), ("PT1,5S", 1.5), ("P1DT1S", 86401), ("PT1H1M", 3660), (" PT5S ", 5),
    ],
)  # fmt: skip
def test_durations(said: str, seconds: float, parser: Parser) -> None:
    text = mpd(period("<BaseURL>v.mp4</BaseURL>"), f'mediaPresentationDuration="{said}"')
    assert parser.presentation(text, URL).duration == seconds


def test_a_length_beyond_reason_is_none(parser: Parser) -> None:
    text = mpd(template("", '<S d="9" r="1"/>'), 'mediaPresentationDuration="PT999999999S"')
    assert parser.presentation(text, URL).duration is None


@pytest.mark.parametrize("said", ["P", "PT", "10", "-PT10S", "PTxS", "PT0S", ""])
def test_a_length_that_is_none_is_told_by_what_has_one(said: str, parser: Parser) -> None:
    sound = (
        '<AdaptationSet mimeType="audio/mp4"><Representation id="a"><SegmentTemplate '
        'media="$Time$"><SegmentTimeline><S d="4" r="2"/></SegmentTimeline></SegmentTemplate>'
        "</Representation></AdaptationSet></Period>"
    )
    text = template('duration="5"').replace("</Period>", sound)
    assert names(parser, text, f'mediaPresentationDuration="{said}"') == "1 2 3"
    with pytest.raises(BadManifest):
        names(parser, template('duration="5"'), f'mediaPresentationDuration="{said}"')


def test_gaps_of_the_source_are_told(parser: Parser) -> None:
    lines = '<S t="100" d="2"/><S t="105" d="2"/><S t="107" d="1"/><S t="109" d="1"/>'
    text = template('presentationTimeOffset="100"', lines)
    (found,) = parser.presentation(mpd(text), URL, "v").representations
    assert found.gaps == [(2.0, 3.0), (8.0, 1.0)]
