"""A loopback origin for streaming media: a folder, with a log, delays and failures by path."""

from __future__ import annotations

import re
import socket
from collections import Counter
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs, urlsplit

from tests.support.origin import Asked, File, Origin, _reply

_TYPES = {
    ".aac": "audio/aac",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".key": "application/octet-stream",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4a": "audio/mp4",
    ".m4s": "video/iso.segment",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".mpd": "application/dash+xml",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt",
    ".webm": "video/webm",
}
_LISTS = (".m3u8", ".mpd")
_URI = re.compile(r'(?m)^([^#\s].*)$|(?<=URI=")([^"]+)')


class StreamingOrigin(Origin):
    """Serves ``root`` and what tests add by ``serve(path, data, ...)`` (same path: theirs wins).

    ``delay``: seconds before each answer. ``required``: headers without which it says 403.
    ``signature``: where set, everything but lists wants ``?sig=<it>``, else 403, and HLS lists
    are served with it in every URI; change it and what was given out before has expired.
    ``{origin}`` in a list is replaced by this origin's address.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.delay = 0.0
        self.required: dict[str, str] = {}
        self.signature = ""
        super().__init__()

    def fetches(self, path: str) -> int:
        """Return the number of requests for this path, whatever the query."""
        return self.counts[path]

    @property
    def counts(self) -> Counter[str]:
        """Requests for each path, without its query."""
        return Counter(urlsplit(asked.path).path for asked in list(self.log))

    @property
    def pieces(self) -> Counter[tuple[str, int | None]]:
        """Requests for each (path, start of the range) that is no list: one piece each."""
        split = [(urlsplit(asked.path).path, asked.start) for asked in list(self.log)]
        return Counter(pair for pair in split if not pair[0].endswith(_LISTS))

    def fail(self, path: str, status: int, times: int = 1, **headers: str) -> None:
        """Answer the next ``times`` requests for ``path`` so; then as before."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        file = self._file(path)
        assert file is not None, path
        file.answers.extend([(status, named)] * times)

    def file(self, path: str) -> File:
        """The knobs of ``path`` (see File): its rate, cuts, silences, redirect."""
        file = self._file(path)
        assert file is not None, path
        return file

    def _answer(self, connection: socket.socket, head: str) -> bool:
        if self.delay and self._closing.wait(self.delay):
            return False
        parts = urlsplit(head.split(" ", 2)[1])
        self._file(parts.path)
        if (refused := self._refused(parts.path, parts.query, head)) is not None:
            with self._lock:
                self.log.append(refused)
            return _reply(connection, refused, 403, {})
        if parts.path in self.files and parts.query:
            self.files[f"{parts.path}?{parts.query}"] = self.files[parts.path]
        return super()._answer(connection, head)

    def _file(self, path: str) -> File | None:
        with self._lock:
            if path not in self.files:
                found = (self._root / path.lstrip("/")).resolve()
                if not (found.is_relative_to(self._root.resolve()) and found.is_file()):
                    return None
                self.files[path] = File(found.read_bytes(), etag=f'"{found.name}"')
            return self.files[path]

    def _refused(self, path: str, query: str, head: str) -> Asked | None:
        lines = [line.lower() for line in head.split("\r\n")]
        wanted = [f"{name}: {value}".lower() for name, value in self.required.items()]
        signed = path.endswith(_LISTS) or parse_qs(query).get("sig", [""])[0] == self.signature
        if all(each in lines for each in wanted) and (signed or not self.signature):
            return None
        return Asked(f"{path}?{query}" if query else path, None, None, None, {})

    def _send(
        self,
        connection: socket.socket,
        asked: Asked,
        file: File,
        status: int,
        headers: dict[str, str],
        body: bytes,
    ) -> bool:
        suffix = PurePosixPath(urlsplit(asked.path).path).suffix
        headers.setdefault("Content-Type", _TYPES.get(suffix, "application/octet-stream"))
        if suffix in _LISTS:
            # Rewritten as a whole: a list is asked for whole, or from its first byte.
            body = self._personal(body, suffix)
            if status == 206:
                headers["Content-Range"] = f"bytes 0-{len(body) - 1}/{len(body)}"
        return super()._send(connection, asked, file, status, headers, body)

    def _personal(self, body: bytes, suffix: str) -> bytes:
        body = body.replace(b"{origin}", self.url("").encode())
        if not self.signature or suffix != ".m3u8":
            return body
        signed = _URI.sub(lambda match: f"{match[0]}?sig={self.signature}", body.decode())
        return signed.encode()
