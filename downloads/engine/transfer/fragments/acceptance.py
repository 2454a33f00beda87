"""Acceptance of a fragment as media, by its first bytes. Pure.

A source that is busy, or whose link has expired, may answer with 200 and a page, a word of JSON, or
nothing: joined to the others that would be a silently shorter film.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from downloads.engine.core import containers
from downloads.engine.core.errors import DownloadError, Incomplete, NotMedia
from downloads.engine.core.media import FragmentList

# Returns the bytes of the head that come before the media; None: more of it is needed.
HeadCheck = Callable[[bytes, bool], int | None]
FragmentCheck = Callable[[FragmentList, int, bytes, bool], int | None]

_LONGEST: Final = containers.LEAD + 8 * max(containers.PACKET_SIZES)
_SHORT: Final = 6 * max(containers.PACKET_SIZES)
# Without a signature, or cut anywhere: the list's word counts for anything but text.
_UNMARKED: Final = frozenset({"aac", "mp3", "ac3", "ec3", "mpg"})
_NOTHING: Final = 0.1  # seconds: a piece declared to be no longer may be empty


def check_media(listing: FragmentList, index: int, head: bytes, complete: bool) -> int | None:
    """Return the number of bytes in front of the media (a disguise as an image, for example); None
    if ``head`` is too short to tell. ``complete``: nothing comes after ``head``.

    Raises Incomplete, or NotMedia for the first fragment, if it is no media.
    """
    fragment = listing.fragments[index]
    if complete and not head and not fragment.init and 0 < fragment.duration <= _NOTHING:
        return 0
    if len(head) < _SHORT and not complete:
        return None
    if containers.container_of(head):
        return 0
    if start := containers.transport_start(head):
        return start[0]
    if len(head) < _LONGEST and not complete and not _is_hopeless(head):
        return None
    if _fits_the_list(head, listing.container):
        return 0
    raise _error(listing, index, head)


def _is_hopeless(head: bytes) -> bool:
    return containers.is_text(head) and not containers.is_image(head)


def _fits_the_list(head: bytes, container: str) -> bool:
    if container == "vtt":
        return containers.is_text(head)
    binary = bool(head) and not (containers.is_text(head) or containers.is_image(head))
    return binary and container in _UNMARKED


def _error(listing: FragmentList, index: int, head: bytes) -> DownloadError:
    number, total = index + 1, len(listing.fragments)
    came = containers.describe(head)
    detail = f"fragment {number} of {total}: {came}, begins with {head[:24]!r}"
    first = next(place for place, each in enumerate(listing.fragments) if not each.init)
    if head and index <= first:
        return NotMedia(detail)
    return Incomplete(
        detail,
        message=f"Part {number} of {total} did not come: the site sent {came} in its place. "
        "Retry later.",
    )
