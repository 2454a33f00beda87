"""The formats of a DASH link, and the URLs of an MPD's segments (ISO/IEC 23009-1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from downloads.engine.core.errors import BadManifest, Incomplete, Protected, UnsupportedURL
from downloads.engine.core.media import Protocol, Quality, Selection, Source, StreamKind
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_file
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.addresses import join
from downloads.engine.resolver.manifests.answers import Presentation
from downloads.engine.resolver.manifests.parsing import Parser
from downloads.engine.resolver.quality import select
from tests.engine.resolver.manifests.mpd import (
    URL,
    VIDEO,
    mpd,
    numbers,
    period,
    pieces,
)
from tests.engine.resolver.manifests.reading import one, resolve
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin


@pytest.mark.parametrize("form", ["dash_template", "dash_timeline", "dash_list", "dash_base"])
def test_the_forms(
    form: str, media: Media, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    url = streaming.url(getattr(media, form)())
    source = resolve(url, client, parser)
    assert (source.identity, source.duration) == (f"dash:{url}", 6.0)
    picture = one(source, StreamKind.VIDEO, 720)
    assert (picture.quality, picture.fps, picture.ext) == ("720p", 12.0, "mp4")
    assert picture.size_is_estimate
    assert one(source, StreamKind.AUDIO).ext == "m4a"
    protocol = Protocol.FILE if form == "dash_base" else Protocol.DASH
    assert {offer.stream.protocol for offer in source.formats} == {protocol}
    assert len(streaming.log) == 1


def test_a_base_url_is_the_file_itself(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    source = resolve(streaming.url(media.dash_base()), client, parser)
    stream = one(source, StreamKind.VIDEO, 360).stream
    assert stream.url == streaming.url("/dash_base/video360.mp4")


def test_what_it_says_about_itself(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    sound = 'mimeType="audio/webm" codecs="opus" bandwidth="64000"'
    text = mpd(
        "<Period>"
        '<AdaptationSet lang="en" contentType="audio"><Role schemeIdUri="urn:mpeg:dash:role:2011" '
        f'value="main"/><Representation id="en" {sound}><BaseURL>en.webm</BaseURL></Representation>'
        "</AdaptationSet>"
        '<AdaptationSet lang="fr" contentType="audio"><Role schemeIdUri="urn:mpeg:dash:role:2011" '
        f'value="dub"/><Representation id="fr" {sound}><BaseURL>fr.webm</BaseURL></Representation>'
        "</AdaptationSet>"
        '<AdaptationSet><EssentialProperty value="16" '
        'schemeIdUri="urn:mpeg:mpegB:cicp:TransferCharacteristics"/>'
        f'<Representation id="v" {VIDEO} frameRate="24000/1001"><BaseURL>v.mp4</BaseURL>'
        "</Representation></AdaptationSet>"
        '<AdaptationSet lang="de" mimeType="text/vtt"><Representation id="s" bandwidth="1">'
        "<BaseURL>../s.vtt</BaseURL></Representation></AdaptationSet>"
        "</Period>",
        'mediaPresentationDuration="PT1H0M10.5S"',
    ).replace("<Period>", "<ProgramInformation><Title>A  film</Title></ProgramInformation><Period>")
    streaming.serve("/d/x.mpd", text.encode())
    source = resolve(streaming.url("/d/x.mpd"), client, parser)
    assert (source.title, source.duration) == ("A film", 3610.5)
    english, french, picture = source.formats
    assert [(each.language, each.preference, each.ext) for each in (english, french)] == [
        ("en", 10, "webm"), ("fr", -10, "webm"),
    ]  # fmt: skip
    assert (picture.fps, picture.dynamic_range, picture.id) == (23.976, "HDR10", "dash-v")
    assert picture.estimate == 1000 * 3610.5
    (words,) = source.subtitles
    assert (words.language, words.url, words.ext) == ("de", streaming.url("/s.vtt"), "vtt")


NUMBERED = (
    '<SegmentTemplate media="$Number%03d$.m4s" initialization="$RepresentationID$-$Bandwidth$.mp4" '
)


def test_a_template_counts_by_its_duration(parser: Parser) -> None:
    found = pieces(parser, mpd(period(f'{NUMBERED} duration="3" startNumber="9"/>')))
    assert numbers(found) == ["v-8000.mp4", "009.m4s", "010.m4s", "011.m4s", "012.m4s"]
    assert [piece.init for piece in found] == [True, False, False, False, False]


def test_a_timeline_repeats_to_its_end(parser: Parser) -> None:
    lines = '<SegmentTimeline><S t="100" d="20" r="1"/><S d="10" r="-1"/></SegmentTimeline>'
    template = (
        f'<SegmentTemplate media="$Time$.m4s" timescale="10" presentationTimeOffset="100">{lines}'
        "</SegmentTemplate>"
    )
    found = pieces(parser, mpd(period(template)))
    assert numbers(found) == [f"{time}.m4s" for time in (100, 120, *range(140, 200, 10))]
    assert sum(piece.seconds for piece in found) == pytest.approx(10)
    until = template.replace('r="-1"/>', 'r="-1"/><S t="160" d="40"/>')
    assert numbers(pieces(parser, mpd(period(until))))[-2:] == ["150.m4s", "160.m4s"]


@pytest.mark.parametrize(
    ("mpd_base", "set_base", "own", "expected"),
    [
        ("", "", "", "https://example.com/d/"),
        ("sub/", "set/", "v/", "https://example.com/d/sub/set/v/"),
        ("sub/x.mpd", "set/y", "v/", "https://example.com/d/sub/set/v/"),
        ("https://cdn.example/a/", "", "../b/", "https://cdn.example/b/"),
        ("https://cdn.example/a/", "/root/", "", "https://cdn.example/root/"),
        ("a/", "//other.example/", "\n v/ \n", "https://other.example/v/"),
    ],
)
def test_base_urls_are_resolved(
    mpd_base: str, set_base: str, own: str, expected: str, parser: Parser
) -> None:
    text = mpd(
        period(
            f"<BaseURL>{own}</BaseURL>{NUMBERED} duration='10'/>",
            within=f"<BaseURL>{set_base}</BaseURL>",
        )
    ).replace("<Period", f"<BaseURL>{mpd_base}</BaseURL><Period", 1)
    found = parser.presentation(text, URL, "v").representations[0]
    assert join(found.bases[0][0], found.pieces[-1].url) == f"{expected}001.m4s"


def test_a_period_lasts_until_the_next_begins(parser: Parser) -> None:
    template = f'{NUMBERED} duration="2"/>'
    text = mpd(period(template, 'start="PT0S"') + period(template, 'start="PT4S"'))
    found = pieces(parser, text)
    assert [piece.part for piece in found] == [0] * 3 + [1] * 4
    assert [piece.init for piece in found].count(True) == 2


def test_a_representation_goes_on_as_its_like(parser: Parser) -> None:
    """Ids are a period's own; what counts is what it is."""
    template, lasts = f'{NUMBERED} duration="5"/>', 'duration="PT5S"'
    first = period(template, lasts)
    second = first.replace('id="v"', 'id="w"')
    assert numbers(pieces(parser, mpd(first + second)))[-1] == "001.m4s"
    lower = period(template, lasts, VIDEO.replace("720", "480")).replace("m4s", "mp4")
    assert numbers(pieces(parser, mpd(first + lower)))[-1] == "001.mp4"
    other = period(template, lasts, VIDEO.replace("avc1", "hev1"))
    assert parser.presentation(mpd(first + other), URL).split


