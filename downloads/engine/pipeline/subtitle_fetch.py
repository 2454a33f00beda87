"""The bytes of one subtitle, fetched into a file: one piece, or several at a time."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from downloads.engine.core import disk
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import (
    ConnectionLost,
    DownloadError,
    NotMedia,
    RateLimited,
    Stalled,
    TooLarge,
)
from downloads.engine.core.media import Fragment, FragmentList, Protocol, Stream, Subtitle
from downloads.engine.egress.client import Client, Response
from downloads.engine.media.subtitles import LARGEST, SubtitlePiece, SubtitleSource
from downloads.engine.resolver import fragments, sniff
from downloads.engine.transfer.fragments import request
from downloads.engine.transfer.fragments.decryption import KEY_LENGTHS, STEP, Decryption
from downloads.engine.transfer.fragments.keys import Keys
from downloads.engine.transfer.fragments.request import EmbeddedBody
from downloads.engine.transfer.fragments.source import headers_for

_BLOCK: Final = 64 * 1024
_AT_ONCE: Final = 4  # pieces; the film's own connections come on top
_FEW: Final = 8  # pieces: up to as many are fetched one at a time
_PAUSES: Final = (0.25, 1.0)  # seconds between the attempts at one piece
_LONGEST_PAUSE: Final = 5.0
_HOPELESS: Final = 12  # pieces that fail while fewer come
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:+-]{1,40})""", re.IGNORECASE)

Headers = tuple[tuple[str, str], ...]
Deadline = Callable[[int], float]  # monotonic, for so many pieces


@dataclass(frozen=True, slots=True)
class FetchedSubtitle:
    """The outcome. ``missing`` pieces were unavailable, the first of them by ``error``; ``gaps``:
    the seconds that the source declares missing; ``listed``: those in a list without an end."""

    source: SubtitleSource
    missing: int = 0
    error: DownloadError | None = None
    gaps: float = 0.0
    listed: float | None = None


class SubtitleFetch:
    """A fetch of one subtitle. ``deadline`` is called again once the number of pieces is known."""

    def __init__(self, client: Client, stop: StopToken, deadline: Deadline) -> None:
        self._client = client
        self._stop = stop
        self._deadline = deadline

    def fetch(self, subtitle: Subtitle, path: Path) -> FetchedSubtitle:
        """Fetch it into ``path``. Raises DownloadError and Stopped."""
        self._until = self._deadline(1)
        self.check()
        if subtitle.protocol is Protocol.DASH:
            stream = Stream(
                subtitle.url,
                subtitle.headers,
                protocol=Protocol.DASH,
                representation=subtitle.representation,
            )
            return self._pieces(subtitle, fragments.load(stream, self._client), path)
        response, content = self._first(subtitle)
        if sniff.is_hls("", content[:1024]):  # a list or a file, whatever was declared
            return self._pieces(subtitle, self._list(subtitle, response, content), path)
        with disk.disk_errors():
            path.write_bytes(content)
        whole = SubtitlePiece(0, len(content), shift=subtitle.offset or 0.0)
        source = SubtitleSource(path, subtitle.ext, _charset(response), subtitle.language, (whole,))
        return FetchedSubtitle(source)

    def _first(self, subtitle: Subtitle) -> tuple[Response | EmbeddedBody, bytes]:
        """Return the answer of the first available URL. Raises the error of the last one."""
        for url in (subtitle.url, *subtitle.alternates)[:-1]:
            with contextlib.suppress(DownloadError):
                return self._get(url, subtitle.headers)
            self.check()
        return self._get((subtitle.url, *subtitle.alternates)[-1], subtitle.headers)

    def _get(self, url: str, headers: Headers) -> tuple[Response | EmbeddedBody, bytes]:
        with request.ask(self._client, Fragment(url), headers).response as response:
            return response, self._body(response, LARGEST)

    def _list(
        self, subtitle: Subtitle, response: Response | EmbeddedBody, content: bytes
    ) -> FragmentList:
        stream = Stream(
            response.url,
            response.sent_headers,
            protocol=Protocol.HLS,
            variables=subtitle.variables,
        )
        return fragments.read(content, stream, self._client)

    def _pieces(self, subtitle: Subtitle, listed: FragmentList, path: Path) -> FetchedSubtitle:
        self._until = self._deadline(len(listed.fragments))
        with disk.disk_errors(), path.open("wb") as file:
            had = _Pieces(self, listed, file).fetch()
        kept = tuple(piece for piece in had.pieces if piece is not None)
        source = SubtitleSource(path, subtitle.ext, had.charset, subtitle.language, kept, had.parts)
        gaps = sum(length for _, length in listed.gaps)
        length = None if listed.ended else listed.duration
        return FetchedSubtitle(source, len(had.pieces) - len(kept), had.error, gaps, length)

    def read(self, fragment: Fragment, listed: FragmentList, keys: Keys) -> tuple[bytes, str]:
        """Return the plain bytes of one piece, and its declared charset."""
        decryption = None
        if fragment.encryption is not None:
            key_url = fragment.encryption.key_url
            method = fragment.encryption.method
            own, length = headers_for(key_url, listed), KEY_LENGTHS[method]
            key = keys.get(key_url, own, listed.url, length)
            decryption = Decryption(key, fragment.encryption.iv, method)
        answer = request.ask(self._client, fragment, headers_for(fragment.url, listed), listed.url)
        with answer.response as response:
            content = self._body(response, answer.end or LARGEST, cut=answer.end is not None)
        if answer.end is not None and len(content) < answer.end:
            raise ConnectionLost(f"the body ended {answer.end - len(content)} bytes early")
        content = content[answer.skip :]
        if decryption is not None:
            view = memoryview(content)
            blocks = [decryption.update(view[at : at + STEP]) for at in range(0, len(view), STEP)]
            content = b"".join([*blocks, decryption.finish()]) if content else b""
        if sniff.is_page("", content[:1024]):  # an error with 200, which may pass
            raise NotMedia("a page in place of a piece of subtitles")
        return content, _charset(response)

    def _body(self, response: Response | EmbeddedBody, most: int, *, cut: bool = False) -> bytes:
        """Return the body. ``cut``: stop after ``most`` bytes; else more is an error."""
        buffer = memoryview(bytearray(_BLOCK))
        content = bytearray()
        while len(content) < most or not cut:
            self.check()
            if not (count := response.read_into(buffer)):
                break
            content += buffer[:count]
            if len(content) > most and not cut:
                raise TooLarge(f"more than {most} bytes")
        return bytes(content[:most])

    def check(self) -> None:
        """Raise Stopped, and Stalled after the deadline."""
        self._stop.check()
        self._stop.beat()
        if time.monotonic() > self._until:
            raise Stalled("subtitles took more than their time")

    def pause(self, seconds: float) -> None:
        self._stop.wait(min(seconds, _LONGEST_PAUSE))
        self.check()

    @property
    def client(self) -> Client:
        return self._client


