"""The pieces of a stream that its source cut: by its playlist, its MPD, or as they were given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

from downloads.engine.core.media import Fragment, FragmentList, Protocol, Stream
from downloads.engine.egress.client import Client
from downloads.engine.resolver import dash, hls
from downloads.engine.resolver.manifests import fetching, refusals
from downloads.engine.resolver.manifests.addresses import Headers, headers_for, join
from downloads.engine.resolver.manifests.answers import RawPiece
from downloads.engine.resolver.manifests.fragmenting import (
    Fragmenting,
    container_named,
    container_of,
)
from downloads.engine.resolver.manifests.parsing import Parser, parser


def load(stream: Stream, client: Client, given: Parser | None = None) -> FragmentList:
    """Fetch the list anew, with the stream's own headers, and make fragments of it.

    ``given``: whom to ask what is in a manifest; by default the jail of this process.
    Raises BadManifest, BlockedAddress; UnsupportedURL where it is live or protected by now; and
    what fetching raises: Unavailable or LoginRequired where its own URL has expired.
    """
    asked = given or parser()
    if stream.protocol is Protocol.HLS:
        return _hls(stream, client, asked)
    if stream.protocol is Protocol.DASH:
        return _dash(stream, client, asked)
    if stream.protocol is Protocol.FRAGMENTS and stream.fragments:
        container = container_named(stream.fragments[0].url, "mp4")
        return _list(stream.fragments, container, stream.headers, stream.url)
    raise refusals.broken(f"no fragments by {stream.protocol}")


def _hls(stream: Stream, client: Client, asked: Parser) -> FragmentList:
    manifest, playlist = hls.media_playlist(stream.url, stream.headers, client, asked)
    fragments = Fragmenting(playlist, manifest.url).fragments()
    headers = headers_for(manifest.headers, manifest.url, _asked_for(fragments))
    return _list(fragments, container_of(playlist), headers, manifest.url)


def _dash(stream: Stream, client: Client, asked: Parser) -> FragmentList:
    manifest = fetching.fetch(stream.url, stream.headers, client)
    found = asked.presentation(manifest.text, manifest.url, stream.representation, stop=client.stop)
    wanted = [each for each in dash.available(found) if each.id == stream.representation]
    if not wanted or not any(not piece.init for piece in wanted[0].pieces):
        raise refusals.broken("the representation is gone")
    fragments = tuple(_fragment(piece, manifest.url) for piece in wanted[0].pieces)
    headers = headers_for(manifest.headers, manifest.url, _asked_for(fragments))
    container = "webm" if wanted[0].ext == "webm" else "mp4"
    return _list(fragments, container, headers, manifest.url)


def _fragment(said: RawPiece, base: str) -> Fragment:
    span = (said.range[0], said.range[1]) if said.range else None
    if span is not None and span[0] >= span[1]:
        raise refusals.broken("a byte range that is none")
    return Fragment(
        url=join(base, said.url),
        range=span,
        duration=said.seconds,
        init=said.init,
        part=said.part,
    )


def _list(
    fragments: tuple[Fragment, ...], container: str, headers: Headers, url: str
) -> FragmentList:
    return FragmentList(fragments, container, _key(fragments), headers, url)


def _asked_for(fragments: Iterable[Fragment]) -> set[str]:
    urls = {fragment.url for fragment in fragments}
    return urls | {each.encryption.key_url for each in fragments if each.encryption}


def _key(fragments: tuple[Fragment, ...]) -> str:
    """Of what stays when a source signs its URLs anew or sends to another of its hosts."""
    digest = hashlib.sha256(str(len(fragments)).encode())
    for fragment in fragments:
        iv = fragment.encryption.iv if fragment.encryption else ""
        facts = (urlsplit(fragment.url).path, fragment.range, fragment.part, fragment.init, iv)
        digest.update(repr(facts).encode())
    return digest.hexdigest()[:32]
