"""Judgement of an answer: is it the requested bytes, of the known version?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import BadResponse, NotMedia, SourceChanged, Unavailable
from downloads.engine.core.media import Validators
from downloads.engine.egress.acceptance import odd, refusal
from downloads.engine.egress.client import Client, Response
from downloads.engine.egress.target import parse

# Media types of messages that servers send in place of a file.
MESSAGES: Final = frozenset(
    {
        "application/json",
        "application/problem+json",
        "application/xhtml+xml",
        "application/xml",
        "text/html",
        "text/plain",
        "text/xml",
    }
)

HeaderItems = Iterable[tuple[str, str]]


class RangeIgnored(BadResponse):
    """The same version, but all of it: this source does not serve ranges (any more)."""


@dataclass(frozen=True, slots=True)
class Version:
    """The version of the bytes in this transfer. ``ranged``: the source has shown that it serves
    ranges."""

    validators: Validators
    ranged: bool

    @property
    def total(self) -> int | None:
        return self.validators.size

    @property
    def divisible(self) -> bool:
        """Return if pieces fetched at different times may be joined: only if a validator identifies
        the version; two versions may well have the same size."""
        return self.ranged and self.total is not None and self.validators.if_range is not None


def media_type(response: Response) -> str:
    """Return the media type in lower case, without parameters; empty if none was sent."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def has_validator(response: Response) -> bool:
    found = response.validators
    return found.etag is not None or found.last_modified is not None


def message_instead(response: Response, kind: str) -> NotMedia:
    """Return the error for a page or a message that came in place of a part of the file."""
    host = parse(response.url).host
    return NotMedia(
        f"HTTP {response.status} from {host}: {kind} in place of a part of the file",
        message="The site sent a message in place of the rest of the file. Retry later, or copy "
        "the link again from the page that it came from.",
    )


def open_range(
    client: Client,
    url: str,
    headers: HeaderItems,
    byte_range: ByteRange,
    version: Version,
    refuse_message: Callable[[Response], None],
) -> Response:
    """Return a 206 that begins at ``byte_range.start``, of this very version; it may end early, or
    late.

    ``refuse_message`` raises NotMedia for an answer that is no part of any file. Raises
    SourceChanged for another version, RangeIgnored, and what the client raises.
    """
    response = client.ask(
        url,
        headers=headers,
        start=byte_range.start,
        end=byte_range.end,
        if_range=version.validators.if_range,
        as_file=True,
    )
    try:
        if response.status != 416 and (error := refusal(response)):
            raise error
        if response.status not in (206, 416):
            refuse_message(response)
        _check_range(response, byte_range, version)
    except BaseException:
        response.close()
        raise
    return response


def _check_range(response: Response, byte_range: ByteRange, version: Version) -> None:
    """Raise unless the answer is a 206 that begins where ``byte_range`` does, of this version."""
    if response.status == 416 and _is_inside(byte_range, response.validators, version):
        raise Unavailable(f"HTTP 416 to a range within {version.total} bytes")
    check_version(response.status, response.validators, version.validators)
    answered = response.content_range
    begins = answered is not None and answered.start == byte_range.start and not response.coded
    if response.status == 206 and not begins:
        raise RangeIgnored(f"{odd(response).detail} to a range from {byte_range.start} on")


def _is_inside(byte_range: ByteRange, actual: Validators, version: Version) -> bool:
    """Return if a refused range (416) lies within the known file: then this connection is refused,
    and the version may be the same."""
    same = actual.size in (None, version.total) and not _differs(actual, version.validators)
    return same and version.total is not None and byte_range.end <= version.total


def check_version(status: int, actual: Validators, expected: Validators) -> None:
    """Raise SourceChanged or RangeIgnored unless the answer can be joined (RFC 9110, section
    13.1.5)."""
    if status == 416 or not _sizes_agree(actual, expected) or _differs(actual, expected):
        raise SourceChanged("another version is at the source now")
    if status != 206:
        if not _agrees(actual, expected):
            raise SourceChanged("the whole of a version that cannot be told from another")
        raise RangeIgnored("all of the file instead of a range")
    if not _agrees(actual, expected):
        raise RangeIgnored("a range that does not say of which version it is")


def same_version(actual: Validators, expected: Validators) -> bool:
    """Return if nothing contradicts that the two are one version."""
    return _sizes_agree(actual, expected) and not _differs(actual, expected)


def reach(response: Response) -> int | None:
    """Return the offset at which the body ends; None if only its end tells."""
    if response.content_range is not None and not response.coded:
        return response.content_range.end
    return response.length


def _sizes_agree(actual: Validators, expected: Validators) -> bool:
    return actual.size is None or expected.size is None or actual.size == expected.size


def _agrees(actual: Validators, expected: Validators) -> bool:
    if expected.etag and actual.etag:
        return expected.etag == actual.etag
    return bool(expected.last_modified) and expected.last_modified == actual.last_modified


def _differs(actual: Validators, expected: Validators) -> bool:
    if expected.etag and actual.etag:
        return expected.etag != actual.etag
    if expected.last_modified and actual.last_modified:
        return expected.last_modified != actual.last_modified
    return False
