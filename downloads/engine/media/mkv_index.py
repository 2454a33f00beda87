"""The packets of a finished Matroska or WebM file, by the heads of its blocks (RFC 9559, 10).

Not read by ffmpeg, which guesses decoding times, since Matroska has none, and shifts times by its
wrong guesses.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from downloads.engine.core.disk import disk_errors
from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.media.packets import TrackPackets
from downloads.engine.media.scan_webm import ENTERED, ClusterScanner, read_vint

_HEAD: Final = 32  # bytes: an element's id and size, and the head of a block
_MOST: Final = 16 * 1024 * 1024  # bytes of the tracks


def read_blocks(path: Path) -> dict[str, TrackPackets]:
    """Return the packets by kind, of the first track of each. Raises ProcessingFailed, DiskFull,
    InternalError."""
    with disk_errors(), path.open("rb") as file:
        return _Walk(file.fileno()).found


class _Walk:
    def __init__(self, descriptor: int) -> None:
        self.found: dict[str, TrackPackets] = {}
        self._numbers: dict[int, TrackPackets] = {}
        self._scanner = ClusterScanner()
        end, at = os.fstat(descriptor).st_size, 0
        while at < end:
            head = os.pread(descriptor, _HEAD, at)
            number, after = read_vint(head, 0, keep_marker=True)
            size, body = read_vint(head, after)
            if not number:
                raise ProcessingFailed("the file is no Matroska")
            at += body
            if number in ENTERED:
                continue
            value = head[body : body + size]
            if self._scanner.reads(number):
                value = os.pread(descriptor, min(size, _MOST), at)
            block = self._scanner.element(number, value)
            if block is not None:
                self._add(*block)
            at += size

    def _add(self, number: int, kind: str, ticks: int, tick: float) -> None:
        track = self._numbers.get(number)
        if track is None:
            track = self._numbers[number] = TrackPackets(kind, tick)
            self.found.setdefault(kind, track)
        track.decoded.append(ticks)
        track.shown.append(ticks)
        track.lengths.append(0)
