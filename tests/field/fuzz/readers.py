"""The pure readers of what sources send, each with inputs to begin with.

A reader returns or raises what its callers expect of a bad input; all else is a defect.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from downloads.engine.core.errors import DownloadError
from downloads.engine.egress import cookies, http_fields, set_cookie, target
from downloads.engine.egress.head import HeadReader
from downloads.engine.egress.raw_response import read_answer
from downloads.engine.egress.response import Response
from downloads.engine.egress.socket_reader import SocketReader
from downloads.engine.media import subtitle_child
from downloads.engine.resolver import naming, sniff
from downloads.engine.resolver.manifests import mpd, playlist
from downloads.engine.resolver.manifests.answers import (
    MediaPlaylist,
    read_playlist,
    read_presentation,
)
from downloads.engine.resolver.manifests.errors import (
    ManifestError,
    ManifestTooLarge,
    UnsupportedScheme,
)
from downloads.engine.resolver.manifests.fragmenting import Fragmenting
from tests.field.fuzz import seeds

URL = "http://media.example/a/list?x=1"
MAX_HEAD = 256 * 1024


@dataclass(frozen=True)
class Target:
    read: Callable[[bytes, random.Random], object]
    inputs: tuple[bytes, ...]
    words: tuple[bytes, ...]
    errors: tuple[type[Exception], ...] = field(default=())


class Defect(Exception):
    """A reader that contradicts itself."""


def hls(data: bytes, _: random.Random) -> None:
    answer = playlist.read(data.decode("utf-8", "replace"), URL, [("base", "/x")])
    found = read_playlist(_through_the_pipe(answer))
    if isinstance(found, MediaPlaylist):
        times = [each.duration for each in Fragmenting(found, URL).fragments()]
        if not all(each is None or each >= 0 for each in times):
            raise Defect(f"a negative length: {min(filter(None, times))}")


def dash(data: bytes, rng: random.Random) -> None:
    text = data.decode("utf-8", "replace")
    found = read_presentation(_through_the_pipe(mpd.read(text, URL, "", {})))
    if found.representations:
        chosen = rng.choice(found.representations).id
        read_presentation(_through_the_pipe(mpd.read(text, URL, chosen, {})))


def head(data: bytes, rng: random.Random) -> None:
    whole, parts = _heads(data, [len(data)]), _heads(data, _cuts(rng, len(data)))
    if whole != parts:
        raise Defect(f"read at once {whole!r}, read in parts {parts!r}")
    if not isinstance(whole, str):
        for name, value in whole.fields:
            http_fields.parse_content_range(value)
            http_fields.retry_after(value)
            http_fields.http_date(value)
            set_cookie.parse_set_cookie(value, 0.0)
            naming.name_from_disposition(value)
            _follow(value)
            naming.Names.of(value, URL, f"http://media.example/{name}").best  # noqa: B018


def body(data: bytes, _: random.Random) -> None:
    """A whole answer off a socket: head, framing, codings."""
    near, far = socket.socketpair()
    with near, far:
        far.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            far.send(data)
        far.close()
        reader = SocketReader(near, None)
        reader.arm(5)
        response = Response(
            target.parse("http://media.example/film.mp4"), read_answer(reader, MAX_HEAD),
            address=("192.0.2.1", 80), sent_headers=(), read_timeout=5, release=lambda _: None,
        )  # fmt: skip
        block = memoryview(bytearray(65536))
        total = 0
        while count := response.read_into(block):
            total += count
            if total > 500 * len(data) + 1_000_000:
                raise Defect(f"{total} bytes of {len(data)}")


def subtitles(data: bytes, rng: random.Random) -> None:
    cut = sorted((0, rng.randint(0, len(data)), len(data)))
    pieces = [
        {"offset": a, "size": b - a, "at": 0.0, "part": 0, "shift": 0.0}
        for a, b in itertools.pairwise(cut)
    ]
    told: dict[str, Any] = {
        "kind": rng.choice(("vtt", "ttml", "srt", "")), "charset": "", "language": "en",
        "pieces": pieces, "starts": [], "length": 60.0, "parts": [],
    }  # fmt: skip
    _, made = subtitle_child.convert(data, told)
    if not made.startswith("WEBVTT"):
        raise Defect(made[:80])


def page(data: bytes, _: random.Random) -> None:
    """Return the type found by a file's first bytes."""
    for kind in ("", "text/html", "video/mp4", "application/octet-stream", "text/xml"):
        sniff.text_of(data)
        sniff.true_type(kind, data)
        sniff.is_page(kind, data)
        sniff.is_manifest(kind, data)
    naming.clean_name(data.decode("latin-1"))
    with contextlib.suppress(ValueError):
        cookies.load(data.decode("latin-1"))


def _follow(location: str) -> None:
    with contextlib.suppress(DownloadError):
        target.follow(target.parse(URL), location)


def _through_the_pipe(answer: object) -> Any:
    return json.loads(json.dumps(answer, allow_nan=False))


def _heads(data: bytes, ends: list[int]) -> Any:
    """The head; the error's class where there is none, "" where more is wanted."""
    reader, first = HeadReader(), 0
    for end in ends:
        try:
            found = reader.feed(data[first:end])
        except DownloadError as error:
            return type(error).__name__
        if found is not None:
            return found
        first = end
    return ""


def _cuts(rng: random.Random, size: int) -> list[int]:
    return [*sorted(rng.randint(0, size) for _ in range(rng.choice((1, 3, 30)))), size]


MANIFEST_ERRORS = (ManifestError, ManifestTooLarge, UnsupportedScheme, DownloadError)
TARGETS: dict[str, Target] = {
    "hls": Target(hls, seeds.HLS, seeds.HLS_WORDS, MANIFEST_ERRORS),
    "dash": Target(dash, seeds.DASH, seeds.DASH_WORDS, MANIFEST_ERRORS),
    "head": Target(head, seeds.HEADS, seeds.HEAD_WORDS, ()),
    "body": Target(body, seeds.BODIES, seeds.HEAD_WORDS, (DownloadError,)),
    # one piece's errors are its own: the child names them and keeps the others
    "subtitles": Target(subtitles, seeds.SUBTITLES, seeds.SUBTITLE_WORDS, (Exception,)),
    "page": Target(page, seeds.PAGES, seeds.PAGE_WORDS, ()),
}
SHARES = {"hls": 30, "dash": 25, "head": 15, "body": 10, "subtitles": 12, "page": 8}  # percent
