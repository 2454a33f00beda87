"""Acceptance of an answer: does it hold the bytes that were requested?"""

from __future__ import annotations

from downloads.engine.core.errors import BadResponse, DownloadError, ExpiredLink
from downloads.engine.egress.http_fields import error_for_status
from downloads.engine.egress.response import Response
from downloads.engine.egress.target import parse

_EXPIRED = (400, 401, 403, 410)  # of storages, for an expired signature


class OddPartial(BadResponse):
    """A 206 with other bytes than were requested, or one that does not say which it has."""

    default_message = (
        "The site sends another part of the file than was asked for. Retry later, or look for "
        "another link to it."
    )


def usable(response: Response, start: int | None, end: int | None) -> Response:
    """Return the answer to a request for bytes ``start`` up to ``end`` if it is usable; a 416 to a
    range is. Otherwise close it and raise OddPartial or its :func:`refusal`."""
    try:
        if response.status == 416 and start is not None:
            return response
        if error := refusal(response):
            raise error
        if response.status == 206 and not _fits(response, start, end):
            raise odd(response)
    except BaseException:
        response.close()
        raise
    return response


def _fits(response: Response, start: int | None, end: int | None) -> bool:
    found = response.content_range
    if found is None or start is None:
        return is_whole(response)
    return found.start == start and (end is None or found.end <= end)


def is_whole(response: Response) -> bool:
    """Return if a 206 holds all bytes of the file: browsers accept that also when they requested no
    range (whatwg/fetch#560)."""
    found = response.content_range
    return found is not None and found.start == 0 and found.end == found.total


def odd(response: Response) -> OddPartial:
    """Return the error for a 206 whose range does not fit the request."""
    content_range = response.headers.get("Content-Range", "")[:80]
    host = parse(response.url).host
    return OddPartial(f"HTTP {response.status} from {host} with Content-Range {content_range!r}")


def refusal(response: Response) -> DownloadError | None:
    """Return the error that the answer's status stands for; None for one with bytes."""
    error = error_for_status(response.status, response.headers, host=parse(response.url).host)
    if error is None or response.status not in _EXPIRED:
        return error
    from downloads.engine.egress.link_expiry import has_expired  # rarely needed

    if has_expired(response.url):
        return ExpiredLink(f"{error.detail}; the link's signature has run out")
    return error
