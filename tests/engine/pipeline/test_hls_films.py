"""Whole films out of odd HLS lists, over sockets: every frame of the clip that was cut."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DownloadError, Incomplete
from downloads.engine.core.media import Quality
from downloads.engine.core.notes import Notes
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.media.config import MediaConfig, find_ffmpeg
from downloads.engine.pipeline.job import FetchJob
from downloads.engine.pipeline.standalone import fetch
from downloads.engine.resolver import registry
from downloads.engine.transfer.bandwidth import TokenBucket
from tests.engine.transfer.harness import QUICK
from tests.support.streaming import verify
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

Film = Callable[..., tuple[Path, tuple[str, ...]]]


@pytest.fixture
def film(streaming: StreamingOrigin, tmp_path: Path) -> Iterator[Film]:
    """The file that comes of a path at the origin, and what is told of it."""
    allowed = parse_allowed_networks(f"127.0.0.1/32:{streaming.port}")
    with Client(AddressPolicy(allowed_networks=allowed)) as client:

        def run(path: str, quality: Quality = Quality.AUTO) -> tuple[Path, tuple[str, ...]]:
            url, notes = streaming.url(path), Notes()
            limiter, media = TokenBucket(), lambda: MediaConfig(find_ffmpeg())
            job = FetchJob(client, StopToken(), QUICK, limiter, media, notes=notes)
            found = registry.resolve(url, quality, client)
            fetch(job, url, found, tmp_path / "film.mp4")
            return tmp_path / "film.mp4", notes.sentences

        yield run


def listed(media: Media, path: str) -> str:
    """The text of a list, its URIs from the root on."""
    folder = path.rpartition("/")[0]
    text = media.path(path).read_text()
    text = re.sub(r"(?m)^([^#\s])", rf"{folder}/\1", text)
    return text.replace('URI="', f'URI="{folder}/')


def variants(*uris: str) -> bytes:
    inf = "#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=640x360"
    return "\n".join(("#EXTM3U", *(f"{inf}\n{uri}" for uri in uris), "")).encode()


def assert_is_clip(made: Path, clip: Path) -> None:
    assert not verify.complaints(made)
    assert verify.pictures(made) == verify.pictures(clip)


def test_a_redundant_list_has_what_the_first_one_lacks(
    film: Film, media: Media, streaming: StreamingOrigin
) -> None:
    """Its segments are gone, though its list is there: RFC 8216, 6.2.4."""
    text = listed(media, media.hls_ts())
    streaming.serve("/one/v.m3u8", text.replace("/hls_ts/", "/gone/hls_ts/").encode())
    streaming.serve("/two/v.m3u8", text.encode())
    streaming.serve("/master.m3u8", variants("/one/v.m3u8", "/two/v.m3u8"))
    made, notes = film("/master.m3u8")
    assert_is_clip(made, media.clips.video(360))
    assert notes == ()


def test_segments_that_are_gone_everywhere_are_an_error(
    film: Film, media: Media, streaming: StreamingOrigin
) -> None:
    text = listed(media, media.hls_ts()).replace("/hls_ts/", "/gone/hls_ts/")
    for place in ("one", "two"):
        streaming.serve(f"/{place}/v.m3u8", text.encode())
    streaming.serve("/master.m3u8", variants("/one/v.m3u8", "/two/v.m3u8"))
    with pytest.raises(DownloadError):
        film("/master.m3u8")


def test_a_film_out_of_data_urls(film: Film, media: Media, streaming: StreamingOrigin) -> None:
    """List, map and segments: nothing but the master is asked for."""
    path = media.hls_mp4()
    folder = media.path(path).parent

    def embedded(name: str) -> str:
        content = base64.b64encode((folder / name).read_bytes()).decode()
        return f"data:video/mp4;base64,{content}"

    text = re.sub(r"(?m)^[^#\s].*$", lambda match: embedded(match[0]), media.path(path).read_text())
    text = re.sub(r'URI="([^"]+)"', lambda match: f'URI="{embedded(match[1])}"', text)
    streaming.serve("/whole.m3u8", text.encode())
    made, _ = film("/whole.m3u8")
    assert_is_clip(made, media.clips.video(360))
    assert {asked.path for asked in streaming.log} == {"/whole.m3u8"}


def test_a_list_in_a_data_url(film: Film, media: Media, streaming: StreamingOrigin) -> None:
    text = re.sub(r"(?m)^/", streaming.url("/"), listed(media, media.hls_ts()))
    url = f"data:application/x-mpegurl,{quote(text)}"
    streaming.serve("/master.m3u8", variants(url))
    made, _ = film("/master.m3u8")
    assert_is_clip(made, media.clips.video(360))


def test_keys_and_maps_by_variables_of_the_master(
    film: Film, media: Media, streaming: StreamingOrigin
) -> None:
    text = listed(media, media.hls_encrypted()).replace("/hls_encrypted/", "{$dir}/")
    define = '#EXT-X-DEFINE:IMPORT="dir"'
    streaming.serve("/deep/v.m3u8", text.replace("#EXTM3U\n", f"#EXTM3U\n{define}\n").encode())
    head = b'#EXTM3U\n#EXT-X-DEFINE:NAME="dir",VALUE="/hls_encrypted"\n'
    streaming.serve("/master.m3u8", variants("/deep/v.m3u8").replace(b"#EXTM3U\n", head))
    made, _ = film("/master.m3u8")
    assert_is_clip(made, media.clips.video(360))


def test_a_gap_is_left_out_and_told(film: Film, media: Media, streaming: StreamingOrigin) -> None:
    text = listed(media, media.hls_ts())
    last = text.rindex("#EXTINF")
    streaming.serve("/gap.m3u8", f"{text[:last]}#EXT-X-GAP\n{text[last:]}".encode())
    made, notes = film("/gap.m3u8")
    assert notes == ("The site lacks 1 s of the film at 0:05; they are left out.",)
    clip = verify.pictures(media.clips.video(360))
    assert verify.pictures(made) == clip[: len(clip) * 5 // 6]


def test_nothing_but_gaps_is_incomplete(
    film: Film, media: Media, streaming: StreamingOrigin
) -> None:
    text = listed(media, media.hls_ts()).replace("#EXTINF", "#EXT-X-GAP\n#EXTINF")
    streaming.serve("/gap.m3u8", text.encode())
    with pytest.raises(Incomplete):
        film("/gap.m3u8")


def test_the_next_quality_is_taken_for_a_dead_one_and_told(
    film: Film, media: Media, streaming: StreamingOrigin
) -> None:
    streaming.serve("/v.m3u8", listed(media, media.hls_ts()).encode())
    dead = b"#EXT-X-STREAM-INF:BANDWIDTH=9000000,RESOLUTION=1920x1080\n/gone.m3u8\n"
    streaming.serve("/master.m3u8", variants("/v.m3u8") + dead)
    made, (note,) = film("/master.m3u8")
    assert_is_clip(made, media.clips.video(360))
    assert "1080p could not be had" in note
