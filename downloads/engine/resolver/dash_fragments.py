"""The pieces of a DASH representation as fragments."""

from __future__ import annotations

from collections.abc import Iterator

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import DownloadError
from downloads.engine.core.media import Fragment, Window
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_part
from downloads.engine.resolver.manifests import refusals, segment_index
from downloads.engine.resolver.manifests.addresses import headers_for, join
from downloads.engine.resolver.manifests.answers import RawPiece, RawRepresentation
from downloads.engine.resolver.manifests.fetching import MAX_BYTES, Manifest

_NONE = 0.005  # seconds: a segment that reaches less far into a part belongs to its neighbour


def of_piece(
    piece: RawPiece, raw: RawRepresentation, manifest: Manifest, client: Client
) -> Iterator[Fragment]:
    """Yield the fragments of a piece: one; or, for a period's share of a whole file, its header and
    the segments that lie mostly within that share, by the file's own index.

    Raises BadManifest, BlockedAddress, and what fetching an index raises.
    """
    if piece.part >= min(len(raw.bases), len(raw.offsets)):
        raise refusals.broken("a part that is not there")
    bases = raw.bases[piece.part]
    urls = tuple(dict.fromkeys(join(join(manifest.url, base), piece.url) for base in bases))
    if piece.index is None or piece.window is None:
        yield _fragment(piece, raw, urls, _span(piece.range), piece.seconds, init=piece.init)
        return
    index = _span(piece.index) or ByteRange(0, 0)
    yield _fragment(piece, raw, urls, ByteRange(0, index.start), 0.0, init=True)
    first, last = _window(piece, raw) or (None, None)
    begin, end = piece.window
    for each in segment_index.read(_index(urls, index, manifest, client), index.start):
        middle = each.start + each.seconds / 2
        # a segment across a border belongs to the parts on both sides
        is_begun = middle >= begin if first is None else each.start + each.seconds > begin + _NONE
        if is_begun and (middle < end if last is None else each.start < end - _NONE):
            yield _fragment(piece, raw, urls, each.span, each.seconds)


def _fragment(
    piece: RawPiece,
    raw: RawRepresentation,
    urls: tuple[str, ...],
    span: ByteRange | None,
    seconds: float,
    *,
    init: bool = False,
) -> Fragment:
    return Fragment(
        url=urls[0],
        range=span,
        duration=seconds,
        init=init,
        part=piece.part,
        offset=raw.offsets[piece.part],
        window=_window(piece, raw),
        alternates=urls[1:],
        optional=piece.optional,
    )


def _window(piece: RawPiece, raw: RawRepresentation) -> Window | None:
    return raw.windows[piece.part] if piece.part < len(raw.windows) else None


def _span(span: list[int] | None) -> ByteRange | None:
    if span is None:
        return None
    if span[0] >= span[1]:
        raise refusals.broken("a byte range that is none")
    return ByteRange(span[0], span[1])


def _index(urls: tuple[str, ...], span: ByteRange, manifest: Manifest, client: Client) -> bytes:
    """Return the bytes of an index, from the first mirror that has them."""
    if not span.start:
        raise refusals.broken("an index without a header before it")
    failed: DownloadError | None = None
    for url in urls:
        headers = headers_for(manifest.headers, manifest.url, [url])
        try:
            with open_part(client, url, headers=headers, span=span) as response:
                got = response.content_range
                skipped = span.start - (got.start if got is not None else 0)
                if skipped + span.size > MAX_BYTES:
                    raise refusals.broken("an index too far into its file")
                return response.peek(skipped + span.size, patience=30.0)[skipped:]
        except DownloadError as error:
            failed = failed or error
    raise failed or refusals.broken("an index that is none")