def test_ids_that_tell_nothing_get_others(parser: Parser) -> None:
    text = mpd(period("<BaseURL>a.mp4</BaseURL>"))
    twice = text.replace("</AdaptationSet>", f'<Representation id="v" {VIDEO.replace("8000", "9")}>'
                         "<BaseURL>b.mp4</BaseURL></Representation></AdaptationSet>")  # fmt: skip
    found = parser.presentation(twice, URL).representations
    assert len({each.id for each in found}) == 2


@pytest.mark.parametrize(
    ("attributes", "is_live"),
    [
        ('type="dynamic"', True),
        ('type="dynamic" mediaPresentationDuration="PT10S" minimumUpdatePeriod="PT2S"', True),
        ('type="dynamic" mediaPresentationDuration="PT10S"', False),
        ('type="static" mediaPresentationDuration="PT10S"', False),
    ],
)
def test_live(attributes: str, is_live: bool, parser: Parser) -> None:
    text = mpd(period("<BaseURL>v.mp4</BaseURL>"), attributes)
    assert parser.presentation(text, URL).live is is_live


def test_what_cannot_be_downloaded_is_said_so(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    protection = '<ContentProtection schemeIdUri="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"/>'
    base = "<BaseURL>v.mp4</BaseURL>"
    for text, word in (
        (mpd(period(base, within=protection)), "protected"),
        (mpd(period(base + protection)), "protected"),
        (mpd(period(base), 'type="dynamic"'), "live stream"),
    ):
        streaming.serve("/x.mpd", text.encode())
        with pytest.raises(UnsupportedURL if word == "live stream" else Protected) as caught:
            resolve(streaming.url("/x.mpd"), client, parser)
        assert word in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "<MPD",
        "<MPD/>",
        mpd(""),
        mpd("<Period/>"),
        mpd("<Period><AdaptationSet/></Period>"),
        mpd(period("", representation="")),
        mpd(period('<SegmentTemplate media="$Number$.m4s" duration="0"/>')),
        mpd(period('<SegmentTemplate media="$Number$.m4s" duration="x"/>')),
        mpd(period('<SegmentTemplate media="$Number$.m4s"/>')),
        mpd(period('<SegmentTemplate media="$Number%s$.m4s" duration="1"/>')),
        mpd(period('<SegmentTemplate duration="1"/>')),
        mpd(period('<SegmentTemplate media="$Number$.m4s" duration="1"/>'), ""),
        mpd(period('<SegmentList duration="1"/>')),
        mpd(period('<SegmentList><SegmentURL mediaRange="5-"/></SegmentList>')),
        mpd(period('<SegmentTemplate media="$Time$"><SegmentTimeline/></SegmentTemplate>')),
        mpd(period("<BaseURL>http://[</BaseURL>")),
        mpd('<Period xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://e.org/"/>'
            + period("<BaseURL>v.mp4</BaseURL>")),
    ],
)  # fmt: skip
def test_what_is_broken(text: str, parser: Parser) -> None:
    with pytest.raises(BadManifest) as caught:
        _check(parser.presentation(text, URL, "v"))
    assert caught.value.message.endswith(".")


