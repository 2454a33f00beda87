"""The formats of an HLS link."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import (
    BadManifest,
    DownloadError,
    Incomplete,
    Protected,
    RateLimited,
    TooLarge,
    Unavailable,
    UnsupportedURL,
)
from downloads.engine.core.media import (
    Protocol,
    Quality,
    Selection,
    Source,
    Stream,
    StreamKind,
)
from downloads.engine.core.options import Options
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from downloads.engine.resolver.quality import select
from tests.engine.resolver.manifests.reading import one, resolve
from tests.support.streaming.media import RUNGS, Media
from tests.support.streaming.origin import StreamingOrigin

LIST = "#EXTM3U\n#EXTINF:4.5,\n1.ts\n#EXTINF:4.5,\n2.ts\n#EXT-X-ENDLIST\n"


class Served:
    """Playlists by text, at ``/film/<name>``."""

    def __init__(self, origin: StreamingOrigin, client: Client, parser: Parser) -> None:
        self._origin, self._client, self._parser = origin, client, parser
        self.put("list.m3u8", LIST)

    def put(self, name: str, text: str) -> str:
        self._origin.serve(f"/film/{name}", text.encode())
        return self._origin.url(f"/film/{name}")

    def resolve(self, text: str, name: str = "master.m3u8"):  # type: ignore[no-untyped-def]
        return resolve(self.put(name, text), self._client, self._parser)


@pytest.fixture
def served(streaming: StreamingOrigin, client: Client, parser: Parser) -> Served:
    return Served(streaming, client, parser)


def master(*lines: str) -> str:
    return "\n".join(("#EXTM3U", *lines)) + "\n"


def test_a_master_is_a_ladder(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    url = streaming.url(media.hls_master())
    source = resolve(url, client, parser)
    assert source.identity == f"hls:{url}"
    assert source.duration == 6.0
    assert [offer.height for offer in source.formats] == list(RUNGS)
    assert [offer.quality for offer in source.formats] == [f"{height}p" for height in RUNGS]
    first = source.formats[0]
    assert (first.stream.kind, first.stream.protocol) == (StreamKind.MUXED, Protocol.HLS)
    assert (first.width, first.fps, first.ext) == (1920, 12.0, "mp4")
    assert (first.video_codec, first.audio_codec) == ("avc1.42c028", "mp4a.40.2")
    assert first.size_is_estimate
    real = sum(each.stat().st_size for each in media.path("/hls_master/1080").glob("*.ts"))
    assert first.size == pytest.approx(real, rel=0.05)
    assert len({offer.id for offer in source.formats}) == 4
    assert len(streaming.log) == 2  # the master, and one of its lists


def test_ids_hold_over_fetches_and_signatures(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    ids = []
    for signature in ("one", "two"):
        streaming.signature = signature
        source = resolve(streaming.url(media.hls_separate()), client, parser)
        ids.append([offer.id for offer in source.formats])
    assert ids[0] == ids[1]


def test_sounds_and_subtitles_apart(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    source = resolve(streaming.url(media.hls_separate()), client, parser)
    assert one(source, StreamKind.VIDEO, 720).audio_codec is None
    sounds = [offer for offer in source.formats if offer.stream.kind is StreamKind.AUDIO]
    assert [(sound.language, sound.preference) for sound in sounds] == [("en", 10), ("fr", -10)]
    assert {sound.audio_codec for sound in sounds} == {"mp4a.40.2"}
    (words,) = source.subtitles
    assert (words.language, words.ext, words.protocol) == ("en", "vtt", Protocol.HLS)
    assert words.url == streaming.url("/hls_separate/subtitles/index.m3u8")
    chosen = select(source, Quality.P480, Options(language="fr"))
    assert [offer.height or offer.language for offer in chosen.formats] == [360, "fr"]
    assert chosen.size is not None


def test_a_media_playlist_alone_is_one_format(served: Served) -> None:
    source = served.resolve(LIST, "My_holiday.m3u8")
    (offered,) = source.formats
    assert (source.title, source.duration) == ("My holiday", 9.0)
    assert (offered.id, offered.quality, offered.ext) == ("hls", Quality.AUTO, "mp4")


def test_packed_sound_is_sound(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    (offered,) = resolve(streaming.url(media.hls_sound()), client, parser).formats
    assert (offered.stream.kind, offered.ext) == (StreamKind.AUDIO, "m4a")


def test_what_variants_say_about_themselves(served: Served) -> None:
    source = served.resolve(
        master(
            '#EXT-X-STREAM-INF:BANDWIDTH=8000,CODECS="mp4a.40.5"\nlist.m3u8?audio',
            '#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=1920x1080,CODECS="hvc1.2.4.L120,mp4a.40.2"'
            ",VIDEO-RANGE=PQ,FRAME-RATE=59.940\nlist.m3u8?pq",
            '#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=1280x720,CODECS="dvh1.05.01,ec-3"\nlist.m3u8?dv',
            "#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=640x360,VIDEO-RANGE=HLG\nlist.m3u8?hlg",
            '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100,URI="iframes.m3u8"',
        )
    )
    facts = [
        (offer.stream.kind, offer.ext, offer.dynamic_range, offer.fps) for offer in source.formats
    ]
    assert facts == [
        (StreamKind.AUDIO, "m4a", "SDR", None),
        (StreamKind.MUXED, "mp4", "HDR10", 59.94),
        (StreamKind.MUXED, "mp4", "DV", None),
        (StreamKind.MUXED, "mp4", "HLG", None),
    ]
    assert source.formats[0].estimate == 9000  # 8 kbit/s over 9 s


def test_a_sound_within_the_variants_is_no_stream(served: Served) -> None:
    source = served.resolve(
        master(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",DEFAULT=YES',
            '#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=640x360,AUDIO="a"\nlist.m3u8',
        )
    )
    (offered,) = source.formats
    assert offered.stream.kind is StreamKind.MUXED


def test_redundant_variants_stand_once(served: Served) -> None:
    inf = "#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=640x360"
    source = served.resolve(master(f"{inf}\nlist.m3u8", f"{inf}\nhttps://example.com/list.m3u8"))
    assert len(source.formats) == 1


def test_a_variant_that_is_gone_is_passed_over(served: Served) -> None:
    inf = "#EXT-X-STREAM-INF:RESOLUTION=640x360,BANDWIDTH="
    gone, there = f"{inf}1\ngone.m3u8", f"{inf}2\nlist.m3u8"
    assert served.resolve(master(gone, there)).duration == 9.0
    with pytest.raises(Unavailable):
        served.resolve(master(gone))


def test_the_playlists_own_title(served: Served) -> None:
    title = '#EXT-X-SESSION-DATA:DATA-ID="com.apple.hls.title",VALUE="A film"'
    inf = "#EXT-X-STREAM-INF:BANDWIDTH=9000\nlist.m3u8"
    assert served.resolve(master(title, inf)).title == "A film"
    assert served.resolve(master(inf)).title == "film"  # its folder


def test_a_compressed_playlist(streaming: StreamingOrigin, client: Client, parser: Parser) -> None:
    streaming.serve("/list.m3u8", LIST.encode(), encoding="gzip", ranges=False)
    assert resolve(streaming.url("/list.m3u8"), client, parser).duration == 9.0
    streaming.serve("/bomb.m3u8", b"#EXTM3U\n" + bytes(50_000_000), encoding="gzip", ranges=False)
    with pytest.raises((BadManifest, TooLarge)):
        resolve(streaming.url("/bomb.m3u8"), client, parser)
    assert len(gzip.compress(bytes(50_000_000), 1)) < 5_000_000


KEY = '#EXT-X-KEY:URI="skd://x",METHOD='
REFUSED = {
    "live": LIST.replace("#EXT-X-ENDLIST\n", ""),
    "SAMPLE-AES": LIST.replace("#EXTINF", f"{KEY}SAMPLE-AES\n#EXTINF"),
    "widevine": LIST.replace(
        "#EXTINF",
        f'{KEY}SAMPLE-AES-CTR,KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"\n#EXTINF',
    ),
    "FairPlay": LIST.replace(
        "#EXTINF", f'{KEY}AES-128,KEYFORMAT="com.apple.streamingkeydelivery"\n#EXTINF'
    ),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_downloaded_is_said_so(why: str, served: Served) -> None:
    with pytest.raises(UnsupportedURL if why == "live" else Protected) as caught:
        served.resolve(REFUSED[why])
    assert ("live stream" if why == "live" else "protected") in caught.value.message


def test_a_vod_without_its_end_tag_has_ended(served: Served) -> None:
    text = LIST.replace("#EXT-X-ENDLIST\n", "").replace("M3U\n", "M3U\n#EXT-X-PLAYLIST-TYPE:VOD\n")
    assert served.resolve(text).duration == 9.0


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n",
        '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="k",IV=zz\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n',
        master("#EXT-X-STREAM-INF:BANDWIDTH=1\nmaster.m3u8"),
        "<html>",
    ],
)
def test_what_is_broken_is_a_bad_manifest(text: str, served: Served) -> None:
    with pytest.raises(DownloadError) as caught:
        served.resolve(text)
    assert isinstance(caught.value, BadManifest), caught.value
    assert caught.value.message.endswith(".")


def test_words_of_strangers(served: Served) -> None:
    """PostgreSQL takes no NUL, and a direction character turns what stands around it."""
    source = served.resolve(
        master(
            '#EXT-X-SESSION-DATA:DATA-ID="com.apple.hls.title",VALUE="A\u202e \0film\u0007"',
            '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="En\0\u202egl\u0007ish",LANGUAGE="e\0n",'
            'URI="list.m3u8"',
            '#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="s",CODECS="avc1.\x00640028,mp4a.40.2"',
            "list.m3u8",
        )
    )
    assert source.subtitles[0].name == "English"
    assert source.subtitles[0].language == "en"
    assert source.formats[0].video_codec == "avc1.640028"
    assert source.title == "A film"


# --- what a master says sloppily -----------------------------------------------------------------

SLOPPY = {
    "average with a fraction": "BANDWIDTH=900000,AVERAGE-BANDWIDTH=812345.6,RESOLUTION=320x180",
    "a blank after the comma": "PROGRAM-ID=1, BANDWIDTH=900000, RESOLUTION=320x180",
    "a fraction in the size": "BANDWIDTH=900000,RESOLUTION=320.0x180.0",
    "a quoted size": 'BANDWIDTH=900000,RESOLUTION="320x180"',
    "a size in upper case": "BANDWIDTH=900000,RESOLUTION=320X180",
    "a quoted number": 'BANDWIDTH="900000",RESOLUTION=320x180',
    "a quoted rate": 'BANDWIDTH=900000,FRAME-RATE="25.000",RESOLUTION=320x180',
    "an empty attribute": "PROGRAM-ID=,BANDWIDTH=900000,RESOLUTION=320x180",
    "a word for a number": "BANDWIDTH=undefined,RESOLUTION=320x180",
    "no number": "BANDWIDTH=NaN,FRAME-RATE=NaN,RESOLUTION=320x180",
    "a negative one": "BANDWIDTH=-1,FRAME-RATE=-25,RESOLUTION=320x180",
    "bare codecs": "BANDWIDTH=900000,CODECS=avc1.42c00d,mp4a.40.2,RESOLUTION=320x180",
    "no bandwidth": "RESOLUTION=320x180",
    "long codecs": 'BANDWIDTH=9,RESOLUTION=320x180,CODECS="avc1.42c00d,mp4a.40.2'
    + ",mp4a.40.2" * 300
    + '"',
    "lower case": "bandwidth=900000,resolution=320x180",
    "blanks around": " BANDWIDTH = 900000 , RESOLUTION = 320x180 ",
    "an open quote": 'BANDWIDTH=900000,RESOLUTION=320x180,CODECS="avc1.42c00d',
    "a name for a size": 'BANDWIDTH=900000,NAME="180p HD"',
    "a long name": "BANDWIDTH=900000,RESOLUTION=320x180,NAME=" + "x" * 5000,
    "a huge number": "BANDWIDTH=" + "9" * 400 + ",RESOLUTION=320x180",
    "an unknown attribute": 'X-A="b,RESOLUTION=1x1",BANDWIDTH=1,RESOLUTION=320x180,=,,',
}


@pytest.mark.parametrize("form", SLOPPY)
def test_a_sloppy_attribute_counts_as_missing(form: str, served: Served) -> None:
    """globocom/m3u8#97, #72, #355, globocom/hlsclient#11, chrippa/livestreamer#488."""
    line = f"#EXT-X-STREAM-INF:{SLOPPY[form]}"
    (offered,) = served.resolve(master(line, "", "# a remark", "list.m3u8")).formats
    assert offered.height == 180
    assert offered.bitrate is None or 0 < offered.bitrate < 10**12
    if "CODECS=" in SLOPPY[form]:
        assert offered.video_codec == "avc1.42c00d"


