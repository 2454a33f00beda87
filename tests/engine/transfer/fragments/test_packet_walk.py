"""A piece of MPEG-TS that ends within a packet is told, however its bytes come."""

from __future__ import annotations

import random

import pytest

from downloads.engine.transfer.fragments.packet_walk import PacketWalk


def stream(size: int, count: int = 40) -> bytes:
    lead = bytes(4) if size == 192 else b""
    packet = lead + b"\x47" + bytes(187)
    return packet.ljust(size, b"\xff") * count


def is_cut(data: bytes, seed: int) -> bool:
    rng, walk, at = random.Random(seed), PacketWalk(), 0
    while at < len(data):
        step = rng.choice((1, 3, 7, 187, 188, 4000))
        walk.take(memoryview(data)[at : at + step])
        at += step
    return walk.is_cut


@pytest.mark.parametrize("size", [188, 192, 204])
@pytest.mark.parametrize("seed", range(10))
def test_cut(size: int, seed: int) -> None:
    whole = stream(size)
    assert not is_cut(whole, seed)
    for cut in (1, 90, size - 5):
        assert is_cut(whole[:-cut], seed)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x47",
        bytes(4000),
        stream(188) + bytes(11),
        stream(188) + b"\r\n",
        (b"\x47" + bytes(99)) * 120,
    ],
    ids=["nothing", "a byte", "zeros", "padding", "a line end", "no packets"],
)
def test_not_cut(data: bytes) -> None:
    assert not is_cut(data, 1)
