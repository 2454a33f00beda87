"""The jailed child's answer about a feed, validated: the child has read untrusted text."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from downloads.engine.core.errors import BadManifest
from downloads.engine.egress.target import MAX_URL
from downloads.engine.resolver.untrusted import (
    CLEANED,
    UNICODE,
    UntrustedDataError,
    UntrustedStruct,
    read,
)

MAX_ENTRIES = 1000
Line = Annotated[str, Meta(max_length=2000, pattern=UNICODE, extra=CLEANED)]
Url = Annotated[str, Meta(max_length=MAX_URL, pattern=UNICODE)]


class RawFeedEntry(UntrustedStruct, frozen=True):
    url: Url
    title: Line = ""
    seconds: Annotated[float, Meta(ge=0, le=10**8)] | None = None
    thumbnail: Url = ""


class RawFeed(UntrustedStruct, frozen=True):
    """A feed. ``entries``: those from the requested one on; ``total``: the number of all."""

    title: Line
    thumbnail: Url
    entries: Annotated[list[Any], Meta(max_length=MAX_ENTRIES)]
    total: Annotated[int, Meta(ge=0, le=10**7)]


def read_feed(answer: Any) -> RawFeed:
    """Return the feed in ``answer``. Raises BadManifest."""
    try:
        return read(RawFeed, answer)
    except UntrustedDataError as error:
        raise BadManifest(f"the reader's answer: {error}") from None


def read_entry(answer: Any) -> RawFeedEntry | None:
    """Return the entry; None for an invalid one: the others are kept."""
    try:
        return read(RawFeedEntry, answer)
    except UntrustedDataError:
        return None