class _Pieces:
    """The pieces of one list; ``pieces`` by their index, None for a missing one."""

    def __init__(self, fetch: SubtitleFetch, listed: FragmentList, file: BinaryIO) -> None:
        self._fetch = fetch
        self._listed = listed
        self._file = file
        self._keys = Keys(fetch.client)
        self._lock = threading.Lock()
        self._size = 0
        self._failed = self._had = 0
        self.pieces: list[SubtitlePiece | None] = [None] * len(listed.fragments)
        self.charset = ""
        self.error: DownloadError | None = None
        numbers = dict.fromkeys(fragment.part for fragment in listed.fragments)
        self._parts = {number: place for place, number in enumerate(numbers)}
        self.parts = len(numbers)

    def fetch(self) -> _Pieces:
        """Fetch all pieces. Raises the first error if none, or if not even an MP4's header, is
        available."""
        begins, at = [], 0.0
        for fragment in self._listed.fragments:
            begins.append(at)
            at += fragment.duration
        workers = _AT_ONCE if len(begins) > _FEW else 1
        with ThreadPoolExecutor(workers, thread_name_prefix="subtitle") as threads:
            jobs = [threads.submit(self._take, place, at) for place, at in enumerate(begins)]
            try:
                for job in jobs:
                    job.result()
            finally:
                threads.shutdown(cancel_futures=True)
        if self.error is not None and not self._had:
            raise self.error
        return self

    def _take(self, place: int, at: float) -> None:
        fragment = self._listed.fragments[place]
        try:
            content, charset = self._ask(fragment)
        except DownloadError as error:
            if fragment.optional:
                content, charset = b"", ""
            else:
                self._give_up(fragment, error)
                return
        with self._lock:
            if self._size + len(content) > LARGEST:
                raise TooLarge(f"more than {LARGEST} bytes")
            self._file.write(content)
            self.pieces[place] = SubtitlePiece(
                self._size, len(content), at, self._parts[fragment.part], fragment.offset or 0.0
            )
            self._size += len(content)
            self._had += 1
            self.charset = self.charset or charset

    def _ask(self, fragment: Fragment) -> tuple[bytes, str]:
        """Request a piece, again after a pause, and from another mirror if there is one."""
        urls = (fragment.url, *fragment.alternates)
        for attempt, pause in enumerate(_PAUSES):
            self._fetch.check()
            copy = replace(fragment, url=urls[attempt % len(urls)])
            try:
                return self._fetch.read(copy, self._listed, self._keys)
            except TooLarge:
                raise
            except DownloadError as error:
                wait = (error.retry_after or 1.0) if isinstance(error, RateLimited) else pause
                self._fetch.pause(wait)
        last = replace(fragment, url=urls[len(_PAUSES) % len(urls)])
        return self._fetch.read(last, self._listed, self._keys)

    def _give_up(self, fragment: Fragment, error: DownloadError) -> None:
        """Note a missing piece, or raise: one piece of many is a gap; without its header or most of
        its pieces, the subtitle is lost."""
        self._fetch.check()
        with self._lock:
            self._failed += 1
            self.error = self.error or error
            if fragment.init or (self._failed > _HOPELESS and self._failed > self._had):
                raise self.error


def _charset(response: Response | EmbeddedBody) -> str:
    found = _CHARSET.search(response.headers.get("Content-Type", ""))
    return found[1] if found else ""