@pytest.mark.parametrize("size", ["0x0", "axb", "320", "320x", "x180", "-320x180", "1e9x1e9"])
def test_a_size_that_is_none_is_missing(size: str, served: Served) -> None:
    line = f"#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION={size}"
    (offered,) = served.resolve(master(line, "list.m3u8")).formats
    assert (offered.height, offered.width) == (None, None)


def test_streams_of_single_pictures_and_of_text_are_left_out(served: Served) -> None:
    source = served.resolve(
        master(
            '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360,URI="iframes.m3u8"',
            '#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360,URI="images.m3u8"',
            '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=320x180,CODECS="jpeg"\nthumbs.m3u8',
            '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="wvtt"\ntext.m3u8',
            '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",NAME="x",INSTREAM-ID="CC1"',
            '#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="v",NAME="x",URI="angle.m3u8"',
            '#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=640x360,VIDEO="v"\nlist.m3u8',
        )
    )
    assert [offer.height for offer in source.formats] == [360]


def test_packed_sound_without_codecs_is_sound(served: Served) -> None:
    served.put("sound.m3u8", LIST.replace(".ts", ".aac"))
    inf = "#EXT-X-STREAM-INF:BANDWIDTH="
    source = served.resolve(master(f"{inf}1\nsound.m3u8?1", f"{inf}2\nsound.m3u8?2"))
    assert [offer.stream.kind for offer in source.formats] == [StreamKind.AUDIO] * 2
    assert {offer.ext for offer in source.formats} == {"m4a"}


