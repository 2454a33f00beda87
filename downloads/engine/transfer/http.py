"""What an answer is worth: is it the bytes that were asked for, of the version that we have?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from downloads.engine.core.errors import BadResponse, SourceChanged
from downloads.engine.core.media import Validators
from downloads.engine.egress.client import Client, Response
from downloads.engine.transfer.segments import Range

HeaderItems = Iterable[tuple[str, str]]


class RangeIgnored(BadResponse):
    """The same version, but all of it: this source does not serve ranges (any more)."""


@dataclass(frozen=True, slots=True)
class Version:
    """The version of the bytes that this transfer is about.

    ``ranged``: the source has shown that it serves ranges.
    """

    validators: Validators
    ranged: bool

    @property
    def total(self) -> int | None:
        return self.validators.size

    @property
    def divisible(self) -> bool:
        """Whether pieces fetched at different times may be put together: only where something
        tells one version from another; two versions may well have the same size."""
        return self.ranged and self.total is not None and self.validators.if_range is not None


def open_whole(
    client: Client, url: str, headers: HeaderItems, chunk_size: int | None = None
) -> Response:
    """The body from zero on, asked for as a range to learn whether ranges are served; no more
    than ``chunk_size`` of it, where what follows can be put together with it.

    Raises what the client raises, and BadResponse for an encoded body.
    """
    headers = tuple(headers)
    response = client.take(url, headers) or client.get(
        url, headers=headers, start=0, end=chunk_size
    )
    if response.status == 416 or not _is_whole(response):
        # An empty file has no byte 0, and half an answer is of no use where nothing pins it.
        response.close()
        response = client.get(url, headers=headers)
    return _plain(response)


def open_range(
    client: Client, url: str, headers: HeaderItems, wanted: Range, version: Version
) -> Response:
    """A 206 that begins at ``wanted.start``, of this very version; it may end early.

    Raises SourceChanged for another version, RangeIgnored, and what the client raises.
    """
    response = client.get(
        url,
        headers=headers,
        start=wanted.start,
        end=wanted.end,
        if_range=version.validators.if_range,
    )
    try:
        check_version(response.status, response.validators, version.validators)
    except BaseException:
        response.close()
        raise
    return _plain(response)


def check_version(status: int, found: Validators, wanted: Validators) -> None:
    """Compare by RFC 9110, section 13.1.5: what does not match cannot be put together."""
    if status == 416 or not _sizes_agree(found, wanted) or _differs(found, wanted):
        raise SourceChanged("another version is at the source now")
    if status == 200:
        if not _agrees(found, wanted):
            raise SourceChanged("the whole of a version that cannot be told from another")
        raise RangeIgnored("all of the file instead of a range")
    if not _agrees(found, wanted):
        raise RangeIgnored("a range that does not say of which version it is")


def same_version(found: Validators, wanted: Validators) -> bool:
    """Whether nothing speaks against the two being one version."""
    return _sizes_agree(found, wanted) and not _differs(found, wanted)


def reach(response: Response) -> int | None:
    """The offset where the body ends; None where only its end will tell."""
    if response.content_range is not None:
        return response.content_range.end
    return response.length


def _plain(response: Response) -> Response:
    """We asked for no encoding. To decode would open the door to compressed bombs, and the
    encoded bytes are not the file."""
    if response.encoded:
        response.close()
        raise BadResponse(
            "Content-Encoding although identity was asked for",
            message="The source sends the file only compressed, which Ferry does not fetch.",
        )
    return response


def _is_whole(response: Response) -> bool:
    """False for a 206 of unknown total, or one cut short that cannot be gone on with."""
    if response.content_range is None:
        return True
    found = response.validators
    whole = found.size is not None and response.content_range.end == found.size
    return whole or (found.size is not None and found.if_range is not None)


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
