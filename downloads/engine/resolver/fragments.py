"""The fragments of a stream: from its playlist, from its MPD, or given directly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from downloads.engine.core.data_url import is_data_url
from downloads.engine.core.media import Fragment, FragmentList, Protocol, Stream
from downloads.engine.egress.client import Client
from downloads.engine.resolver import media_lists
from downloads.engine.resolver.manifests import fetching, refusals
from downloads.engine.resolver.manifests.addresses import Headers, headers_for
from downloads.engine.resolver.manifests.fragmenting import (
    Fragmenting,
    container_named,
    container_of,
)
from downloads.engine.resolver.manifests.parsing import Parser, parser


def load(stream: Stream, client: Client, given: Parser | None = None) -> FragmentList:
    """Fetch the list again, with the stream's own headers, and return its fragments.

    ``given``: the manifest parser; by default this process's jailed one. Raises BadManifest,
    BlockedAddress; UnsupportedURL if it has become live or protected; and what fetching raises:
    Unavailable or LoginRequired if its own URL has expired.
    """
    reader = given or parser()
    if stream.protocol is Protocol.HLS:
        return _hls(media_lists.fetch(stream, client, reader))
    if stream.protocol is Protocol.DASH:
        return _dash(stream, client, reader)
    if stream.protocol is Protocol.FRAGMENTS and stream.fragments:
        container = container_named(stream.fragments[0].url, "mp4")
        return _list(stream.fragments, container, stream.headers, stream.url)
    raise refusals.broken(f"no fragments by {stream.protocol}")


def read(
    content: bytes, stream: Stream, client: Client, given: Parser | None = None
) -> FragmentList:
    """Return the fragments as :func:`load` does, from an HLS list that is here already: ``content``
    came from ``stream.url``. A list without an end mark is accepted."""
    manifest = fetching.Manifest(fetching.text_of(content), stream.url, stream.headers)
    reader = given or parser()
    return _hls(media_lists.read(manifest, stream.variables, client, reader, may_grow=True))


def _hls(found: media_lists.Found) -> FragmentList:
    manifest, playlist = found
    fragmenting = Fragmenting(playlist, manifest.url)
    fragments = fragmenting.fragments()
    headers = headers_for(manifest.headers, manifest.url, _asked_for(fragments))
    home = "" if is_data_url(manifest.url) else manifest.url
    listed = _list(fragments, container_of(playlist), headers, home)
    return replace(listed, gaps=tuple(fragmenting.gaps), ended=playlist.ended)


def _dash(stream: Stream, client: Client, reader: Parser) -> FragmentList:
    # Not imported for every HLS stream: it would double what reading a list of fragments loads.
    from downloads.engine.resolver import dash, dash_fragments
    from downloads.engine.resolver.manifests.presentations import presentation

    manifest = fetching.fetch(stream.url, stream.headers, client)
    found = presentation(manifest, client, reader, stream.representation)
    wanted = [each for each in dash.available(found) if each.id == stream.representation]
    if not wanted or not any(not piece.init for piece in wanted[0].pieces):
        raise refusals.broken("the representation is gone")
    (representation,) = wanted
    fragments = tuple(
        fragment
        for piece in representation.pieces
        for fragment in dash_fragments.of_piece(piece, representation, manifest, client)
    )
    headers = headers_for(manifest.headers, manifest.url, _asked_for(fragments))
    listed = _list(fragments, representation.ext, headers, manifest.url)
    gaps = tuple((start, length) for start, length in representation.gaps)
    return replace(listed, gaps=gaps)


def _list(
    fragments: tuple[Fragment, ...], container: str, headers: Headers, url: str
) -> FragmentList:
    return FragmentList(fragments, container, _key(fragments), headers, url)


def _asked_for(fragments: Iterable[Fragment]) -> set[str]:
    urls = {fragment.url for fragment in fragments}
    return urls | {each.encryption.key_url for each in fragments if each.encryption}


def _key(fragments: tuple[Fragment, ...]) -> str:
    """Return a digest of the parts of the URLs that stay the same when a source signs them again or
    redirects to another of its hosts."""
    digest = hashlib.sha256(str(len(fragments)).encode())
    for fragment in fragments:
        url = min((fragment.url, *fragment.alternates))  # mirrors may come in any order
        iv = fragment.encryption.iv if fragment.encryption else ""
        facts = (urlsplit(url).path, fragment.range, fragment.part, fragment.init, iv)
        digest.update(repr(facts).encode())
    return digest.hexdigest()[:32]