# --- variables -----------------------------------------------------------------------------------


def test_a_list_imports_its_masters_variables(
    served: Served, client: Client, parser: Parser
) -> None:
    served.put(
        "v.m3u8",
        '#EXTM3U\n#EXT-X-DEFINE:IMPORT="dir"\n#EXTINF:1,\n{$dir}/a.ts\n#EXT-X-ENDLIST\n',
    )
    source = served.resolve(
        master(
            '#EXT-X-DEFINE:NAME="dir",VALUE="/m"',
            '#EXT-X-DEFINE:NAME="list",VALUE="v"',
            '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="{$list}",URI="{$list}.m3u8"',
            "#EXT-X-STREAM-INF:BANDWIDTH=1\n{$list}.m3u8",
        )
    )
    (words,) = source.subtitles
    assert words.name == "v"
    for stream in (
        source.formats[0].stream,
        Stream(words.url, protocol=Protocol.HLS, variables=words.variables),
    ):
        (found,) = load(stream, client, parser).fragments
        assert found.url.endswith("/m/a.ts")


def test_a_variable_by_the_lists_own_query(served: Served, client: Client, parser: Parser) -> None:
    """Decoded, as URLSearchParams does; an empty value is one."""
    text = '#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM="t"\n#EXTINF:1,\na.ts?t={$t}\n#EXT-X-ENDLIST\n'
    url = served.put("q.m3u8", text)
    for query, right in (("t=1", "1"), ("x=2&t=a%2Fb&t=c", "a/b"), ("t=", "")):
        source = resolve(f"{url}?{query}", client, parser)
        (found,) = load(source.formats[0].stream, client, parser).fragments
        assert found.url.endswith(f"/film/a.ts?t={right}")


