"""The formats of an MPD and their URLs: sets, properties, mirrors, periods, links.

Sources: shaka-project/shaka-player#538 #186 #938 #940, xbmc/inputstream.adaptive#326,
Dash-Industry-Forum/dash.js#2500 #2958 #571, yt-dlp/yt-dlp#12426, ISO/IEC 23009-1, 5.3, 5.5, 5.6.
"""

from __future__ import annotations

import struct

import pytest

from downloads.engine.core.errors import BadManifest, BlockedAddress, DownloadError
from downloads.engine.core.media import Protocol, Quality, Stream, StreamKind
from downloads.engine.core.options import Options
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.answers import Presentation
from downloads.engine.resolver.manifests.parsing import Parser
from downloads.engine.resolver.quality import select
from tests.engine.resolver.manifests.reading import one, resolve
from tests.engine.resolver.manifests.test_dash import URL, VIDEO, mpd, period, pieces
from tests.support.streaming.origin import StreamingOrigin

SOUND = 'mimeType="audio/mp4" codecs="mp4a.40.2" bandwidth="64000"'
FILE = "<BaseURL>v.mp4</BaseURL>"
COUNTED = '<SegmentTemplate media="$Number$" initialization="i" duration="5"/>'
TRICK = "http://dashif.org/guidelines/trickmode"


def representation(id: str, attributes: str = VIDEO, inside: str = FILE) -> str:
    return f'<Representation id="{id}" {attributes}>{inside}</Representation>'


def adaptation(inside: str, attributes: str = "") -> str:
    return f"<AdaptationSet {attributes}>{inside}</AdaptationSet>"


def ids(found: Presentation) -> list[str]:
    return [each.id for each in found.representations]


def read(parser: Parser, *sets: str) -> Presentation:
    return parser.presentation(mpd(f"<Period>{''.join(sets)}</Period>"), URL)


# --- where it is ---------------------------------------------------------------------------


def test_mirrors_on_every_level(parser: Parser) -> None:
    text = mpd(
        "<BaseURL>a/</BaseURL><BaseURL>https://b.example/</BaseURL><Period><BaseURL>p/</BaseURL>"
        + adaptation(
            "<BaseURL>s1/</BaseURL><BaseURL>/s2/</BaseURL>"
            + representation("v", inside="<BaseURL>v.mp4?a=1&amp;b=2</BaseURL>")
        )
        + "</Period>"
    )
    (found,) = parser.presentation(text, URL).representations
    assert found.bases == [
        [
            "https://example.com/d/a/p/s1/v.mp4?a=1&b=2", "https://example.com/s2/v.mp4?a=1&b=2",
            "https://b.example/p/s1/v.mp4?a=1&b=2", "https://b.example/s2/v.mp4?a=1&b=2",
        ]
    ]  # fmt: skip


def test_an_absolute_base_is_one_however_many_stand_above(parser: Parser) -> None:
    inside = "<BaseURL>https://c.example/v.mp4</BaseURL><BaseURL> </BaseURL><BaseURL/>"
    text = mpd("<BaseURL>a/</BaseURL><BaseURL>b/</BaseURL>" + period(inside))
    (found,) = parser.presentation(text, URL).representations
    assert found.bases == [["https://c.example/v.mp4"]]


def test_priorities_of_dvb_and_other_schemes(parser: Parser) -> None:
    text = mpd(
        '<BaseURL dvb:priority="2" dvb:weight="1">late/</BaseURL><BaseURL>usual/</BaseURL>'
        '<BaseURL dvb:priority="1" serviceLocation="x">first/</BaseURL>'
        "<BaseURL>ftp://e.org/</BaseURL>" + period(COUNTED)
    )
    (found,) = parser.presentation(text, URL).representations
    assert [base.rsplit("/", 2)[1] for base in found.bases[0]] == ["usual", "first", "late"]


def test_there_is_an_end_to_mirrors(parser: Parser) -> None:
    many = "".join(f"<BaseURL>{place}/</BaseURL>" for place in range(30))
    (found,) = parser.presentation(mpd(many + period(COUNTED)), URL).representations
    assert len(found.bases[0]) == 8


