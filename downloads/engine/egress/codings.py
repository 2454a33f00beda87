"""Content codings (RFC 9110, section 8.4): detection of the real ones, and their decoders.

``Accept-Encoding: identity`` is always sent; a coding in an answer is the source's own choice. The
handling is that of browsers: words that code nothing are ignored, gzip, deflate and br are decoded,
and a body that is not in the coding that its label names is taken as it is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

from downloads.engine.core.errors import BadResponse, TooLarge, UnsupportedURL
from downloads.engine.egress.coding_engines import GZIP, Engine, Zlib, candidates

BLOCK: Final = 64 * 1024  # bytes read, and decoded, at once
TRIAL: Final = 64 * 1024  # bytes in which a false coding without a signature shows
# deflate makes 1,032 bytes of one at most, br far more; text stays below 100. Apache's own limit
# (DeflateInflateRatioLimit).
MAX_RATIO: Final = 200
RATIO_FLOOR: Final = 32 * 1024 * 1024  # decoded bytes that any ratio may make
MOST_CODINGS: Final = 5  # curl's bound
AFTERMATH: Final = 1024 * 1024  # bytes after a coding's end that are read and thrown away

_DECODED: Final = {
    "gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "x-deflate": "deflate", "br": "br",
}  # fmt: skip
# Real codings that cannot be decoded, with their signatures. Any other
# word codes nothing ("aws-chunked", "none", "UTF-8", "binary"), and is ignored as Chromium ignores
# it; so is the label of one of these on a body that does not begin with it.
_UNREADABLE: Final = {
    "compress": b"\x1f\x9d", "x-compress": b"\x1f\x9d", "zstd": b"\x28\xb5\x2f\xfd",
    "bzip2": b"BZh", "x-bzip2": b"BZh", "xz": b"\xfd7zXZ\x00", "lzma": b"\x5d\x00\x00",
    "lz4": b"\x04\x22\x4d\x18", "exi": b"", "pack200-gzip": GZIP, "sdch": b"", "dcb": b"\xffDCB",
    "dcz": b"\x5e\x2a\x4d\x18",
}  # fmt: skip
_READ: Final = frozenset(_DECODED.values())
# Firefox's list (nonDecodableExtensions) and its like: names of files that are compressed.
_COMPRESSED_NAME: Final = re.compile(r"\.(?:gz|gzip|tgz|taz|tpz|svgz|emz|wmz|vgz|adz)$", re.ASCII)
_BROTLI_NAME: Final = re.compile(r"\.(?:br|tbr)$", re.ASCII)
_ZSTD_NAME: Final = re.compile(r"\.t?zst$", re.ASCII)
# Beginnings that no coding without a signature has: lists, subtitles, pages, JSON, media.
_PLAIN: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:#EXTM3U|WEBVTT|\d+\r?\n\d\d:\d\d|\{\s*\"\w+\"\s*:"
    rb"|<(?i:\?xml|!doctype|html|mpd|tt)\b)"
    rb"|.{4}(?:ftyp|styp|moof|moov|sidx)|\x1aE\xdf\xa3|OggS|fLaC|ID3|RIFF|G.{187}G",
    re.DOTALL,
)
_GZIP_TYPES: Final = {
    "application/gzip", "application/x-gzip", "application/x-gunzip", "application/gzipped",
    "application/gzip-compressed", "application/x-gzip-compressed", "application/x-tgz",
    "application/x-tar-gz", "application/x-compressed-tar", "gzip/document",
}  # fmt: skip


_AROUND: Final = " \t\"'"


def real_codings(header: str) -> tuple[str, ...]:
    """Return the codings of a Content-Encoding header in the order in which they were applied.

    Each is ``gzip``, ``deflate``, ``br`` or one that cannot be decoded; words that code nothing are
    left out.
    """
    words = (word.partition(";")[0].strip(_AROUND).lower() for word in header.split(","))
    named = (_DECODED.get(word, word) for word in words)
    return tuple(word for word in named if word in _READ or word in _UNREADABLE)


def belongs_to_file(
    codings: Iterable[str], content_type: str, disposition: str, urls: Iterable[str]
) -> bool:
    """Return if a file that is saved keeps its coding: a ``backup.tar.gz`` that a server calls a
    tar in gzip. curl, wget2 and Firefox save such a body as it is.

    ``urls``: the one that was requested and those that it led to.
    """
    found = set(codings)
    if "gzip" in found and content_type.partition(";")[0].strip().lower() in _GZIP_TYPES:
        return True
    forms = [form for name, form in (("gzip", _COMPRESSED_NAME), ("br", _BROTLI_NAME),
                                  ("zstd", _ZSTD_NAME))
             if name in found]  # fmt: skip
    names = [*_named(disposition), *(unquote(urlsplit(url).path) for url in urls)]
    return any(form.search(name.lower()) for form in forms for name in names)


def _named(disposition: str) -> list[str]:
    """Return the file names in a Content-Disposition header, roughly: only their endings matter."""
    found = re.findall(r"filename\*?\s*=\s*(\"[^\"]*\"|[^;]*)", disposition, re.IGNORECASE)
    return [unquote(name.strip().strip('"')) for name in found]


class _Layer:
    """One coding of a body, removed. ``source`` returns its next bytes, ``b""`` at their end."""

    def __init__(self, coding: str, source: Callable[[], bytes]) -> None:
        self._coding = coding
        self._source = source
        self._pending = b""  # read, and not decoded yet
        self._ready = b""  # decoded by the trial
        self._engine: Engine | None = None
        self._begun = self._plain = self._full = self._over = False
        self._came = self._made = 0

    def read(self) -> bytes:
        """Return the next decoded bytes, about ``BLOCK`` at most; ``b""`` at the end.

        Raises BadResponse if the body is damaged or cut off.
        """
        if not self._begun:
            self._begin()
        if self._ready:
            ready, self._ready = self._ready, b""
            return ready
        if self._plain:
            pending, self._pending = self._pending, b""
            return pending or self._next()
        while not self._over:
            if decoded := self._step():
                return decoded
        return b""

    def _step(self) -> bytes:
        assert self._engine is not None
        was_full, data = self._full, b""
        if not was_full:
            data, self._pending = self._pending or self._next(), b""
        decoded = self._decode(data)
        if self._engine.ended:
            self._next_member()
        elif not (was_full or data or decoded) and self._engine.lacks_its_trailer():
            self._over = True
        elif not (was_full or data or decoded):
            raise BadResponse(
                f"the {self._coding} body is cut off",
                message="The site's compressed data ends in the middle. Retry later.",
            )
        return decoded

    def _decode(self, data: bytes) -> bytes:
        assert self._engine is not None
        try:
            decoded = self._engine.decode(data, BLOCK)
        except ValueError as error:
            raise BadResponse(
                f"{self._coding}: {error}",
                message="The site's compressed data is damaged. Retry later.",
            ) from None
        self._full = len(decoded) >= BLOCK
        self._made += len(decoded)
        check_ratio(self._came, self._made)
        return decoded

    def _next(self) -> bytes:
        block = self._source()
        self._came += len(block)
        return block

    def _next_member(self) -> None:
        """Continue with the next member: gzip may be several in a row (RFC 1952, section 2.2).

        Other bytes after the end are ignored, as in browsers.
        """
        assert self._engine is not None
        rest = self._engine.rest
        self._full = False
        while len(rest) < len(GZIP) and (block := self._next()):
            rest += block
        if rest.startswith(GZIP):
            self._engine, self._pending = Zlib(zlib.MAX_WBITS | 16), rest
            return
        self._over = True
        left = AFTERMATH
        while left > 0 and (block := self._next()):  # so that the connection can be reused
            left -= len(block)

    def _begin(self) -> None:
        self._begun = True
        mark = _UNREADABLE.get(self._coding, GZIP)
        while len(self._pending) < len(mark) and (block := self._next()):
            self._pending += block
        if self._coding in _UNREADABLE and self._pending and self._pending.startswith(mark):
            raise _unreadable(f"with {self._coding}", (self._coding,))
        ended = False
        for make, proven in candidates(self._coding, self._pending):
            if proven:
                self._engine = make()
                return
            while not ended and len(self._pending) < TRIAL:
                block = self._next()
                ended = not block
                self._pending += block
            if not _PLAIN.match(self._pending) and self._try(make()):
                return
        self._plain = True

    def _try(self, engine: Engine) -> bool:
        """Return if the first bytes can be decoded."""
        decoded = bytearray()
        data = self._pending
        full = True
        try:
            while full and len(decoded) < TRIAL and not engine.ended:
                block = engine.decode(data, BLOCK)
                decoded += block
                data, full = b"", len(block) >= BLOCK
        except ValueError:
            return False
        self._engine, self._ready, self._pending = engine, bytes(decoded), b""
        self._full, self._made = full, len(decoded)
        if engine.ended:
            self._next_member()
        return True


def check_ratio(came: int, made: int) -> None:
    """Raise TooLarge if ``came`` bytes have unfolded to absurdly many."""
    if made > max(RATIO_FLOOR, came * MAX_RATIO):
        raise TooLarge(
            f"{came} compressed bytes unfold to {made} and more",
            message="The site's compressed data unfolds to far more than it is, which Ferry "
            "does not store. Look for another link to it.",
        )


def _unreadable(how: str, codings: tuple[str, ...]) -> UnsupportedURL:
    return UnsupportedURL(
        f"Content-Encoding: {', '.join(codings[:9])}",
        message=f"The site sends this compressed {how}, though it was asked not to, and Ferry "
        "cannot read that. Open the link in a browser, or look for another one.",
    )


class BodyDecoder:
    """A body without its codings, in bounded memory.

    ``read_raw`` reads the next of its coded bytes into a buffer and returns their count, 0 at the
    end.
    """

    def __init__(self, codings: tuple[str, ...], read_raw: Callable[[memoryview], int]) -> None:
        """Raises UnsupportedURL for more codings than a real body has."""
        if len(codings) > MOST_CODINGS:
            raise _unreadable("too many times", codings)
        self._read_raw = read_raw
        self._buffer = memoryview(bytearray(BLOCK))
        self._came = self._made = 0
        source: Callable[[], bytes] = self._next_raw
        for coding in reversed(codings):
            source = _Layer(coding, source).read
        self._source = source
        self._rest = memoryview(b"")

    def read_into(self, view: memoryview) -> int:
        """Read up to ``len(view)`` decoded bytes into ``view``. Return their count; 0 at the end.

        Raises BadResponse for a body that is damaged or cut off, TooLarge for one that unfolds to
        hundreds of times its size, UnsupportedURL for one in a coding that cannot be decoded, and
        what ``read_raw`` raises.
        """
        if not self._rest:
            self._rest = memoryview(self._source())
            self._made += len(self._rest)
            check_ratio(self._came, self._made)
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _next_raw(self) -> bytes:
        count = self._read_raw(self._buffer)
        self._came += count
        return bytes(self._buffer[:count])