# --- what is dead --------------------------------------------------------------------------------


def by_height(*heights: int) -> list[str]:
    return [
        f"#EXT-X-STREAM-INF:BANDWIDTH={height * 1000},RESOLUTION={height * 2}x{height}\n"
        f"v{height}.m3u8"
        for height in heights
    ]


def asking(quality: Quality) -> Callable[[Source], Selection]:
    return lambda source: select(source, quality)


DEAD = {
    "no name": "http://absent.invalid/v.m3u8", "refused": "http://127.0.0.1:1/v.m3u8",
    "not found": "gone.m3u8", "an error": "error.m3u8", "a page": "page.m3u8",
    "empty": "empty.m3u8", "a loop": "loop.m3u8", "pictures": "pictures.m3u8",
}  # fmt: skip


@pytest.fixture
def dead(served: Served, streaming: StreamingOrigin) -> Served:
    served.put("error.m3u8", LIST)
    streaming.fail("/film/error.m3u8", 500, times=50)
    served.put("page.m3u8", "<!doctype html><html>gone</html>")
    served.put("empty.m3u8", "#EXTM3U\n#EXT-X-ENDLIST\n")
    served.put("loop.m3u8", master("#EXT-X-STREAM-INF:BANDWIDTH=1\nloop.m3u8"))
    served.put("pictures.m3u8", LIST.replace("M3U\n", "M3U\n#EXT-X-I-FRAMES-ONLY\n"))
    return served