def test_fragments_know_their_other_urls(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    bases = "<BaseURL>a/</BaseURL><BaseURL>b/</BaseURL>"
    keys = set()
    for text in (bases, "<BaseURL>b/</BaseURL><BaseURL>a/</BaseURL>"):
        streaming.serve("/d/x.mpd", mpd(text + period(COUNTED)).encode())
        source = resolve(streaming.url("/d/x.mpd"), client, parser)
        found = load(source.formats[0].stream, client, parser)
        first = found.fragments[0]
        assert {first.url, *first.alternates} == {streaming.url(f"/d/{x}/i") for x in "ab"}
        keys.add(found.key)
    assert len(keys) == 1  # mirrors in another order are the same pieces
    streaming.serve("/d/x.mpd", mpd(bases + period("<BaseURL>v.mp4</BaseURL>")).encode())
    stream = resolve(streaming.url("/d/x.mpd"), client, parser).formats[0].stream
    assert (stream.url, stream.alternates) == (
        streaming.url("/d/a/v.mp4"), (streaming.url("/d/b/v.mp4"),),
    )  # fmt: skip


QUERY = (
    '<EssentialProperty schemeIdUri="urn:mpeg:dash:urlparam:2014">'
    '<up:UrlQueryInfo queryTemplate="{}" useMPDUrlQuery="true" queryString="b=2"/>'
    "</EssentialProperty>"
)


@pytest.mark.parametrize(
    ("template", "expected"),
    [("$querypart$", "b=2&s=1"), ("t=$query:s$&amp;u=$query:x$", "t=1&u="), ("", "")],
)
def test_the_query_of_the_mpd_goes_to_its_segments(
    template: str, expected: str, parser: Parser
) -> None:
    """ISO/IEC 23009-1, annex I."""
    end = f"?{expected}" if expected else ""
    text = mpd(QUERY.format(template) + period(COUNTED.replace("$Number$", "$Number$?a=1")))
    found = [each.url for each in pieces(parser, text)]
    assert found == [f"i{end}", *(f"{n}?a=1{end.replace('?', '&')}" for n in (1, 2))]
    whole = mpd(period("<BaseURL>v.mp4?c=3</BaseURL>", within=QUERY.format(template)))
    (told,) = parser.presentation(whole, URL).representations
    assert told.url == "https://example.com/d/v.mp4?c=3" + end.replace("?", "&")


# --- what is offered -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        f'<EssentialProperty schemeIdUri="{TRICK}" value="1"/>',
        f'<SupplementalProperty schemeIdUri="{TRICK}" value="1"/>',
        '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="trick"/>',
        '<EssentialProperty schemeIdUri="urn:example:unknown" value="1"/>',
        '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="sign"/>',
        '<EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile"/>',
    ],
)
def test_what_is_not_to_be_played_is_left_out_unless_nothing_remains(
    odd: str, parser: Parser
) -> None:
    main = adaptation(representation("v"))
    assert ids(read(parser, main, adaptation(odd + representation("t")))) == ["v"]
    assert ids(read(parser, main, adaptation(representation("t", inside=FILE + odd)))) == ["v"]
    assert ids(read(parser, adaptation(odd + representation("t")))) == ["t"]


@pytest.mark.parametrize(
    "harmless",
    [
        '<SupplementalProperty schemeIdUri="urn:example:unknown" value="1"/>',
        '<SupplementalProperty schemeIdUri="urn:mpeg:dash:adaptation-set-switching:2016"/>',
        '<EssentialProperty schemeIdUri="urn:mpeg:mpegB:cicp:ColourPrimaries" value="9"/>',
        '<EssentialProperty schemeIdUri="urn:mpeg:mpegB:cicp:MatrixCoefficients" value="9"/>',
        "<UnknownElement a='1'><Deep/></UnknownElement><Viewpoint schemeIdUri='x'/>",
    ],
)
def test_properties_that_change_nothing(harmless: str, parser: Parser) -> None:
    other = adaptation(harmless + representation("w"))
    assert ids(read(parser, adaptation(representation("v")), other)) == ["v", "w"]


def test_pictures_that_stand_alone_and_may_be_played_fast(parser: Parser) -> None:
    main = representation("v", VIDEO + ' maxPlayoutRate="2"')
    fast = representation("t", VIDEO + ' maxPlayoutRate="25" codingDependency="false"')
    assert ids(read(parser, adaptation(main + fast))) == ["v"]


def test_layers_that_need_others_are_left_out(parser: Parser) -> None:
    layer = representation("e", VIDEO + ' dependencyId="v"')
    assert ids(read(parser, adaptation(representation("v") + layer))) == ["v"]


