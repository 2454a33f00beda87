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


def _box(kind: bytes, size: int = 8) -> bytes:
    return size.to_bytes(4, "big") + kind + bytes(size - 8)


@pytest.mark.parametrize(
    ("head", "is_file"),
    [
        (_box(b"ftyp", 24) + _box(b"moov"), True),
        (_box(b"ftyp") + _box(b"sidx", 40) + _box(b"free") + _box(b"moov"), True),
        (b"\x1a\x45\xdf\xa3 and more", True),
        (_box(b"styp", 24) + _box(b"moof") + _box(b"moov"), False),
        (_box(b"ftyp") + _box(b"mdat") + _box(b"moov"), False),
        (b"\x1f\x43\xb6\x75", False),
        (b"\x00\x00\x00\x00ftyp" + _box(b"moov"), False),
        (b"", False),
    ],
)
def test_what_has_its_header_in_it(head: bytes, is_file: bool) -> None:
    assert containers.has_header(head) is is_file
