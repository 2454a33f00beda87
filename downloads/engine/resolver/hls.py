"""HLS (RFC 8216): a master playlist with its variants, or a media playlist alone."""

from __future__ import annotations

import time
from dataclasses import replace

from downloads.engine.core import containers
from downloads.engine.core.errors import DownloadError, RateLimited, TransientError
from downloads.engine.core.media import (
    Format,
    Protocol,
    Quality,
    Selection,
    Source,
    Stream,
    StreamKind,
)
from downloads.engine.egress.client import Client
from downloads.engine.resolver import dead_streams, media_lists, sniff
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.living import Living, find_living
from downloads.engine.resolver.manifests import fetching
from downloads.engine.resolver.manifests.addresses import headers_for
from downloads.engine.resolver.manifests.answers import Master, MediaPlaylist
from downloads.engine.resolver.manifests.fetching import Manifest
from downloads.engine.resolver.manifests.fragmenting import (
    Fragmenting,
    container_named,
    container_of,
    listed_bytes,
)
from downloads.engine.resolver.manifests.ladder import Ladder
from downloads.engine.resolver.manifests.parsing import Parser, parser
from downloads.engine.resolver.manifests.titles import title_of
from downloads.engine.resolver.quality import select

_PAUSES = (0.5, 1.5)  # seconds between attempts at a list that is temporarily unavailable
_SLOW = 5.0  # a list that took more seconds to fail is not requested again
_PEEK = 4096  # bytes
_SOUNDS = {"aac": ("m4a", "audio/mp4", "mp4a.40.2"), "mp3": ("mp3", "audio/mpeg", "mp3")}


class HlsResolver:
    """A resolver of HLS. ``parser``: the playlist parser; by default this process's jailed one."""

    def __init__(self, parser: Parser | None = None) -> None:
        self._given = parser

    @property
    def _parser(self) -> Parser:
        return self._given or parser()

    def claims(self, url_probe: UrlProbe) -> bool:
        return sniff.is_hls(url_probe.content_type, url_probe.head)

    def resolve(self, url_probe: UrlProbe) -> Source:
        """Return the playlist as a source.

        Raises BadManifest, Protected, UnsupportedURL for a live stream, and what fetching the
        selected lists raises.
        """
        manifest = fetching.opened(url_probe)
        found = self._parser.playlist(manifest.text, manifest.url, client=url_probe.client)
        if isinstance(found, Master):
            return self._ladder(url_probe, manifest, found)
        media_lists.check(found)
        media_lists.keep((manifest.url, manifest.headers), (manifest, found), url_probe.client)
        return self._alone(url_probe, manifest, found)

    def _alone(self, url_probe: UrlProbe, manifest: Manifest, playlist: MediaPlaylist) -> Source:
        container = container_of(playlist)
        if not playlist.maps and (container == "ts" or container in _SOUNDS):
            container = _first_container(playlist, manifest, url_probe.client) or container
        sound = _SOUNDS.get(container)
        ext, mime_type, codec = sound or ("mp4", "video/mp4", None)
        offered = Format(
            id="hls",
            stream=Stream(
                url=manifest.url,
                headers=manifest.headers,
                kind=StreamKind.AUDIO if sound else StreamKind.MUXED,
                protocol=Protocol.HLS,
            ),
            ext=ext,
            mime_type=mime_type,
            audio_codec=codec,
            estimate=listed_bytes(playlist),
        )
        return Source(
            identity=f"hls:{url_probe.url}",
            title=title_of(url_probe, manifest.url, ""),
            formats=(offered,),
            duration=playlist.duration or None,
        )

    def _ladder(self, url_probe: UrlProbe, manifest: Manifest, master: Master) -> Source:
        ladder = Ladder(master, manifest.url, manifest.headers)
        offered = Source(
            identity=f"hls:{url_probe.url}",
            title=title_of(url_probe, manifest.url, master.title),
            formats=ladder.formats(0.0),
            subtitles=ladder.subtitles(),
        )
        living, lists = self._living(offered, url_probe)
        playlist = lists[living.selection.formats[0].id]
        formats = ladder.formats(playlist.duration, container_of(playlist))
        return replace(
            offered,
            formats=tuple(each for each in formats if each.id not in living.dead),
            duration=playlist.duration or None,
            notes=living.notes,
        )

    def _living(
        self, offered: Source, url_probe: UrlProbe
    ) -> tuple[Living, dict[str, MediaPlaylist]]:
        """Return the selection, or the best picture if nothing is selected yet; and the lists by
        format id."""
        lists: dict[str, MediaPlaylist] = {}

        def look(format: Format) -> None:
            dead_streams.check(format.id, url_probe.client)
            if format.id not in lists:
                lists[format.id] = self._look(format.stream, url_probe.client)

        def best(source: Source) -> Selection:
            chosen = select(source, Quality.AUTO)
            return replace(chosen, formats=chosen.formats[:1])

        return find_living(offered, url_probe.choose or best, look), lists

    def _look(self, stream: Stream, client: Client) -> MediaPlaylist:
        found = self._fetch(stream, client)
        media_lists.keep((stream.url, stream.headers), found, client)
        return found[1]

    def _fetch(self, stream: Stream, client: Client) -> media_lists.Found:
        """Fetch a list as players do, which give up a quality only if it fails repeatedly."""
        until = time.monotonic() + _SLOW
        for pause in _PAUSES:
            try:
                return media_lists.fetch(stream, client, self._parser)
            except RateLimited:
                raise
            except TransientError:
                if client.stop is None or time.monotonic() > until:
                    raise
                client.stop.wait(pause)
                client.stop.check()
        return media_lists.fetch(stream, client, self._parser)


def _first_container(playlist: MediaPlaylist, manifest: Manifest, client: Client) -> str:
    """Return the container by the bytes of the first segment, if its name says nothing or promises
    packed sound; empty if they are not available now, which fetching them will report."""
    first = Fragmenting(playlist, manifest.url).fragments()[0]
    named = container_named(first.url, "")
    if (named and named not in _SOUNDS) or first.encryption:
        return ""
    start, end = first.range or (None, None)
    headers = headers_for(manifest.headers, manifest.url, {first.url})
    try:
        with client.get(first.url, headers=headers, start=start, end=end) as response:
            return containers.container_of(response.peek(_PEEK))
    except DownloadError:
        return ""
