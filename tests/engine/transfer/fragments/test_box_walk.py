"""A piece of MP4 that ends within a box is told, however its bytes come."""

from __future__ import annotations

import random

import pytest

from downloads.engine.transfer.fragments.box_walk import BoxWalk


def box(kind: bytes, length: int, *, large: bool = False) -> bytes:
    if large:
        return b"\0\0\0\1" + kind + (16 + length).to_bytes(8) + bytes(length)
    return (8 + length).to_bytes(4) + kind + bytes(length)


WHOLE = box(b"styp", 16) + box(b"moof", 300) + box(b"mdat", 5000, large=True) + box(b"abcd", 0)


def missing(data: bytes, seed: int = 1) -> int:
    rng, walk, at = random.Random(seed), BoxWalk(), 0
    while at < len(data):
        step = rng.choice((1, 3, 7, 1000))
        walk.take(memoryview(data)[at : at + step])
        at += step
    return walk.missing


@pytest.mark.parametrize("seed", range(20))
def test_whole(seed: int) -> None:
    assert missing(WHOLE, seed) == 0


@pytest.mark.parametrize("cut", [1, 100, 4999])
def test_cut(cut: int) -> None:
    assert missing(WHOLE[: -8 - cut]) == cut


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"G" + bytes(187),
        b"\xff\xf1" * 40,
        WHOLE + b"\xff" * 400,
        box(b"moof", 40) + b"\0\0\0\0mdat" + bytes(90),
        box(b"moof", 40) + b"\0\0\0\4mdat" + bytes(90),
    ],
    ids=["nothing", "TS", "AAC", "garbage behind", "to the end", "a size that is none"],
)
def test_not_for_us(data: bytes) -> None:
    assert missing(data) == 0
