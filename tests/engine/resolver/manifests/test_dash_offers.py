"""The formats of an MPD: sets, properties, kinds, live.

Sources: shaka-project/shaka-player#538 #186 #938 #940, xbmc/inputstream.adaptive#326,
Dash-Industry-Forum/dash.js#2500 #2958 #571, yt-dlp/yt-dlp#12426, ISO/IEC 23009-1, 5.3, 5.5, 5.6.
"""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import DownloadError
from downloads.engine.core.media import Protocol, Quality, Stream, StreamKind
from downloads.engine.core.options import Options
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from downloads.engine.resolver.quality import select
from tests.engine.resolver.manifests.mpd import (
    COUNTED,
    FILE,
    SOUND,
    TRICK,
    URL,
    VIDEO,
    adaptation,
    ids,
    mpd,
    period,
    read,
    representation,
)
from tests.engine.resolver.manifests.reading import one, resolve
from tests.support.streaming.origin import StreamingOrigin


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
