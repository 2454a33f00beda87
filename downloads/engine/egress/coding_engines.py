"""Decoders of single content codings, and their choice by a body's first bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Final, Protocol

GZIP: Final = b"\x1f\x8b\x08"


class Engine(Protocol):
    """A decoder of one coding."""

    @property
    def ended(self) -> bool: ...

    @property
    def rest(self) -> bytes:
        """Return the bytes after the end."""

    def decode(self, data: bytes, most: int) -> bytes:
        """Return at most about ``most`` bytes; called again with ``b""``, there may be more. Raises
        ValueError for data that is not in this coding."""

    def lacks_its_trailer(self) -> bool:
        """Return if nothing but a checksum is missing."""


class Zlib:
    """A decoder of zlib, raw deflate or gzip, by the window ``bits`` of zlib."""

    def __init__(self, bits: int) -> None:
        self._engine = zlib.decompressobj(bits)
        self._is_gzip = bits > zlib.MAX_WBITS
        self._sum = self._size = 0

    @property
    def ended(self) -> bool:
        return self._engine.eof

    @property
    def rest(self) -> bytes:
        return self._engine.unused_data

    def decode(self, data: bytes, most: int) -> bytes:
        try:
            decoded = self._engine.decompress(self._engine.unconsumed_tail + data, most)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        if self._is_gzip:
            self._sum, self._size = zlib.crc32(decoded, self._sum), self._size + len(decoded)
        return decoded

    def lacks_its_trailer(self) -> bool:
        """Return if all of gzip has come but its last 8 bytes, or some of them."""
        # Scripts cut those off, and curl and browsers accept it. A sum that came must be right.
        if not self._is_gzip:
            return False
        trailer = struct.pack("<II", self._sum, self._size & 0xFFFFFFFF)
        return any(_ends_with(self._engine.copy(), trailer[came:]) for came in range(8))


def _ends_with(engine: zlib._Decompress, rest: bytes) -> bool:
    try:
        return engine.decompress(rest, 1) == b"" and engine.eof
    except zlib.error:
        return False


class Brotli:
    """A decoder of Brotli."""

    rest = b""  # the library rejects bytes after the end

    def __init__(self) -> None:
        import brotli  # few sources send it unrequested, and a command must start fast

        self._error: type[Exception] = brotli.error
        self._engine = brotli.Decompressor()
        self._held = b""

    @property
    def ended(self) -> bool:
        return bool(self._engine.is_finished())

    def decode(self, data: bytes, most: int) -> bytes:
        self._held += data
        feed = b""
        if self._engine.can_accept_more_data():
            feed, self._held = self._held, b""
        try:
            return bytes(self._engine.process(feed, output_buffer_limit=most))
        except self._error as error:
            raise ValueError(str(error)) from None

    def lacks_its_trailer(self) -> bool:
        return False


def candidates(coding: str, head: bytes) -> list[tuple[Callable[[], Engine], bool]]:
    """Return the decoders that a body of this label may need, each with True if its first bytes
    prove it."""
    if not head:
        return []
    if coding == "br":
        return [(Brotli, False)]
    if head.startswith(GZIP):
        return [(lambda: Zlib(zlib.MAX_WBITS | 16), True)]
    found: list[tuple[Callable[[], Engine], bool]] = []
    if len(head) > 1 and head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0:
        found.append((lambda: Zlib(zlib.MAX_WBITS), False))
    if coding == "deflate":  # some servers have always sent it without zlib's frame
        found.append((lambda: Zlib(-zlib.MAX_WBITS), False))
    return found
