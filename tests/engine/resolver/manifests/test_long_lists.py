"""Broadcasts of many hours, and lists that sign each piece by itself: read, in bounded memory.

chandler-stimson/live-stream-downloader#7, minio/minio#17867, kaltura/nginx-vod-module#1551.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from downloads.engine.core.errors import BadManifest
from downloads.engine.core.media import Protocol, Stream
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from tests.support.length import some
from tests.support.streaming.origin import StreamingOrigin

MIB = 1024 * 1024
MOST = 100_000


def listed(count: int, query: str = "", *, keyed: bool = False) -> bytes:
    key = '#EXT-X-KEY:METHOD=AES-128,URI="k{0}",IV=0x{0:032x}\n' if keyed else ""
    piece = key + "#EXTINF:2.000,\n{0}.ts?" + query + "\n"
    pieces = "".join(piece.format(number) for number in range(count))
    return f"#EXTM3U\n{pieces}#EXT-X-ENDLIST\n".encode()


def memory(name: str) -> int:
    """Of this process, in bytes."""
    (kib,) = re.findall(rf"(?m)^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(kib) * 1024


LISTS = {
    "32 MB": lambda: listed(MOST, "a" * 290),
    "55 hours": lambda: listed(MOST),
    "commas": lambda: listed(MOST, "," * 290),
    "a key for each": lambda: listed(MOST, keyed=True),
    "signed": lambda: listed(5_400, "s" * 1000),
}
CHOSEN = dict(some(LISTS.items(), 2))


@pytest.mark.parametrize("text", CHOSEN.values(), ids=CHOSEN)
def test_a_long_list_is_read(
    text: Callable[[], bytes], streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    content = text()
    count = content.count(b"#EXTINF")
    streaming.serve("/long.m3u8", content)
    Path("/proc/self/clear_refs").write_text("5")  # the peak from here on
    before = memory("VmRSS")
    found = load(Stream(streaming.url("/long.m3u8"), protocol=Protocol.HLS), client, parser)
    peak = memory("VmHWM") - before
    assert len(found.fragments) == count
    assert found.fragments[-1].url.startswith(streaming.url(f"/{count - 1}.ts?"))
    assert found.duration == 2.0 * count
    assert peak < 300 * MIB


@pytest.mark.parametrize(
    "text", [lambda: listed(MOST + 1), lambda: listed(40_000, "a" * 1000)], ids=["pieces", "bytes"]
)
def test_one_that_is_longer_still_is_not_taken_for_many_videos(
    text: Callable[[], bytes], streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    streaming.serve("/long.m3u8", text())
    with pytest.raises(BadManifest) as caught:
        load(Stream(streaming.url("/long.m3u8"), protocol=Protocol.HLS), client, parser)
    assert "longer than Ferry reads" in caught.value.message
    assert "one video" not in caught.value.message
