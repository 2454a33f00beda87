"""The first request of a URL: a ladder of attempts, the same everywhere.

A source that refuses a range, or answers with an invalid one, is asked once more for all of it, as
browsers, curl and wget ask; one that forbids that too, with a Referer, as a browser sends it. Each
rung is one request, and none is repeated here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import (
    BadResponse,
    DownloadError,
    RateLimited,
    Stalled,
    TransientError,
    Unavailable,
)
from downloads.engine.egress.acceptance import is_whole, odd, refusal
from downloads.engine.egress.error_mapping import HungUp
from downloads.engine.egress.referrer import referrer

if TYPE_CHECKING:
    from downloads.engine.egress.client import Client
    from downloads.engine.egress.response import Response
    from downloads.engine.egress.rules import HeaderList

# Refusals of frequent requests, or of a proxy. Any other may be of the Range header alone
# (bezzad/Downloader#220, AntennaPod/AntennaPod#2550), unless a Retry-After stands beside it.
_NOT_OF_THE_RANGE = frozenset({407, 429, 509})
_FORBIDDEN = 403

_Span = tuple[int, int | None] | None


def open_file(
    client: Client,
    url: str,
    *,
    headers: Iterable[tuple[str, str]] = (),
    end: int | None = None,
    page: str = "",
) -> Response:
    """Return the answer with a file from zero on, requested as a range to learn if ranges are
    served.

    It holds all of the file, or its beginning if the rest can be joined to it (a total and a
    validator); at most ``end`` bytes are requested. A parked answer is taken first. ``page``: the
    URL of the page or list that named this one. Raises the error of the first refusal, and what
    ``Client.ask`` raises.
    """
    headers = tuple(headers)
    parked = client.parked.take(url, headers)
    return parked or _Ladder(client, url, headers, page, (0, end), as_file=True).climb()


def open_part(
    client: Client,
    url: str,
    *,
    headers: Iterable[tuple[str, str]] = (),
    span: ByteRange | None = None,
    page: str = "",
) -> Response:
    """Return the answer with the bytes ``span`` of a URL: a 206 with at least these, by its
    ``content_range``, or the whole body; the whole body if ``span`` is None.

    For what is read and put together: lists, keys, fragments. Otherwise as :func:`open_file`.
    """
    return _Ladder(client, url, tuple(headers), page, span, as_file=False).climb()


def open_plainly(client: Client, url: str, response: Response) -> Response:
    """Return the answer to a request without a Range, in place of ``response``, which is closed.

    ``response`` itself is returned if no Range was requested. Otherwise as :func:`open_file`.
    """
    if client.memory.refuses_ranges(url):
        return response
    response.close()
    client.memory.note_no_ranges(url)
    return open_file(client, url)


class _Refused(NamedTuple):
    """A refused attempt. ``status`` is 0 if no answer came."""

    error: DownloadError
    status: int
    way: str


class _Ladder:
    """The attempts at one URL. ``span``: the bytes to request; None for all."""

    def __init__(
        self,
        client: Client,
        url: str,
        headers: HeaderList,
        page: str,
        span: _Span,
        *,
        as_file: bool,
    ) -> None:
        self._client = client
        self._url = url
        self._headers = headers
        self._page = page or url
        self._span = span
        self._as_file = as_file
        self._refused: list[_Refused] = []

    def climb(self) -> Response:
        memory, url, headers = self._client.memory, self._url, self._headers
        with_referer = self._with_referer(referrer(self._page, url))
        if with_referer and (known := memory.referer_for(url)):
            headers, with_referer = self._with_referer(known), ()
        span = None if memory.refuses_ranges(url) else self._span
        response = self._ask(span, headers, "plainly" if span is None else "with a Range")
        if response is None and span is not None and self._may_be_of_the_range():
            response = self._ask_plainly(headers)
        if response is None and with_referer and self._is_forbidden():
            response = self._ask_with_referer(span, with_referer)
        if response is None:
            raise self._error()
        return response

    def _ask_plainly(self, headers: HeaderList) -> Response | None:
        response = self._ask(None, headers, "plainly")
        if response is not None:
            self._client.memory.note_no_ranges(self._url, response.url)
        elif self._refused[-1].status == self._refused[-2].status:
            self._client.memory.note_refuses_anyway(self._url)
        return response

    def _ask_with_referer(self, span: _Span, headers: HeaderList) -> Response | None:
        """Ask with a Referer, unless one was in vain before at this origin."""
        memory, value = self._client.memory, headers[-1][1]
        if memory.is_vain(value, self._url):
            return None
        response = self._ask(span, headers, "with a Referer")
        if response is None:
            memory.note_vain(value, self._url)
        else:
            memory.note_referer(value, self._url, response.url)
        return response

    def _ask(self, span: _Span, headers: HeaderList, way: str) -> Response | None:
        """Return the answer, None if it was noted as refused."""
        start, end = span or (None, None)
        try:
            response = self._client.ask(
                self._url, headers=headers, start=start, end=end, as_file=self._as_file
            )
        except TransientError as error:
            if not self._refused and (span is None or not self._may_be_refusal(error)):
                raise
            self._refused.append(_Refused(error, 0, way))
            return None
        try:
            refused = refusal(response) or self._misfit(response, span)
        except BaseException:
            response.close()
            raise
        if refused is None:
            return response
        response.close()
        self._refused.append(_Refused(refused, response.status, way))
        return None

    def _may_be_refusal(self, error: DownloadError) -> bool:
        """Return if a source may mean by this error that it refuses a range: it hangs up, sends no
        HTTP, or is silent."""
        silent = self._as_file and isinstance(error, Stalled)
        return silent or isinstance(error, (HungUp, BadResponse))

    def _misfit(self, response: Response, span: _Span) -> DownloadError | None:
        if response.status != 206 or is_whole(response):
            return None
        if span is None:
            return odd(response)
        start, end = span
        holds = _goes_on(response) if end is None or self._as_file else _holds(response, start, end)
        return None if holds else odd(response)

    def _may_be_of_the_range(self) -> bool:
        """Return if the Range header may be the reason, unless that was disproved before."""
        last = self._refused[-1]
        waits = last.error.retry_after is not None or isinstance(last.error, RateLimited)
        known = last.status != 206 and self._client.memory.refuses_anyway(self._url)
        return last.status not in _NOT_OF_THE_RANGE and not waits and not known

    def _is_forbidden(self) -> bool:
        last = self._refused[-1]
        return last.status == _FORBIDDEN and isinstance(last.error, Unavailable)

    def _with_referer(self, value: str) -> HeaderList:
        """Return the headers with a Referer; none if there is one, or a browser would send none."""
        if not value or any(name.lower() == "referer" for name, _ in self._headers):
            return ()
        return (*self._headers, ("Referer", value))

    def _error(self) -> DownloadError:
        """Return the first refusal, which led to the other attempts; one with a time to retry goes
        first."""
        causes = [each for each in self._refused if each.status != 416] or self._refused
        waits = (each.error for each in causes if isinstance(each.error, RateLimited))
        error = next(waits, causes[0].error)
        if len(self._refused) > 1:
            error.detail = "; ".join(f"{each.way}: {each.error.detail}" for each in self._refused)
        return error


def _goes_on(response: Response) -> bool:
    """Return if this is the beginning of a file whose rest can be joined to it."""
    found, validators = response.content_range, response.validators
    # Of a coded part it is unknown if its numbers count plain or coded bytes.
    pinned = validators.size is not None and validators.if_range is not None
    return found is not None and found.start == 0 and pinned and not response.coded


def _holds(response: Response, start: int, end: int) -> bool:
    found = response.content_range
    if found is None:
        return False
    if not response.coded:
        return found.start <= start and end <= found.end
    # A range of the plain bytes, compressed on its way: it unfolds to exactly that many, or fails.
    if (found.start, found.end) != (start, end) or response.coded_length == found.length:
        return False
    response.expect(found.length)
    return True
