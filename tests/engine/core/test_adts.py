"""The frames of ADTS are counted, however their bytes come."""

from __future__ import annotations

import random

import pytest

from downloads.engine.core.adts import AdtsWalk


def frame(length: int, rate: int = 3) -> bytes:
    head = [0xFF, 0xF1, 0x40 | rate << 2, 0x80 | length >> 11, length >> 3 & 255]
    return bytes([*head, (length & 7) << 5 | 0x1F, 0xFC]) + bytes(length - 7)


TAG = b"ID3\x04\0\0" + bytes([0, 0, 1, 2]) + bytes(130)
FRAMES = b"".join(frame(length) for length in (7, 9, 300, 8191, 150))


def walked(data: bytes, seed: int = 1) -> AdtsWalk:
    rng, walk, at = random.Random(seed), AdtsWalk(), 0
    while at < len(data):
        step = rng.choice((1, 3, 8, 1000))
        walk.take(memoryview(data)[at : at + step])
        at += step
    return walk


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("tag", [b"", TAG])
def test_whole(tag: bytes, seed: int) -> None:
    walk = walked(tag + FRAMES, seed)
    assert (walk.count, walk.unfinished, walk.is_lost) == (5, 0, False)
    assert walk.seconds == 1024 / 48_000


@pytest.mark.parametrize("kept", [2, 6, 8, 149])
@pytest.mark.parametrize("seed", range(5))
def test_cut(kept: int, seed: int) -> None:
    walk = walked(FRAMES[: kept - 150], seed)
    assert (walk.count, walk.unfinished) == (4, kept)


@pytest.mark.parametrize(
    "data", [b"", bytes(400), b"G" * 188, FRAMES + bytes(40), TAG[:50]],
    ids=["nothing", "zeros", "TS", "padding", "half a tag"],
)  # fmt: skip
def test_not_cut(data: bytes) -> None:
    assert walked(data).unfinished == 0
