"""The media playlist of one HLS stream: fetched from any of its URLs that is alive, and read
once."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from downloads.engine.core.errors import DownloadError
from downloads.engine.core.media import Stream
from downloads.engine.egress.client import Client
from downloads.engine.resolver.manifests import fetching, refusals
from downloads.engine.resolver.manifests.addresses import Headers, headers_for, join
from downloads.engine.resolver.manifests.answers import Master, MediaPlaylist
from downloads.engine.resolver.manifests.fetching import Manifest
from downloads.engine.resolver.manifests.parsing import Parser

_DEEPEST = 3  # masters within masters

Found = tuple[Manifest, MediaPlaylist]
_Asked = tuple[str, Headers]
Variables = tuple[tuple[str, str], ...]

# Lists read while resolving, for the same job's fetch, which follows at once; each is taken once.
_read_before: WeakKeyDictionary[Client, dict[_Asked, Found]] = WeakKeyDictionary()


def keep(key: _Asked, found: Found, client: Client) -> None:
    """Keep a list for the next ``take`` by this client, which then does not request it again."""
    _read_before.setdefault(client, {})[key] = found


def fetch(stream: Stream, client: Client, parser: Parser) -> Found:
    """Return the list of ``stream``, from its own URL or an alternate.

    Raises BadManifest, Protected, UnsupportedURL if it is live, Incomplete, NotMedia, and what
    fetching raises: the error of its own URL if no other is alive either.
    """
    kept = _read_before.get(client, {}).pop((stream.url, stream.headers), None)
    if kept is not None:
        return kept
    first: DownloadError | None = None
    for url in (stream.url, *stream.alternates):
        try:
            manifest = fetching.fetch(url, stream.headers, client)
            return read(manifest, stream.variables, client, parser)
        except DownloadError as error:
            first = first or error
    assert first is not None
    raise first


def read(
    manifest: Manifest,
    variables: Variables,
    client: Client,
    parser: Parser,
    *,
    may_grow: bool = False,
) -> Found:
    """Return the list in ``manifest``, followed down through nested masters, as ffmpeg does; its
    text is not kept. ``may_grow``: a list without an end mark is accepted. Raises as :func:`fetch`
    does."""
    seen = {manifest.url}
    for _ in range(_DEEPEST):
        found = parser.playlist(manifest.text, manifest.url, variables, client)
        if isinstance(found, MediaPlaylist):
            check(found, may_grow=may_grow)
            return Manifest("", manifest.url, manifest.headers), found
        url = _best(found, manifest)
        if url in seen:
            break
        seen.add(url)
        headers = headers_for(manifest.headers, manifest.url, [url])
        manifest = fetching.fetch(url, headers, client, manifest.url)
        variables = tuple(found.variables)
    raise refusals.broken("a master where a media playlist should be")


def _best(master: Master, manifest: Manifest) -> str:
    """Return the URL of a nested master's variant: the highest bandwidth with the sound in it."""
    apart = {track.group for track in master.tracks if track.kind == "AUDIO" and track.uri}
    whole = [each for each in master.variants if each.audio not in apart]
    if not whole:
        raise refusals.broken("a master within a master, without a variant that holds all")
    best = max(whole, key=lambda each: each.bandwidth or 0)
    return join(manifest.url, best.uri, data=True)


def check(playlist: MediaPlaylist, *, may_grow: bool = False) -> None:
    """Raise Protected, UnsupportedURL for a live list, Incomplete for one that holds only the end,
    NotMedia for seek pictures."""
    if playlist.protected:
        raise refusals.protected()
    if playlist.skipped:
        raise refusals.left_out(playlist.skipped)
    if not playlist.ended and not may_grow:
        raise refusals.live()
    if playlist.stills:
        raise refusals.stills()
