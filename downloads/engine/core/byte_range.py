"""Byte ranges, half-open, and sets of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class ByteRange(NamedTuple):
    """Bytes ``start`` up to, but not including, ``end``."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def content_range(self, total: int) -> str:
        """Return the Content-Range of a 206 for it (RFC 9110, section 14.4)."""
        return f"bytes {self.start}-{self.end - 1}/{total}"


def merge(ranges: Iterable[ByteRange]) -> tuple[ByteRange, ...]:
    """Return the ranges sorted, joined if they touch or overlap, without empty ones."""
    merged: list[ByteRange] = []
    for current in sorted(each for each in ranges if each.size > 0):
        if merged and current.start <= merged[-1].end:
            merged[-1] = ByteRange(merged[-1].start, max(merged[-1].end, current.end))
        else:
            merged.append(current)
    return tuple(merged)


def missing(ranges: Iterable[ByteRange], total: int) -> tuple[ByteRange, ...]:
    """Return the parts of ``[0, total)`` that are in none of the ranges."""
    gaps: list[ByteRange] = []
    position = 0
    for current in merge(ranges):
        if current.start >= total:
            break
        if current.start > position:
            gaps.append(ByteRange(position, current.start))
        position = current.end
    if position < total:
        gaps.append(ByteRange(position, total))
    return tuple(gaps)
