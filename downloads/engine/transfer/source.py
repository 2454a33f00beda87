"""The current address of the bytes: it moves with redirects and with expired links."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import (
    LINK_REFUSED,
    DownloadError,
    NotMedia,
    SourceChanged,
    UnsupportedURL,
)
from downloads.engine.core.media import Validators
from downloads.engine.egress.client import Response
from downloads.engine.egress.first_look import open_file
from downloads.engine.transfer import http
from downloads.engine.transfer.http import Version
from downloads.engine.transfer.request import FileRequest

Place = tuple[str, tuple[tuple[str, str], ...]]


class TransferSource:
    """An opener of responses, used by several connections at a time.

    ``refresh`` resolves the content again and returns a stream whose link works. It is called from
    a connection's thread, by one at a time, at most ``config.refreshes`` times with no answer in
    between: a link that lasts for minutes is renewed as often as a long transfer needs.

    ``inspect`` gets each new answer with the file from zero on, and raises NotMedia if it is not
    the file: expired links are answered with pages, too.
    """

    def __init__(self, request: FileRequest) -> None:
        stream = request.stream
        self._stream = stream
        self._inspect = request.inspect
        self._client = request.client
        self._refresh = request.refresh
        self._refreshes = self._left = request.config.refreshes
        self._place: Place = (stream.url, stream.headers)
        self._kind: str | None = None  # media type of the first answer
        self._lock = threading.Lock()
        self.opening = 0.0  # seconds that the first answer took

    @property
    def chunk_size(self) -> int | None:
        """Return the longest range that the source allows in one request; None if it sets no
        limit."""
        return self._stream.chunk_size

    def open_parked(self) -> tuple[Response, Version] | None:
        """Return the answer of the first look, if it waits for this transfer. Never waits."""
        parked = self._client.parked.take(*self._place)
        return None if parked is None else self._opened(parked)

    def open_whole(self) -> tuple[Response, Version]:
        began = time.monotonic()
        response = self._open(self._first, None)
        self.opening = time.monotonic() - began
        return self._opened(response)

    def _opened(self, response: Response) -> tuple[Response, Version]:
        self._kind = http.media_type(response)
        # The final URL after redirects: later segments go there directly.
        self._place = (response.url, response.sent_headers)
        return response, Version(response.validators, response.accepts_ranges)

    def _first(self, place: Place) -> Response:
        url, headers = place
        if parked := self._client.parked.take(url, headers):
            return parked  # it was inspected when it came
        response = open_file(self._client, url, headers=headers, end=self.chunk_size)
        try:
            self._refuse_message(response, self._stream.validators)
            if self._inspect is not None:
                self._inspect(response)
        except BaseException:
            response.close()
            raise
        return response

    def _refuse_message(self, response: Response, validators: Validators) -> None:
        """Raise NotMedia for a page or a message in place of the file: "too many connections",
        "this link has expired". It belongs to no version, and is no newer one."""
        kind = http.media_type(response)
        if kind not in http.MESSAGES or kind == self._kind or http.has_validator(response):
            return
        if self._kind is not None or validators.if_range is not None:
            raise http.message_instead(response, kind)

    def open_range(self, byte_range: ByteRange, version: Version) -> Response:
        def ask(place: Place) -> Response:
            refuse = functools.partial(self._refuse_message, validators=version.validators)
            return http.open_range(self._client, *place, byte_range, version, refuse)

        return self._open(ask, version)

    def note_no_ranges(self) -> None:
        """Request all of it from now on: its ranges cannot be trusted."""
        self._client.memory.note_no_ranges(self._stream.url, self._place[0])

    def _open(self, ask: Callable[[Place], Response], version: Version | None) -> Response:
        refused = 0
        while True:
            place = self._place
            try:
                response = ask(place)
                self._left = self._refreshes
                return response
            except (*LINK_REFUSED, NotMedia) as error:
                refused += 1
                if refused > 2 * (self._refreshes + 1):  # this range alone, whatever the link
                    raise
                self._renew(place, version, error)

    def _renew(self, place: Place, version: Version | None, error: DownloadError) -> None:
        """Find another address than the refused one, or raise the refusal."""
        with self._lock:
            if self._place != place:
                return  # another opener has been here
            original = (self._stream.url, self._stream.headers)
            if place != original:
                self._place = original
                return
            if self._refresh is None or self._left == 0:
                raise error
            self._left -= 1
            try:
                fresh = self._refresh()
            except UnsupportedURL:
                raise error from None  # resolving found a page, too
            self._stream, self._place = fresh, (fresh.url, fresh.headers)
        if version and (parked := self._client.parked.take(*self._place)):
            parked.close()  # it begins at zero
        if version and not http.same_version(fresh.validators, version.validators):
            raise SourceChanged("the new link leads to another version")