def _check(found: Presentation) -> None:
    if found.links or not any(each.url or each.pieces for each in found.representations):
        raise BadManifest("nothing in it")


def test_ranges_of_one_file_are_asked_for_as_ranges(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    source = resolve(streaming.url(media.dash_ranges()), client, parser)
    found = load(one(source, StreamKind.VIDEO, 360).stream, client, parser)
    assert len({fragment.url for fragment in found.fragments}) == 1
    assert all(fragment.range for fragment in found.fragments)


def test_words_of_strangers(streaming: StreamingOrigin, client: Client, parser: Parser) -> None:
    """A direction character turns what stands around it."""
    title = "<ProgramInformation><Title>A&#x202E; film&#x2066;</Title></ProgramInformation>"
    video = VIDEO.replace("avc1.640028", "avc1.&#x202E;640028")
    pieces = '<SegmentTemplate media="$Number$.m4s" duration="2"/>'
    text = mpd(title + period(pieces, representation=video))
    streaming.serve("/film/a.mpd", text.encode())
    source = resolve(streaming.url("/film/a.mpd"), client, parser)
    assert source.title == "A film"
    assert source.formats[0].video_codec == "avc1.640028"


# --- whole files that are dead ---------------------------------------------------------------


def _whole(kind: str, name: str, facts: str) -> str:
    return (
        f'<AdaptationSet mimeType="{kind}/mp4" {facts if kind == "audio" else ""}>'
        f'<Representation id="{name}" bandwidth="9000" {facts if kind == "video" else ""}>'
        f"<BaseURL>{name}.mp4</BaseURL><SegmentBase/></Representation></AdaptationSet>"
    )


TALL, LOW = (_whole("video", f"v{n}", f'width="{n * 2}" height="{n}"') for n in (360, 180))
GERMAN, FRENCH = (_whole("audio", name, f'lang="{name}"') for name in ("de", "fr"))


@pytest.fixture
def dead(media: Media, streaming: StreamingOrigin) -> Callable[[str, str], str]:
    """The URL of an MPD of these sets; each ``alive`` name is a file, all others are 404."""
    film = media.clips.video(360).read_bytes()

    def serve(sets: str, alive: str) -> str:
        streaming.serve("/d/x.mpd", mpd(f"<Period>{sets}</Period>").encode())
        for name in alive.split():
            streaming.serve(f"/d/{name}.mp4", film)
        return streaming.url("/d/x.mpd")

    return serve


def auto(source: Source) -> Selection:
    return select(source, Quality.AUTO)


@pytest.mark.parametrize(
    ("sets", "alive", "left", "told"),
    [
        (TALL + GERMAN + FRENCH, "v360 fr", "v360 fr", "The sound in de could not be had"),
        (TALL + LOW + GERMAN, "v180 de", "v180 de", "The picture in 360p could not be had"),
    ],
)
def test_another_is_taken_for_a_whole_file_that_is_dead(
    sets: str, alive: str, left: str, told: str, dead: Callable[[str, str], str],
    client: Client, parser: Parser,
) -> None:  # fmt: skip
    source = resolve(dead(sets, alive), client, parser, auto)
    assert [offer.id for offer in source.formats] == [f"dash-{name}" for name in left.split()]
    (note,) = source.notes
    assert note.startswith(told)


@pytest.mark.parametrize(("alive", "lost"), [("v360", "sound"), ("de", "picture")])
def test_a_film_without_its_sound_or_picture_is_incomplete(
    alive: str, lost: str, dead: Callable[[str, str], str], client: Client, parser: Parser
) -> None:
    with pytest.raises(Incomplete) as raised:
        resolve(dead(TALL + GERMAN, alive), client, parser, auto)
    assert raised.value.message.startswith(f"The film's {lost} is missing on the site.")


def test_a_whole_file_that_is_alive_is_asked_for_once(
    dead: Callable[[str, str], str], streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    source = resolve(dead(TALL + LOW + GERMAN, "v360 de"), client, parser, auto)
    assert (len(source.formats), source.notes) == (3, ())
    with open_file(client, source.formats[0].stream.url) as response:
        assert response.peek(8)
    assert [streaming.fetches(f"/d/{name}.mp4") for name in ("v360", "v180", "de")] == [1, 0, 1]
