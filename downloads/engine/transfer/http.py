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
    wanted: ByteRange,
    version: Version,
    refuse_message: Callable[[Response], None],
) -> Response:
    """Return a 206 that begins at ``wanted.start``, of this very version; it may end early, or
    late.

    ``refuse_message`` raises NotMedia for an answer that is no part of any file. Raises
    SourceChanged for another version, RangeIgnored, and what the client raises.
    """
    response = client.ask(
        url,
        headers=headers,
        start=wanted.start,
        end=wanted.end,
        if_range=version.validators.if_range,
        as_file=True,
    )
    try:
        if response.status != 416 and (error := refusal(response)):
            raise error
        if response.status not in (206, 416):
            refuse_message(response)
        if response.status == 416 and _is_inside(wanted, response.validators, version):
            raise Unavailable(f"HTTP 416 to a range within {version.total} bytes")
        check_version(response.status, response.validators, version.validators)
        found = response.content_range
        begins = found is not None and found.start == wanted.start and not response.coded
        if response.status == 206 and not begins:
            raise RangeIgnored(f"{odd(response).detail} to a range from {wanted.start} on")
    except BaseException:
        response.close()
        raise
    return response


def _is_inside(wanted: ByteRange, found: Validators, version: Version) -> bool:
    """Return if a refused range (416) lies within the known file: then this connection is refused,
    and the version may be the same."""
    same = found.size in (None, version.total) and not _differs(found, version.validators)
    return same and version.total is not None and wanted.end <= version.total


def check_version(status: int, found: Validators, wanted: Validators) -> None:
    """Raise SourceChanged or RangeIgnored unless the answer can be joined (RFC 9110, section
    13.1.5)."""
    if status == 416 or not _sizes_agree(found, wanted) or _differs(found, wanted):
        raise SourceChanged("another version is at the source now")
    if status != 206:
        if not _agrees(found, wanted):
            raise SourceChanged("the whole of a version that cannot be told from another")
        raise RangeIgnored("all of the file instead of a range")
    if not _agrees(found, wanted):
        raise RangeIgnored("a range that does not say of which version it is")


def same_version(found: Validators, wanted: Validators) -> bool:
    """Return if nothing contradicts that the two are one version."""
    return _sizes_agree(found, wanted) and not _differs(found, wanted)


def reach(response: Response) -> int | None:
    """Return the offset at which the body ends; None if only its end tells."""
    if response.content_range is not None and not response.coded:
        return response.content_range.end
    return response.length


def _sizes_agree(found: Validators, wanted: Validators) -> bool:
    return found.size is None or wanted.size is None or found.size == wanted.size


def _agrees(found: Validators, wanted: Validators) -> bool:
    if wanted.etag and found.etag:
        return wanted.etag == found.etag
    return bool(wanted.last_modified) and wanted.last_modified == found.last_modified


def _differs(found: Validators, wanted: Validators) -> bool:
    if wanted.etag and found.etag:
        return wanted.etag != found.etag
    if wanted.last_modified and found.last_modified:
        return wanted.last_modified != found.last_modified
    return False
