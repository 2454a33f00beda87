"""Variants and sounds of a master that are dead, and what takes their place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import (
    Incomplete,
    RateLimited,
    Unavailable,
)
from downloads.engine.core.media import (
    Quality,
    Selection,
    Source,
    StreamKind,
)
from downloads.engine.core.options import Options
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from downloads.engine.resolver.quality import select
from tests.engine.resolver.manifests.reading import resolve
from tests.engine.resolver.manifests.served import LIST, Served, master
from tests.support.streaming.origin import StreamingOrigin


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
    assert note.startswith("The sound in de could not be had from the site, so the sound in en")
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