@pytest.mark.parametrize("way", DEAD)
def test_a_dead_variant_that_was_not_asked_for(
    way: str, dead: Served, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    """videojs/videojs-contrib-hls#264. Nothing of it is even asked for."""
    dead.put("v180.m3u8", LIST)
    first = f"#EXT-X-STREAM-INF:BANDWIDTH=5000000,RESOLUTION=1920x1080\n{DEAD[way]}"
    url = dead.put("master.m3u8", master(first, *by_height(180)))
    source = resolve(url, client, parser, asking(Quality.P360))
    assert source.duration == 9.0
    assert source.notes == ()
    assert streaming.fetches(f"/film/{DEAD[way]}") == 0


@pytest.mark.parametrize("way", DEAD)
def test_a_dead_variant_that_was_asked_for(
    way: str, dead: Served, client: Client, parser: Parser
) -> None:
    """The next one is taken, as in players, and it is told."""
    dead.put("v180.m3u8", LIST)
    first = f"#EXT-X-STREAM-INF:BANDWIDTH=5000000,RESOLUTION=1920x1080\n{DEAD[way]}"
    url = dead.put("master.m3u8", master(first, *by_height(180)))
    source = resolve(url, client, parser, asking(Quality.AUTO))
    assert [offer.height for offer in source.formats] == [180]
    (note,) = source.notes
    assert note.startswith("The picture in 1080p could not be had")
    assert "the picture in 180p was taken" in note


def test_where_all_are_dead_the_first_error_is_raised(dead: Served) -> None:
    inf = "#EXT-X-STREAM-INF:RESOLUTION=640x360,BANDWIDTH="
    with pytest.raises(Unavailable):
        dead.resolve(master(f"{inf}2\ngone.m3u8", f"{inf}1\nempty.m3u8"))


def test_a_redundant_stream_takes_over(
    dead: Served, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    """RFC 8216, 6.2.4: the same quality from elsewhere, so there is nothing to tell."""
    inf = "#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=640x360"
    lines = [f"{inf}\n{uri}" for uri in ("gone.m3u8", "error.m3u8", "list.m3u8")]
    source = dead.resolve(master(*lines))
    (offered,) = source.formats
    assert (source.duration, source.notes) == (9.0, ())
    assert len(load(offered.stream, client, parser).fragments) == 2
    assert streaming.fetches("/film/list.m3u8") == 1, "it is read once"


SOUNDS = ['#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="{0}",LANGUAGE="{0}",URI="{1}"',
          '#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=640x360,AUDIO="a"\nlist.m3u8']  # fmt: skip


def test_the_first_sound_is_the_one_to_begin_with(served: Served) -> None:
    """Chosen as in hls.js and Safari if none is the default: not the last by name."""
    first = SOUNDS[0].format("it", "list.m3u8?it")
    described = first.replace("URI", 'CHARACTERISTICS="public.accessibility.describes-video",URI')
    others = [SOUNDS[0].format(each, f"list.m3u8?{each}") for each in ("de", "fr")]
    source = served.resolve(master(described, *others, SOUNDS[1]))
    assert [o.language for o in select(source, Quality.AUTO).formats] == ["", "de"]
    french = select(source, Quality.AUTO, Options(language="fr"))
    assert [o.language for o in french.formats] == ["", "fr"]


def test_a_dead_sound_beside_another(dead: Served, client: Client, parser: Parser) -> None:
    one, other = SOUNDS[0].format("de", "gone.m3u8"), SOUNDS[0].format("en", "list.m3u8?en")
    url = dead.put("master.m3u8", master(one.replace("URI", "DEFAULT=YES,URI"), other, SOUNDS[1]))
    source = resolve(url, client, parser, asking(Quality.AUTO))
    (note,) = source.notes
    assert note.startswith("The sound in de could not be had from the source, so the sound in en")
    assert [o.language for o in source.formats if o.stream.kind is StreamKind.AUDIO] == ["en"]


def test_a_film_whose_only_sound_is_dead_is_refused(
    dead: Served, client: Client, parser: Parser
) -> None:
    """A mute film is not what plays in a browser."""
    url = dead.put("master.m3u8", master(SOUNDS[0].format("de", "gone.m3u8"), SOUNDS[1]))
    with pytest.raises(Incomplete, match="audio: HTTP 404") as raised:
        resolve(url, client, parser, asking(Quality.AUTO))
    assert raised.value.message == (
        "The film's sound is missing on the site. Try another quality, or retry later."
    )


def test_a_list_that_fails_for_a_moment_is_asked_for_again(
    dead: Served, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    dead.put("v180.m3u8", LIST)
    dead.put("v360.m3u8", LIST)
    streaming.fail("/film/v360.m3u8", 503, times=2)
    url = dead.put("master.m3u8", master(*by_height(180, 360)))
    client.stop = StopToken()
    source = resolve(url, client, parser, asking(Quality.AUTO))
    assert [offer.height for offer in source.formats] == [180, 360]
    assert source.notes == ()


def test_a_source_that_wants_to_be_asked_less_is_not_asked_for_others(
    dead: Served, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    dead.put("v180.m3u8", LIST)
    dead.put("v360.m3u8", LIST)
    streaming.fail("/film/v360.m3u8", 429, times=5)
    url = dead.put("master.m3u8", master(*by_height(180, 360)))
    with pytest.raises(RateLimited):
        resolve(url, client, parser, asking(Quality.AUTO))


def test_what_resolving_has_read_is_not_asked_for_again(
    served: Served, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    served.put("v180.m3u8", LIST)
    served.put("v360.m3u8", LIST)
    url = served.put("master.m3u8", master(*by_height(180, 360)))
    source = resolve(url, client, parser, asking(Quality.P360))
    chosen = select(source, Quality.P360)
    assert load(chosen.streams[0], client, parser).fragments
    assert [asked.path for asked in streaming.log] == ["/film/master.m3u8", "/film/v360.m3u8"]
    assert load(chosen.streams[0], client, parser).fragments
    assert len(streaming.log) == 3, "later it may be another one"


# --- masters within masters, and data: URLs ------------------------------------------------------


def test_a_master_within_a_master(served: Served, client: Client, parser: Parser) -> None:
    inf = "#EXT-X-STREAM-INF:BANDWIDTH="
    served.put("inner.m3u8", master(f"{inf}1\ngone.m3u8", f"{inf}2\nlist.m3u8"))
    source = served.resolve(master(f"{inf}9000,RESOLUTION=640x360\ninner.m3u8"))
    (offered,) = source.formats
    assert (offered.height, source.duration) == (360, 9.0)
    assert len(load(offered.stream, client, parser).fragments) == 2


def test_a_list_in_a_data_url(served: Served, client: Client, parser: Parser) -> None:
    absolute = LIST.replace("\n1.ts", "\nhttp://a.org/1.ts").replace("\n2.ts", "\nhttp://a.org/2")
    listed = base64.b64encode(absolute.encode()).decode()
    url = f"data:application/vnd.apple.mpegurl;base64,{listed}"
    source = served.resolve(master(f"#EXT-X-STREAM-INF:BANDWIDTH=9000\n{url}"))
    assert source.duration == 9.0
    found = load(source.formats[0].stream, client, parser)
    assert [each.url for each in found.fragments] == ["http://a.org/1.ts", "http://a.org/2"]
