"""HLS (RFC 8216): a master playlist with its variants, or a media playlist alone."""

from __future__ import annotations

from downloads.engine.core.errors import Unavailable
from downloads.engine.core.media import Format, Protocol, Source, Stream, StreamKind
from downloads.engine.egress.client import Client
from downloads.engine.resolver import sniff
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.manifests import fetching, refusals
from downloads.engine.resolver.manifests.addresses import headers_for
from downloads.engine.resolver.manifests.answers import Master, MediaPlaylist
from downloads.engine.resolver.manifests.fetching import Manifest
from downloads.engine.resolver.manifests.fragmenting import container_of, listed_bytes
from downloads.engine.resolver.manifests.ladder import Ladder
from downloads.engine.resolver.manifests.parsing import Parser, parser
from downloads.engine.resolver.manifests.titles import title_of

_TRIED = 3  # variants of which one has to be there
_SOUNDS = {"aac": ("m4a", "audio/mp4", "mp4a.40.2"), "mp3": ("mp3", "audio/mpeg", "mp3")}


class HlsResolver:
    """``given``: whom to ask what is in a playlist; by default the jail of this process."""

    def __init__(self, given: Parser | None = None) -> None:
        self._given = given

    @property
    def _parser(self) -> Parser:
        return self._given or parser()

    def claims(self, url_probe: UrlProbe) -> bool:
        return sniff.is_hls(url_probe.content_type, url_probe.head)

    def resolve(self, url_probe: UrlProbe) -> Source:
        """Raises BadManifest, UnsupportedURL for what is live or protected, and what fetching
        the first of a master's media playlists raises."""
        manifest = fetching.opened(url_probe)
        found = self._parser.playlist(manifest.text, url_probe.client.stop)
        if isinstance(found, MediaPlaylist):
            check(found)
            fetching.keep(manifest, url_probe.client)
            return self._alone(url_probe, manifest, found)
        if found.protected:
            raise refusals.protected()
        return self._ladder(url_probe, manifest, found)

    def _alone(self, url_probe: UrlProbe, manifest: Manifest, playlist: MediaPlaylist) -> Source:
        sound = _SOUNDS.get(container_of(playlist))
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
        if not ladder.urls:
            raise refusals.broken("a master without variants")
        playlist = self._first(ladder.urls, manifest, url_probe.client)
        return Source(
            identity=f"hls:{url_probe.url}",
            title=title_of(url_probe, manifest.url, master.title),
            formats=ladder.formats(playlist.duration),
            duration=playlist.duration or None,
            subtitles=ladder.subtitles(),
        )

    def _first(self, urls: tuple[str, ...], manifest: Manifest, client: Client) -> MediaPlaylist:
        """The first media playlist that is there: how long it is, live or not, protected."""
        for place, url in enumerate(urls):
            headers = headers_for(manifest.headers, manifest.url, [url])
            try:
                read, found = media_playlist(url, headers, client, self._parser)
            except Unavailable:
                if place + 1 in (_TRIED, len(urls)):
                    raise
            else:
                fetching.keep(read, client)
                return found
        raise refusals.broken("no variant")


def media_playlist(
    url: str, headers: tuple[tuple[str, str], ...], client: Client, asked: Parser
) -> tuple[Manifest, MediaPlaylist]:
    """A media playlist that can be downloaded. Raises BadManifest where a master is there
    (a list that includes itself), UnsupportedURL where it is live or protected."""
    manifest = fetching.fetch(url, headers, client)
    found = asked.playlist(manifest.text, client.stop)
    if isinstance(found, Master):
        raise refusals.broken("a master where a media playlist should be")
    check(found)
    return manifest, found


def check(playlist: MediaPlaylist) -> None:
    """Raises UnsupportedURL, with a sentence, for what is live or protected."""
    if playlist.protected:
        raise refusals.protected()
    if not playlist.ended:
        raise refusals.live()
