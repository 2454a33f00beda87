"""Manifests that mean harm: the right code within 5 s, bounded memory, no request to inside."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from downloads.engine.core.errors import BadManifest, BlockedAddress, DownloadError
from downloads.engine.core.media import Protocol, Source, Stream
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests import parsing
from downloads.engine.resolver.manifests.parsing import Parser
from downloads.engine.sandbox.tree import descendants
from tests.engine.egress.conftest import read_all
from tests.engine.resolver.manifests.mpd import VIDEO, mpd, period
from tests.engine.resolver.manifests.reading import resolve
from tests.support.origin import Origin
from tests.support.streaming.origin import StreamingOrigin

MIB = 1024 * 1024
SEGMENT = "#EXTINF:1,\na.ts\n"
LONG = '<SegmentTemplate media="$Number$.m4s" '


def hls(*lines: str) -> str:
    return "\n".join(("#EXTM3U", *lines, "#EXT-X-ENDLIST")) + "\n"


def fetch_all(url: str, client: Client, parser: Parser) -> None:
    """Return the URLs that a download of all formats would request."""
    source = resolve(url, client, parser)
    for stream in _streams(source):
        urls = [stream.url]
        if stream.protocol is not Protocol.FILE:
            found = load(stream, client, parser)
            keys = [each.encryption.key_url for each in found.fragments if each.encryption]
            urls = [*keys, *(fragment.url for fragment in found.fragments)]
        for each in urls:
            read_all(client.get(each))


def _streams(source: Source) -> Iterator[Stream]:
    yield from (offer.stream for offer in source.formats)
    for words in source.subtitles:
        yield Stream(words.url, protocol=words.protocol)


PLACES: dict[str, Callable[[str], str]] = {
    "variant": lambda url: hls(f"#EXT-X-STREAM-INF:BANDWIDTH=1\n{url}"),
    "sound": lambda url: hls(
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{url}"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\ngood.m3u8',
    ),
    "subtitles": lambda url: hls(
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="a",NAME="a",URI="{url}"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="a"\ngood.m3u8',
    ),
    "key": lambda url: hls(f'#EXT-X-KEY:METHOD=AES-128,URI="{url}"', SEGMENT),
    "map": lambda url: hls(f'#EXT-X-MAP:URI="{url}"', SEGMENT),
    "segment": lambda url: hls(f"#EXTINF:1,\n{url}"),
    "DASH file": lambda url: mpd(period(f"<BaseURL>{url}</BaseURL>")),
    "DASH base": lambda url: mpd(period(f'<BaseURL>{url}/</BaseURL>{LONG} duration="10"/>')),
    "DASH template": lambda url: mpd(
        period(f'<SegmentTemplate media="{url}?$Number$" duration="10"/>')
    ),
    "DASH header": lambda url: mpd(period(f'{LONG} initialization="{url}" duration="10"/>')),
    "DASH list": lambda url: mpd(
        period(f'<SegmentList duration="10"><SegmentURL media="{url}"/></SegmentList>')
    ),
}


@pytest.fixture
def serve(streaming: StreamingOrigin) -> Callable[[str], str]:
    def put(text: str) -> str:
        name = "/x.mpd" if "<MPD" in text[:300] else "/x.m3u8"
        streaming.serve(name, text.encode())
        return streaming.url(name)

    streaming.serve("/good.m3u8", hls(SEGMENT).encode())
    streaming.serve("/a.ts", b"G" * 188)
    streaming.serve("/1.m4s", b"x")
    return put


@pytest.mark.parametrize("place", PLACES)
def test_no_server_inside_is_asked(
    place: str, serve: Callable[[str], str], canary: Origin, client: Client, parser: Parser
) -> None:
    url = serve(PLACES[place](f"http://127.0.0.1:{canary.port}/inside"))
    with pytest.raises(BlockedAddress):
        fetch_all(url, client, parser)


SCHEMES = ["file:///etc/passwd", "data:,x", "ftp://127.0.0.1/x"]


# A data: URL leads nowhere, and players read it in a playlist.
@pytest.mark.parametrize(
    ("place", "uri"),
    [(p, uri) for p in PLACES for uri in SCHEMES if "DASH" in p or not uri.startswith("data:")],
)
def test_other_schemes_are_blocked(
    place: str, uri: str, serve: Callable[[str], str], client: Client, parser: Parser
) -> None:
    with pytest.raises(BlockedAddress):
        fetch_all(serve(PLACES[place](uri)), client, parser)


@pytest.mark.parametrize("inside", ["http://127.0.0.1:{}/inside", "/inside", "//127.0.0.1:{}/x"])
def test_a_list_in_a_data_url_leads_no_further(
    inside: str, serve: Callable[[str], str], canary: Origin, client: Client, parser: Parser
) -> None:
    listed = hls(f"#EXTINF:1,\n{inside.format(canary.port)}")
    with pytest.raises((BlockedAddress, BadManifest)):
        fetch_all(serve(PLACES["variant"](f"data:,{quote(listed)}")), client, parser)


LAUGHS = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
TEMPLATE = '<SegmentTemplate media="{}$Number$.m4s" duration="1" timescale="{}"/>'
FOREVER = '<SegmentTimeline><S d="1" r="99999999999"/></SegmentTimeline>'
FILE = "<BaseURL>a</BaseURL>"


def doctype(declared: str, base: str = "a") -> str:
    return f"<!DOCTYPE MPD {declared}>" + mpd(period(f"<BaseURL>{base}</BaseURL>"))[21:]


BIG: dict[str, Callable[[], str]] = {
    "a million variants": lambda: hls("#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n" * 1_000_000),
    "201 variants": lambda: hls("#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n" * 201),
    "36 MB": lambda: hls(f"#EXTINF:1,\n{'a' * 3600}\n" * 10_000),
    "100,001 segments": lambda: hls(SEGMENT * 100_001),
    "100,001 ranges": lambda: hls("#EXTINF:1,\n#EXT-X-BYTERANGE:1\na\n" * 100_001),
    "maps": lambda: hls(*(f'#EXT-X-MAP:URI="{i}"' for i in range(100_001)), SEGMENT),
    "variables": lambda: hls(*(f'#EXT-X-DEFINE:NAME="{i}",VALUE="x"' for i in range(201)), SEGMENT),
    "a long variable": lambda: hls(
        '#EXT-X-DEFINE:NAME="a",VALUE="' + "x" * 60_000 + '"', "#EXTINF:1,\n" + "{$a}" * 10_000
    ),
    "keys": lambda: hls(*(f"#EXT-X-KEY:METHOD=AES-128,URI={i}" for i in range(100_000))),
    "quotes": lambda: hls('#EXT-X-MEDIA:TYPE="' + "\"'," * 1_600_000),
    "commas": lambda: hls("#EXT-X-STREAM-INF:" + "," * 4_000_000, "a.m3u8"),
    "a line": lambda: hls("#EXTINF:" + "9" * 4_000_000 + ",\na.ts"),
    "blank lines": lambda: "#EXTM3U" + "\n" * 5_000_000,
    "billion laughs": lambda: doctype(f'[<!ENTITY l0 "lol">{LAUGHS}]', "&l9;"),
    "external entity": lambda: doctype('[<!ENTITY x SYSTEM "file:///etc/passwd">]', "&x;"),
    "external DTD": lambda: doctype('SYSTEM "http://127.0.0.1/x.dtd"'),
    "deep": lambda: mpd("<Period>" * 100_000),
    "wide": lambda: mpd("<Period/>" * 500_000),
    "representations": lambda: mpd(period(FILE).replace(FILE, FILE + "</Representation>"
                                          f"<Representation {VIDEO}>" * 20_000)),
    "a repeat": lambda: mpd(period(f"{LONG}>{FOREVER}</SegmentTemplate>"), ""),
    "repeats": lambda: mpd(
        period(f"{LONG}>{FOREVER}</SegmentTemplate>"), 'mediaPresentationDuration="PT9999999S"'
    ),
    "a long period": lambda: mpd(
        period(TEMPLATE.format("", 1)), 'mediaPresentationDuration="PT9999999S"'
    ),
    "short segments": lambda: mpd(period(TEMPLATE.format("", 999_999_999))),
    "width": lambda: mpd(period(LONG.replace("$Number$", "$Number%0999999999d$") + "/>")),
    "a long template": lambda: mpd(period(TEMPLATE.format("x" * 1_000_000, 1999))),
    "attributes": lambda: mpd("<Period " + " ".join(f'a{i}="1"' for i in range(200_000)) + "/>"),
}  # fmt: skip


@pytest.mark.parametrize("what", BIG)
def test_it_is_a_bad_manifest_soon(
    what: str, serve: Callable[[str], str], client: Client, parser: Parser
) -> None:
    url = serve(BIG[what]())
    parser.playlist(hls(SEGMENT))  # warm, as a worker is
    tracemalloc.start()
    try:
        with pytest.raises(DownloadError) as caught:
            fetch_all(url, client, parser)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert isinstance(caught.value, BadManifest), caught.value
    assert peak < 100 * MIB


def test_the_child_dies_of_its_memory_alone(parser: Parser) -> None:
    """Whatever gets past all other checks meets this one."""
    worker = parser._worker()
    try:
        worker.ask({"do": "nothing"}, timeout=60)
        limits = Path(f"/proc/{descendants(worker.launcher, 9)[-1]}/limits").read_text()
    finally:
        worker.close()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max address space")]
    assert int(line.split()[3]) <= 512 * MIB


@pytest.mark.parametrize("limit", ["PARSE_WITHIN", "PARSE_CPU"])
def test_one_that_takes_too_long_is_ended_and_replaced(
    limit: str, parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, limit, 0.0)
    with pytest.raises(BadManifest):
        parser.playlist("#EXTM3U\n" + "#EXTINF:1,\na\n" * 20_000)
    monkeypatch.undo()
    assert parser.playlist(hls(SEGMENT))


def test_a_child_that_was_killed_is_replaced(parser: Parser) -> None:
    with parser._pool.worker() as worker:
        worker.ask({"do": "nothing"}, timeout=60)
        os.kill(descendants(worker.launcher, 9)[-1], 9)
    assert parser.playlist(hls(SEGMENT))
