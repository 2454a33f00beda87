"""Containers by their first bytes."""

from __future__ import annotations

import pytest

from downloads.engine.core import containers


@pytest.mark.parametrize(
    ("head", "length"),
    [
        (b"ID3\x04\x00\x00\x00\x00\x02\x01rest", 10 + 257),
        (b"ID3\x04\x00\x10\x00\x00\x00\x05rest", 20 + 5),
        (b"\xff\xfb\x90\x64" + bytes(8), 0),
        (b"ID3", 0),
        (b"", 0),
    ],
)
def test_the_tag_before_a_piece_of_packed_sound(head: bytes, length: int) -> None:
    assert containers.tag_length(head) == length
