"""The formats of an HLS link."""

from __future__ import annotations

import base64
import gzip

import pytest

from downloads.engine.core.errors import (
    BadManifest,
    DownloadError,
    Protected,
    TooLarge,
    Unavailable,
    UnsupportedURL,
)
from downloads.engine.core.media import (
    Protocol,
    Quality,
    Stream,
    StreamKind,
)
from downloads.engine.core.options import Options
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from downloads.engine.resolver.quality import select
from tests.engine.resolver.manifests.reading import one, resolve
from tests.engine.resolver.manifests.served import LIST, Served, master
from tests.support.streaming.media import RUNGS, Media
from tests.support.streaming.origin import StreamingOrigin


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
