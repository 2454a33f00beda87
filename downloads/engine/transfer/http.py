"""What an answer is worth: is it the bytes that were asked for, of the version that we have?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from downloads.engine.core.errors import BadResponse, SourceChanged
from downloads.engine.core.media import Validators
from downloads.engine.egress.acceptance import odd, refusal
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


def open_range(
    client: Client, url: str, headers: HeaderItems, wanted: Range, version: Version
) -> Response:
    """A 206 that begins at ``wanted.start``, of this very version; it may end early, or late.

    Raises SourceChanged for another version, RangeIgnored, and what the client raises.
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
        check_version(response.status, response.validators, version.validators)
        found = response.content_range
        begins = found is not None and found.start == wanted.start and not response.coded
        if response.status == 206 and not begins:
            raise RangeIgnored(f"{odd(response).detail} to a range from {wanted.start} on")
    except BaseException:
        response.close()
        raise
    return response


def check_version(status: int, found: Validators, wanted: Validators) -> None:
    """Compare by RFC 9110, section 13.1.5: what does not match cannot be put together."""
    if status == 416 or not _sizes_agree(found, wanted) or _differs(found, wanted):
        raise SourceChanged("another version is at the source now")
    if status != 206:
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
