"""A piece of WebM that ends within an element is told, however its bytes come."""

from __future__ import annotations

import random

import pytest

from downloads.engine.transfer.fragments.element_walk import ElementWalk


def element(number: str, body: bytes, size: bytes = b"") -> bytes:
    return bytes.fromhex(number) + (size or (0x10000000 | len(body)).to_bytes(4)) + body


UNKNOWN = b"\x01" + b"\xff" * 7
BLOCKS = element("e7", b"\x05") + b"".join(element("a3", bytes(n)) for n in (4, 300, 7000))
GROUP = element("a0", element("a1", bytes(500)) + element("9b", b"\x10"))
KNOWN = element("1f43b675", BLOCKS + GROUP)
LIVE = element("1f43b675", BLOCKS, UNKNOWN)
TRACKS = element("1654ae6b", bytes(90))
HEADER = element("1a45dfa3", bytes(40)) + element("18538067", TRACKS, UNKNOWN)

MP4 = b"\0\0\0\x18styp" + bytes(16)


def missing(data: bytes, seed: int = 1) -> int:
    rng, walk, at = random.Random(seed), ElementWalk(), 0
    while at < len(data):
        step = rng.choice((1, 3, 7, 1000))
        walk.take(memoryview(data)[at : at + step])
        at += step
    return walk.missing


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    "data", [KNOWN, LIVE, HEADER, HEADER + KNOWN + KNOWN, LIVE + LIVE],
    ids=["a cluster", "of no known size", "a header", "all in one", "two clusters"],
)  # fmt: skip
def test_whole(data: bytes, seed: int) -> None:
    assert missing(data, seed) == 0


@pytest.mark.parametrize("cut", [1, 9, 300])
@pytest.mark.parametrize("seed", range(3))
def test_cut(cut: int, seed: int) -> None:
    assert missing(KNOWN[:-cut], seed) == cut
    assert missing(LIVE[:-cut], seed) == cut
    assert missing(HEADER + KNOWN + KNOWN[:-cut], seed) == cut


@pytest.mark.parametrize(
    "data", [b"", b"G" + bytes(187), b"\xff\xf1" * 40, MP4, KNOWN + bytes(9)],
    ids=["nothing", "TS", "AAC", "MP4", "zeros behind"],
)  # fmt: skip
def test_not_for_us(data: bytes) -> None:
    assert missing(data) == 0