@pytest.mark.parametrize(
    ("at_set", "at_representation", "kind", "ext"),
    [
        ("", 'mimeType="video/mp4"', "video", "mp4"),
        ('mimeType="video/mp4"', "", "video", "mp4"),
        ('contentType="video"', "", "video", "mp4"),
        ('contentType="audio" mimeType="video/mp4"', 'codecs="mp4a.40.2"', "audio", "mp4"),
        ('mimeType="application/mp4"', 'codecs="avc1.640028"', "video", "mp4"),
        ('mimeType="Video/MP4; x=1"', 'codecs=" avc1.640028 , mp4a.40.2 "', "video", "mp4"),
        ('mimeType="video/webm"', 'codecs="vp9"', "video", "webm"),
        ('mimeType="video/mp2t"', "", "video", "ts"),
        ("", 'width="640" height="360"', "video", "mp4"),
        ("", 'audioSamplingRate="48000"', "audio", "mp4"),
        ('mimeType="application/mp4"', 'codecs="stpp"', "text", "mp4"),
        ('contentType="text" mimeType="application/mp4"', 'codecs="wvtt"', "text", "mp4"),
        ('mimeType="application/ttml+xml"', "", "text", "ttml"),
        ('contentType="text"', "", "text", "vtt"),
    ],
)
def test_kinds(at_set: str, at_representation: str, kind: str, ext: str, parser: Parser) -> None:
    file = "<BaseURL>x.vtt</BaseURL>"
    odd = adaptation(representation("x", at_representation, file), at_set)
    found = read(parser, odd, adaptation(representation("v")))
    (each,) = [each for each in found.representations if each.id == "x"]
    assert (each.kind, each.ext) == (kind, ext)


def test_pictures_are_no_film(parser: Parser) -> None:
    tiles = representation("t", 'mimeType="image/jpeg" width="1600" height="900"')
    found = read(parser, adaptation(representation("v")), adaptation(tiles, 'contentType="image"'))
    assert ids(found) == ["v"]


def test_sloppy_numbers_count_as_missing(parser: Parser) -> None:
    said = 'mimeType="video/mp4" width="x" height="-1" frameRate="25 fps" bandwidth="0" sar="1 : 1"'
    (found,) = read(parser, adaptation(representation("v", said))).representations
    assert (found.width, found.height, found.fps, found.bandwidth) == (None, None, None, None)


def test_twins_are_two(parser: Parser) -> None:
    description = '<Accessibility schemeIdUri="urn:tva:metadata:cs:AudioPurposeCS:2007" value="1"/>'
    one_set = adaptation(representation("a", SOUND), 'lang="en"')
    other = adaptation(
        description + representation("a", SOUND, "<BaseURL>d</BaseURL>"), 'lang="en"'
    )
    first, second, _ = read(parser, one_set, other, adaptation(representation("v"))).representations
    assert first.id != second.id
    assert (first.roles, second.roles) == ("", "description")


