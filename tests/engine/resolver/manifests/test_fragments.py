"""The pieces of real streams, put together, are the film: every frame, in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloads.engine.core.errors import BadManifest, Unavailable, UnsupportedURL
from downloads.engine.core.media import Fragment, Protocol, Stream, StreamKind
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from tests.engine.resolver.manifests.reading import one, part, resolve
from tests.support.streaming import verify
from tests.support.streaming.media import SECONDS, Media
from tests.support.streaming.origin import StreamingOrigin

HLS = {
    "hls_ts": "ts",
    "hls_mp4": "mp4",
    "hls_byte_ranges": "ts",
    "hls_mp4_byte_ranges": "mp4",
    "hls_absolute": "mp4",
    "hls_encrypted": "ts",
}
DASH = ["dash_template", "dash_timeline", "dash_list", "dash_ranges"]


@pytest.mark.parametrize(("form", "container"), HLS.items())
def test_hls(
    form: str,
    container: str,
    media: Media,
    streaming: StreamingOrigin,
    client: Client,
    parser: Parser,
    tmp_path: Path,
) -> None:
    source = resolve(streaming.url(getattr(media, form)()), client, parser)
    found = load(one(source, StreamKind.MUXED).stream, client, parser)
    assert found.container == container
    assert found.duration == pytest.approx(SECONDS, abs=0.01)
    assert {fragment.part for fragment in found.fragments} == {0}
    made = part(found, 0, client, tmp_path)
    assert_is_film(made, media.clips.video(360))


def test_the_media_sequence_number_is_the_iv_where_none_is_given(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser, tmp_path: Path
) -> None:
    url = streaming.url(media.hls_encrypted(explicit=False))
    found = load(Stream(url, protocol=Protocol.HLS), client, parser)
    assert [each.encryption.iv[-2:] for each in found.fragments if each.encryption] == [
        "07", "08", "09", "0a", "0b", "0c",
    ]  # fmt: skip
    assert_is_film(part(found, 0, client, tmp_path), media.clips.video(360))


@pytest.mark.parametrize("form", ["hls_discontinuity", "hls_map_change"])
def test_a_discontinuity_begins_a_part_that_stands_alone(
    form: str,
    media: Media,
    streaming: StreamingOrigin,
    client: Client,
    parser: Parser,
    tmp_path: Path,
) -> None:
    source = resolve(streaming.url(getattr(media, form)()), client, parser)
    found = load(one(source, StreamKind.MUXED).stream, client, parser)
    assert {fragment.part for fragment in found.fragments} == {0, 1}
    assert_is_film(part(found, 0, client, tmp_path), media.clips.video(360))
    assert_is_film(part(found, 1, client, tmp_path), media.clips.other(360))


@pytest.mark.parametrize("form", DASH)
@pytest.mark.parametrize("height", [720, 360])
def test_dash(
    form: str,
    height: int,
    media: Media,
    streaming: StreamingOrigin,
    client: Client,
    parser: Parser,
    tmp_path: Path,
) -> None:
    source = resolve(streaming.url(getattr(media, form)()), client, parser)
    clip = media.clips.video(height)
    picture = load(one(source, StreamKind.VIDEO, height).stream, client, parser)
    assert picture.container == "mp4"
    assert picture.fragments[0].init
    assert verify.pictures(part(picture, 0, client, tmp_path)) == verify.pictures(clip)
    sound = load(one(source, StreamKind.AUDIO).stream, client, parser)
    assert len(verify.sounds(part(sound, 0, client, tmp_path))) == pytest.approx(
        len(verify.sounds(media.clips.video(720))), abs=1
    )


def test_each_period_of_dash_is_a_part(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser, tmp_path: Path
) -> None:
    source = resolve(streaming.url(media.dash_periods()), client, parser)
    assert source.duration == 9.0
    found = load(one(source, StreamKind.VIDEO, 360).stream, client, parser)
    for number, clip in enumerate((media.clips.video(360), media.clips.other(360))):
        made = part(found, number, client, tmp_path)
        assert verify.pictures(made) == verify.pictures(clip)


def test_a_period_of_another_size_is_a_part_too(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser, tmp_path: Path
) -> None:
    source = resolve(streaming.url(media.dash_periods(matching=False)), client, parser)
    found = load(one(source, StreamKind.VIDEO, 360).stream, client, parser)
    for number, clip in enumerate((media.clips.video(360), media.clips.other(480))):
        assert verify.pictures(part(found, number, client, tmp_path)) == verify.pictures(clip)


def test_periods_that_do_not_fit_are_refused(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    mpd = media.path(media.dash_periods()).read_text()
    first, second = mpd.split("</Period>", 1)
    streaming.serve("/apart.mpd", f"{first}</Period>{second.replace('avc1', 'hev1')}".encode())
    with pytest.raises(UnsupportedURL) as caught:
        resolve(streaming.url("/apart.mpd"), client, parser)
    assert "do not fit" in caught.value.message


def test_the_key_outlives_the_signature_and_knows_the_pieces(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    url = streaming.url(media.hls_mp4())
    keys = []
    for signature in ("one", "two"):
        streaming.signature = signature
        found = load(Stream(url, protocol=Protocol.HLS), client, parser)
        assert all(fragment.url.endswith(f"?sig={signature}") for fragment in found.fragments)
        keys.append(found.key)
    assert keys[0] == keys[1]
    shorter = media.path(media.hls_mp4()).read_text().replace("#EXTINF:1.000000,\nindex5.m4s\n", "")
    streaming.serve(media.hls_mp4(), shorter.encode())
    assert load(Stream(url, protocol=Protocol.HLS), client, parser).key != keys[0]


def test_the_streams_own_headers_are_sent(
    media: Media, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    streaming.required = {"Referer": "https://example.com/"}
    headers = (("Referer", "https://example.com/"),)
    url = streaming.url(media.hls_ts())
    found = load(Stream(url, headers, protocol=Protocol.HLS), client, parser)
    assert found.headers == headers


def test_a_password_goes_to_no_other_host(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    secret = ("Authorization", "Basic YTpi")
    for uri, headers in (("a.ts", (secret,)), ("https://example.com/a.ts", ())):
        text = f"#EXTM3U\n#EXTINF:1,\n{uri}\n#EXT-X-ENDLIST\n"
        streaming.serve("/list.m3u8", text.encode())
        stream = Stream(streaming.url("/list.m3u8"), (secret,), protocol=Protocol.HLS)
        assert load(stream, client, parser).headers == headers


def test_fragments_that_were_given(client: Client, parser: Parser) -> None:
    given = (Fragment("https://example.com/1.webm?s=1"), Fragment("https://example.com/2.webm"))
    stream = Stream("https://example.com/", protocol=Protocol.FRAGMENTS, fragments=given)
    found = load(stream, client, parser)
    assert (found.fragments, found.container) == (given, "webm")


def test_a_list_that_is_gone(
    streaming: StreamingOrigin, client: Client, parser: Parser, media: Media
) -> None:
    with pytest.raises(Unavailable):
        load(Stream(streaming.url("/gone.m3u8"), protocol=Protocol.HLS), client, parser)
    url = streaming.url(media.dash_template())
    with pytest.raises(BadManifest):
        load(Stream(url, protocol=Protocol.DASH, representation="none"), client, parser)


def assert_is_film(made: Path, clip: Path) -> None:
    assert not verify.complaints(made)
    assert verify.pictures(made) == verify.pictures(clip)
    assert len(verify.sounds(made)) == pytest.approx(len(verify.sounds(clip)), abs=1)
