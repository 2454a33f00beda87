"""Content codings (RFC 9110, section 8.4): which of them a body really has, and their decoders.

``Accept-Encoding: identity`` is always sent; a coding in an answer is the source's own doing. What
browsers do with it is done here: words that code nothing are ignored, gzip, deflate and br are
decoded, and a body that is not in the coding that its label names is taken as it is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from downloads.engine.core.errors import BadResponse, TooLarge, UnsupportedURL

BLOCK: Final = 64 * 1024  # bytes read, and decoded, at once
TRIAL: Final = 64 * 1024  # bytes in which a coding without a signature shows that it is none
# deflate makes 1,032 bytes of one at most, br far more; text stays below 100. Apache's own limit
# (DeflateInflateRatioLimit).
MAX_RATIO: Final = 200
RATIO_FLOOR: Final = 32 * 1024 * 1024  # decoded bytes that any ratio may make
MOST_CODINGS: Final = 5  # curl's bound
AFTERMATH: Final = 1024 * 1024  # bytes after a coding's end that are read and thrown away

_GZIP: Final = b"\x1f\x8b\x08"
_DECODED: Final = {
    "gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "x-deflate": "deflate", "br": "br",
}  # fmt: skip
# Real codings that cannot be decoded: bytes that are no file. Any other word codes nothing
# ("aws-chunked", "none", "UTF-8", "binary"), and is ignored as Chromium ignores it.
_UNREADABLE: Final = {
    "compress", "x-compress", "zstd", "bzip2", "x-bzip2", "xz", "lzma", "exi", "pack200-gzip",
    "sdch", "dcb", "dcz", "lz4",
}  # fmt: skip
_READ: Final = frozenset(_DECODED.values())
# Firefox's list (nonDecodableExtensions) and its like: names of files that are compressed.
_COMPRESSED_NAME: Final = re.compile(r"\.(?:gz|gzip|tgz|taz|tpz|svgz|emz|wmz|vgz|adz)$", re.ASCII)
_BROTLI_NAME: Final = re.compile(r"\.(?:br|tbr)$", re.ASCII)
# What no coding without a signature begins with: lists, subtitles, pages, JSON, media.
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


def real_codings(header: str) -> tuple[str, ...]:
    """The codings of a Content-Encoding header in the order in which they were applied: ``gzip``,
    ``deflate``, ``br`` or one that cannot be decoded; without the words that code nothing."""
    words = (word.strip().strip("\"'").lower() for word in header.split(","))
    named = (_DECODED.get(word, word) for word in words)
    return tuple(word for word in named if word in _READ or word in _UNREADABLE)


def belongs_to_file(
    codings: Iterable[str], content_type: str, disposition: str, urls: Iterable[str]
) -> bool:
    """Return whether a file that is saved keeps its coding: a ``backup.tar.gz`` that a server
    calls a tar in gzip. curl, wget2 and Firefox save such a body as it is.

    ``urls``: the one that was asked for and those that it led to.
    """
    found = set(codings)
    if "gzip" in found and content_type.partition(";")[0].strip().lower() in _GZIP_TYPES:
        return True
    forms = [form for name, form in (("gzip", _COMPRESSED_NAME), ("br", _BROTLI_NAME))
             if name in found]  # fmt: skip
    names = [*_named(disposition), *(unquote(urlsplit(url).path) for url in urls)]
    return any(form.search(name.lower()) for form in forms for name in names)


def _named(disposition: str) -> list[str]:
    """The file names in a Content-Disposition header, roughly: their endings matter alone."""
    found = re.findall(r"filename\*?\s*=\s*(\"[^\"]*\"|[^;]*)", disposition, re.IGNORECASE)
    return [unquote(name.strip().strip('"')) for name in found]


class _Engine(Protocol):
    @property
    def ended(self) -> bool: ...

    @property
    def rest(self) -> bytes:
        """What came after the end."""

    def decode(self, data: bytes, most: int) -> bytes:
        """About ``most`` bytes at most; called again with ``b""`` there may be more. Raises
        ValueError for what is not in this coding."""


class _Zlib:
    def __init__(self, bits: int) -> None:
        self._engine = zlib.decompressobj(bits)

    @property
    def ended(self) -> bool:
        return self._engine.eof

    @property
    def rest(self) -> bytes:
        return self._engine.unused_data

    def decode(self, data: bytes, most: int) -> bytes:
        try:
            return self._engine.decompress(self._engine.unconsumed_tail + data, most)
        except zlib.error as error:
            raise ValueError(str(error)) from None


class _Brotli:
    rest = b""  # the library refuses what comes after the end

    def __init__(self) -> None:
        import brotli  # few sources send it unasked, and a command should start fast

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


def _candidates(coding: str, head: bytes) -> list[tuple[Callable[[], _Engine], bool]]:
    """What a body under this label may be in by its first bytes, and whether they prove it."""
    if not head:
        return []
    if coding == "br":
        return [(_Brotli, False)]
    if head.startswith(_GZIP):
        return [(lambda: _Zlib(zlib.MAX_WBITS | 16), True)]
    found: list[tuple[Callable[[], _Engine], bool]] = []
    if len(head) > 1 and head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0:
        found.append((lambda: _Zlib(zlib.MAX_WBITS), False))
    if coding == "deflate":  # without zlib's frame: what some servers have always sent
        found.append((lambda: _Zlib(-zlib.MAX_WBITS), False))
    return found


class _Layer:
    """One coding of a body taken away. ``source`` gives its next bytes, ``b""`` at their end."""

    def __init__(self, coding: str, source: Callable[[], bytes]) -> None:
        self._coding = coding
        self._source = source
        self._pending = b""  # read, and not decoded yet
        self._ready = b""  # decoded by the trial
        self._engine: _Engine | None = None
        self._begun = self._plain = self._full = self._over = False
        self._came = self._made = 0

    def read(self) -> bytes:
        """The next decoded bytes, about ``BLOCK`` at most; ``b""`` at the end.

        Raises BadResponse where the body is damaged or cut off.
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
        elif not (was_full or data or decoded):
            raise BadResponse(
                f"the {self._coding} body is cut off",
                message="The source's compressed data ends in the middle. Retry later.",
            )
        return decoded

    def _decode(self, data: bytes) -> bytes:
        assert self._engine is not None
        try:
            decoded = self._engine.decode(data, BLOCK)
        except ValueError as error:
            raise BadResponse(
                f"{self._coding}: {error}",
                message="The source's compressed data is damaged. Retry later.",
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
        """gzip may be several in a row (RFC 1952, section 2.2); browsers ignore other bytes after
        the end, and so does this."""
        assert self._engine is not None
        rest = self._engine.rest
        self._full = False
        while len(rest) < len(_GZIP) and (block := self._next()):
            rest += block
        if rest.startswith(_GZIP):
            self._engine, self._pending = _Zlib(zlib.MAX_WBITS | 16), rest
            return
        self._over = True
        left = AFTERMATH
        while left > 0 and (block := self._next()):  # then the connection can be used again
            left -= len(block)

    def _begin(self) -> None:
        self._begun = True
        while len(self._pending) < len(_GZIP) and (block := self._next()):
            self._pending += block
        ended = False
        for make, proven in _candidates(self._coding, self._pending):
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

    def _try(self, engine: _Engine) -> bool:
        """Return whether the first bytes can be decoded."""
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
    """Raise TooLarge where ``came`` bytes have unfolded to absurdly many."""
    if made > max(RATIO_FLOOR, came * MAX_RATIO):
        raise TooLarge(
            f"{came} compressed bytes unfold to {made} and more",
            message="The source's compressed data unfolds to far more than it is, which Ferry "
            "does not store. Look for another link to it.",
        )


class BodyDecoder:
    """A body without its codings, in bounded memory.

    ``read_raw`` puts the next of its coded bytes into a buffer, and gives 0 at their end.
    """

    def __init__(self, codings: tuple[str, ...], read_raw: Callable[[memoryview], int]) -> None:
        """Raises UnsupportedURL for what cannot be decoded."""
        strange = [coding for coding in codings if coding in _UNREADABLE]
        if strange or len(codings) > MOST_CODINGS:
            raise UnsupportedURL(
                f"Content-Encoding: {', '.join(codings[:9])}",
                message="The source sends this only compressed in a way that Ferry cannot read. "
                "Look for another link to it.",
            )
        self._read_raw = read_raw
        self._buffer = memoryview(bytearray(BLOCK))
        self._came = self._made = 0
        source: Callable[[], bytes] = self._next_raw
        for coding in reversed(codings):
            source = _Layer(coding, source).read
        self._source = source
        self._rest = memoryview(b"")

    def read_into(self, view: memoryview) -> int:
        """Put up to ``len(view)`` decoded bytes there; 0 at the end.

        Raises BadResponse for a body that is damaged or cut off, TooLarge for one that unfolds to
        hundreds of times its size, and what ``read_raw`` raises.
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