def test_clear_ones_stay_beside_protected_ones(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    clearkey = '<ContentProtection schemeIdUri="urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"/>'
    low = representation("low", VIDEO.replace("720", "360"))
    high = representation("high", inside=FILE + clearkey)
    text = mpd(f"<Period>{adaptation(low + high)}</Period>")
    streaming.serve("/x.mpd", text.encode())
    (found,) = resolve(streaming.url("/x.mpd"), client, parser).formats
    assert found.id == "dash-low"
    streaming.serve("/x.mpd", mpd(f"<Period>{adaptation(high)}</Period>").encode())
    with pytest.raises(DownloadError) as caught:
        resolve(streaming.url("/x.mpd"), client, parser)
    assert "protected" in caught.value.message


def test_a_picture_without_a_sound_beside_it_may_hold_one(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    streaming.serve("/x.mpd", mpd(period(FILE)).encode())
    assert one(resolve(streaming.url("/x.mpd"), client, parser), StreamKind.MUXED)


def test_the_first_language_is_the_one_to_begin_with(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    """Chosen as in shaka-player and ExoPlayer without a role: not the last by id, nor the one
    with a few bits more."""
    described = '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="description"/>'
    sets = (
        adaptation(representation("v")),
        adaptation(described + representation("w", SOUND), 'lang="it"'),
        adaptation(representation("a", SOUND) + representation("b", SOUND), 'lang="de"'),
        adaptation(representation("x", SOUND.replace("64000", "65000")), 'lang="fr"'),
    )
    streaming.serve("/d/x.mpd", mpd(f"<Period>{''.join(sets)}</Period>").encode())
    source = resolve(streaming.url("/d/x.mpd"), client, parser)
    sounds = [each for each in source.formats if each.stream.kind is StreamKind.AUDIO]
    assert [(each.language, each.preference) for each in sounds] == [
        ("it", -10), ("de", 0), ("de", 0), ("fr", -5),
    ]  # fmt: skip
    assert [each.language for each in select(source, Quality.AUTO).formats] == ["", "de"]
    french = select(source, Quality.AUTO, Options(language="fr"))
    assert [each.language for each in french.formats] == ["", "fr"]


def test_texts_of_every_form(streaming: StreamingOrigin, client: Client, parser: Parser) -> None:
    file, forced = "<BaseURL>s.x</BaseURL>", 'schemeIdUri="urn:mpeg:dash:role:2011" value'
    sets = (
        adaptation(representation("vtt", 'mimeType="text/vtt"', file), 'lang="a"'),
        adaptation(
            f'<Label>For the deaf</Label><Role {forced}="caption"/>'
            + representation("cut", 'mimeType="application/mp4" codecs="wvtt"', COUNTED),
            'lang="b"',
        ),
        adaptation(
            f'<Role {forced}="forced-subtitle"/>'
            + representation("one", 'mimeType="application/mp4" codecs="stpp"', file),
            'lang="c"',
        ),
        adaptation(representation("v")),
    )
    streaming.serve("/d/x.mpd", mpd(f"<Period>{''.join(sets)}</Period>").encode())
    source = resolve(streaming.url("/d/x.mpd"), client, parser)
    told = [(each.language, each.protocol, each.ext, each.name, each.described, each.forced)
            for each in source.subtitles]  # fmt: skip
    assert told == [
        ("a", Protocol.FILE, "vtt", "", False, False),
        ("b", Protocol.DASH, "mp4", "For the deaf", True, False),
        ("c", Protocol.FILE, "mp4", "", False, True),
    ]
    words = source.subtitles[1]
    stream = Stream(words.url, protocol=words.protocol, representation=words.representation)
    found = load(stream, client, parser)
    assert [each.url.rpartition("/")[2] for each in found.fragments] == ["i", "1", "2"]


# --- the document --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff \n" + text.lstrip(),
        lambda text: text.replace("<MPD", "<!-- <MPD> -->\n<?xml-stylesheet href='a'?><MPD"),
        lambda text: "<!-- before the declaration -->" + text,
        lambda text: text.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="x"?>'),
        lambda text: text.replace(' xmlns="urn:mpeg:dash:schema:mpd:2011"', ""),
        lambda text: text.replace("<MPD", "<MPD xsi:schemaLocation='a b' undeclared:x='1'"),
        lambda text: text.replace("</", "</d:").replace("<", "<d:").replace("<d:/d", "</d")
        .replace("<d:?", "<?").replace("xmlns=", "xmlns:d="),
    ],
)  # fmt: skip
def test_the_same_by_any_other_spelling(change: object, parser: Parser) -> None:
    assert callable(change)
    found = parser.presentation(change(mpd(period(FILE))), URL)
    assert ids(found) == ["v"]


# --- periods -------------------------------------------------------------------------------


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


# --- what stands elsewhere -----------------------------------------------------------------

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


# --- live ----------------------------------------------------------------------------------


ENDED = 'mediaPresentationDuration="PT9S" minimumUpdatePeriod="PT2S"'


@pytest.mark.parametrize(
    ("attributes", "is_live"),
    [
        ('availabilityStartTime="2020-01-01T00:00:00Z"', True),
        ('mediaPresentationDuration="PT9S" availabilityStartTime="2020-01-01T00:00:00Z"', False),
        ('mediaPresentationDuration="PT9S" availabilityStartTime="2999-01-01T00:00:00"', True),
        ('mediaPresentationDuration="PT9S" availabilityStartTime="x"', False),
        (f'{ENDED} availabilityEndTime="2020-01-01T00:00:00Z"', False),
        (f'{ENDED} availabilityEndTime="2999-01-01T00:00:00Z"', True),
        ('mediaPresentationDuration="PT9S" minimumUpdatePeriod="PT0S"', True),
    ],
)  # fmt: skip
def test_dynamic(attributes: str, is_live: bool, parser: Parser) -> None:
    text = mpd(period(COUNTED), f'type="dynamic" {attributes}')
    assert parser.presentation(text, URL).live is is_live
