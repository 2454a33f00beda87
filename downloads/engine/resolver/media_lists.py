"""The media playlist of one HLS stream: fetched from wherever it is alive, and read once."""

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

# What resolving has read, for the same job's fetch, which follows at once: each is had once.
_read_before: WeakKeyDictionary[Client, dict[_Asked, Found]] = WeakKeyDictionary()


def keep(asked: _Asked, found: Found, client: Client) -> None:
    """The next ``take`` of it by this client need not ask the source again."""
    _read_before.setdefault(client, {})[asked] = found


def fetch(stream: Stream, client: Client, parser: Parser) -> Found:
    """The list that ``stream`` means, by its own URL or where it is too.

    Raises BadManifest, Protected, UnsupportedURL where it is live, Incomplete, NotMedia, and what
    fetching raises: the error of its own URL where no other is alive either.
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
    """The list in ``manifest``, or down through masters within masters, as ffmpeg goes; its text
    is not kept. ``may_grow``: one that does not say that it has ended is taken as it is. Raises
    as :func:`fetch`."""
    seen = {manifest.url}
    for _ in range(_DEEPEST):
        found = parser.playlist(manifest.text, manifest.url, variables, client.stop)
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
    """Of a master within a master: its variant of most bits, where it holds the sound too."""
    apart = {track.group for track in master.tracks if track.kind == "AUDIO" and track.uri}
    whole = [each for each in master.variants if each.audio not in apart]
    if not whole:
        raise refusals.broken("a master within a master, without a variant that holds all")
    best = max(whole, key=lambda each: each.bandwidth or 0)
    return join(manifest.url, best.uri, data=True)


def check(playlist: MediaPlaylist, *, may_grow: bool = False) -> None:
    """Raises Protected, UnsupportedURL for what is live, Incomplete for what is the end of a list
    alone, NotMedia for pictures to seek by."""
    if playlist.protected:
        raise refusals.protected()
    if playlist.skipped:
        raise refusals.left_out(playlist.skipped)
    if not playlist.ended and not may_grow:
        raise refusals.live()
    if playlist.stills:
        raise refusals.stills()
