"""A loopback origin for streaming media: a folder, with a log, delays and failures by path."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.answers import type_of
from tests.support.file import File, Line
from tests.support.origin import Origin
from tests.support.request import Request

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

    def serve(self, path: str, data: bytes, **knobs: object) -> File:
        return super().serve(path, data, **self._dressed(path), **knobs)

    def fetches(self, path: str) -> int:
        """Return the number of requests for this path, whatever the query."""
        return self.counts[path]

    @property
    def counts(self) -> Counter[str]:
        """Requests for each path, without its query."""
        return Counter(asked.path for asked in list(self.log))

    @property
    def pieces(self) -> Counter[tuple[str, int | None]]:
        """Requests for each (path, start of the range) that is no list: one piece each."""
        split = [(asked.path, asked.start) for asked in list(self.log)]
        return Counter(pair for pair in split if not pair[0].endswith(_LISTS))

    def fail(self, path: str, status: int, times: int = 1, **headers: str) -> None:
        """Answer the next ``times`` requests for ``path`` so; then as before."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.file(path).answers.extend([(status, named)] * times)

    def file(self, path: str) -> File:
        """The knobs of ``path`` (see File): its rate, cuts, silences, redirect."""
        file = self._file(path)
        assert file is not None, path
        return file

    def answer(self, request: Request, line: Line) -> bool:
        if self.delay and self.closing.wait(self.delay):
            return False
        if not self._is_let_in(request):
            return line.refuse(request, 403)
        return super().answer(request, line)

    def find(self, request: Request) -> File | None:
        return super().find(request) or self._file(urlsplit(request.target).path)

    def _file(self, path: str) -> File | None:
        with self.lock:
            if path not in self.files:
                found = (self._root / path.lstrip("/")).resolve()
                if not (found.is_relative_to(self._root.resolve()) and found.is_file()):
                    return None
                etag = f'"{found.name}"'
                self.files[path] = File(found.read_bytes(), etag=etag, **self._dressed(path))
            return self.files[path]

    def _dressed(self, path: str) -> dict[str, Any]:
        name = urlsplit(path).path
        if not name.endswith(_LISTS):
            return {"content_type": type_of(name)}
        return {
            "content_type": type_of(name),
            "rewrite": lambda body: self._personal(body, name.endswith(".m3u8")),
        }

    def _is_let_in(self, request: Request) -> bool:
        given = request.headers.items()
        required = {name.lower(): value.lower() for name, value in self.required.items()}
        if not required.items() <= {(name, value.lower()) for name, value in given}:
            return False
        signed = request.path.endswith(_LISTS) or request.query.get("sig") == self.signature
        return signed or not self.signature

    def _personal(self, body: bytes, signs: bool) -> bytes:
        body = body.replace(b"{origin}", self.url("").encode())
        if not (self.signature and signs):
            return body
        return _URI.sub(lambda match: f"{match[0]}?sig={self.signature}", body.decode()).encode()
