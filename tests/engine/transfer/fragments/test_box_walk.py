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


def fragment(samples: int) -> bytes:
    run = (20).to_bytes(4) + b"trun" + bytes(4) + samples.to_bytes(4) + bytes(4)
    return (8 + len(run)).to_bytes(4) + b"moof" + run


@pytest.mark.parametrize("head", [0, 1, 4, 7])
@pytest.mark.parametrize("seed", range(5))
def test_no_media_behind_their_header(head: int, seed: int) -> None:
    media = box(b"mdat", 5000)
    assert missing(fragment(25) + media + fragment(25) + media[:head], seed) == 8 - head
    assert missing(fragment(0), seed) == 0


def test_cut_within_the_head_of_a_box() -> None:
    assert missing(WHOLE + b"\0\0\1\0mo") == 2
    assert missing(WHOLE + b"\r\n") == 0


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
