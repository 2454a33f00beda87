"""Feeds and players' playlists as listings to choose from."""

from __future__ import annotations

import codecs
import re
import time
from typing import Final

from downloads.engine.core.errors import BadManifest, DownloadError, Stalled
from downloads.engine.core.listing import Entry, Listing
from downloads.engine.core.media import Source
from downloads.engine.egress.client import Response
from downloads.engine.egress.first_look import open_part
from downloads.engine.egress.target import parse
from downloads.engine.resolver import naming
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.direct import DirectResolver
from downloads.engine.resolver.feeds.answer import read_entry
from downloads.engine.resolver.feeds.kinds import is_feed, is_for_players
from downloads.engine.resolver.manifests.parsing import parser

MAX_BYTES: Final = 16 * 1024 * 1024
PATIENCE: Final = 30.0  # seconds
_BLOCK: Final = 64 * 1024
_DECLARED: Final = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")
)  # fmt: skip


class FeedResolver:
    """A resolver of feeds."""

    def claims(self, url_probe: UrlProbe) -> bool:
        return is_feed(url_probe.head, url_probe.content_type, url_probe.names)

    def resolve(self, url_probe: UrlProbe) -> Source | Listing:
        """Return the films and sounds that it names, as a listing; the file itself if it names
        none.

        Raises BadManifest if it is too long or cannot be read.
        """
        text, url = _read(url_probe)
        feed = parser().feed(text, url, url_probe.start, url_probe.count, url_probe.client)
        if not feed.total:
            url_probe.close()  # it is requested again
            return DirectResolver().resolve(url_probe)
        entries = tuple(
            Entry(
                url=each.url,
                title=_line(each.title) or naming.provisional_title(each.url),
                duration=each.seconds or None,
                thumbnail_url=_web(each.thumbnail),
            )
            for each in filter(None, map(read_entry, feed.entries))
            if _web(each.url)
        )
        return Listing(
            identity=f"feed:{url_probe.url}",
            title=_line(feed.title) or naming.provisional_title(url_probe.url),
            entries=entries,
            start=url_probe.start,
            total=feed.total,
            more=url_probe.start + len(feed.entries) < feed.total,
            thumbnail_url=_web(feed.thumbnail),
            for_players=is_for_players(text),
        )


def _read(url_probe: UrlProbe) -> tuple[str, str]:
    """Return the text and its final URL."""
    response = url_probe.response
    span = response.content_range
    if span is not None and span.end != span.total:
        url_probe.close()
        response = open_part(url_probe.client, url_probe.url)
    with response:
        body = _body(response)
        return decoded(body, response.headers.get("Content-Type", "")), response.url


def _body(response: Response) -> bytes:
    body, view = bytearray(), memoryview(bytearray(_BLOCK))
    until = time.monotonic() + PATIENCE
    while count := response.read_into(view):
        body += view[:count]
        if len(body) > MAX_BYTES:
            raise BadManifest(
                f"a feed of more than {MAX_BYTES} bytes",
                message="This feed is longer than Ferry reads. Paste a link to one episode.",
            )
        if time.monotonic() > until:
            raise Stalled(f"a feed took more than {PATIENCE} s")
    return bytes(body)


def decoded(body: bytes, content_type: str) -> str:
    """Return the text: by its byte order mark, else by the header (RFC 7303, 3), else by its own
    declaration, else UTF-8; as Latin-1 if none of them fits."""
    marked = next((name for mark, name in _MARKS if body.startswith(mark)), "")
    header, declared = _CHARSET.search(content_type), _DECLARED.match(body.lstrip())
    names = (marked, header[1] if header else "", declared[1].decode() if declared else "", "utf-8")
    for name in filter(None, names):
        try:
            return body.decode(name).removeprefix("\ufeff")
        except (LookupError, UnicodeError):
            continue
    return body.decode("cp1252", "replace")


def _line(text: str) -> str:
    return " ".join(text.split())[:500]


def _web(url: str) -> str:
    """Return the URL if it is an http(s) one, else ""."""
    try:
        parse(url)
    except DownloadError:
        return ""
    return url
