"""Playlists by text, at an origin of their own."""

from __future__ import annotations

from downloads.engine.core.media import Fragment, FragmentList, Protocol, Source, Stream
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from tests.engine.resolver.manifests.reading import resolve
from tests.support.streaming.origin import StreamingOrigin

LIST = "#EXTM3U\n#EXTINF:4.5,\n1.ts\n#EXTINF:4.5,\n2.ts\n#EXT-X-ENDLIST\n"


class Served:
    """Playlists by text, at ``/film/<name>``."""

    def __init__(self, origin: StreamingOrigin, client: Client, parser: Parser) -> None:
        self._origin, self._client, self._parser = origin, client, parser
        self.put("list.m3u8", LIST)

    def put(self, name: str, text: str) -> str:
        self._origin.serve(f"/film/{name}", text.encode())
        return self._origin.url(f"/film/{name}")

    def resolve(self, text: str, name: str = "master.m3u8") -> Source:
        return resolve(self.put(name, text), self._client, self._parser)


def master(*lines: str) -> str:
    return "\n".join(("#EXTM3U", *lines)) + "\n"


class Loader:
    """Loads the lines of a media playlist."""

    def __init__(self, origin: StreamingOrigin, client: Client, parser: Parser) -> None:
        self._origin, self._client, self._parser = origin, client, parser

    def load(self, *lines: str) -> FragmentList:
        text = "\n".join(("#EXTM3U", *lines, "#EXT-X-ENDLIST\n"))
        self._origin.serve("/d/list.m3u8", text.encode())
        stream = Stream(self._origin.url("/d/list.m3u8"), protocol=Protocol.HLS)
        return load(stream, self._client, self._parser)

    def __call__(self, *lines: str) -> list[Fragment]:
        return list(self.load(*lines).fragments)
