"""A resolver: one question ("is this yours?") and one answer (a Source, or a Listing)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from downloads.engine.core.listing import Listing
from downloads.engine.core.media import (
    Selection,
    Source,
)
from downloads.engine.egress.client import Client, Response
from downloads.engine.egress.first_look import open_file, open_plainly
from downloads.engine.resolver import naming, promises, sniff
from downloads.engine.resolver.extensions import split_name
from downloads.engine.resolver.feeds.kinds import is_feed

LISTED = 200  # entries of a playlist at once
_LONGEST_HEAD = 64 * 1024  # bytes, if a comment precedes the first tag


def first_bytes(response: Response) -> bytes:
    """Return the first bytes of the body; they stay to be read. More of them are awaited only if a
    comment hides what follows."""
    size = sniff.HEAD
    head = response.peek(size)
    while len(head) == size < _LONGEST_HEAD and sniff.is_undecided(head):
        size = min(size * 8, _LONGEST_HEAD)
        head = response.peek(size)
    return head


class UrlProbe:
    """A pasted URL and its source's first answer, requested once, on first use.

    The answer is that of ``egress.first_look``, without a HEAD before it: size, validators and
    Range support come with it, and it continues as the transfer's first segment.
    """

    def __init__(
        self,
        url: str,
        client: Client,
        start: int = 0,
        count: int = LISTED,
        choose: Callable[[Source], Selection] | None = None,
    ) -> None:
        """Take a normalised ``url``. ``start`` and ``count``: the range of playlist entries.
        ``choose``: selects from what is on offer; None if the selection is not known yet."""
        self.url = url
        self.client = client
        self.start = start
        self.count = count
        self.choose = choose
        # By hand: before Python 3.12 a cached_property holds one lock for all instances, and one
        # silent source would keep every other from being asked.
        self._response: Response | None = None
        self._head: bytes | None = None

    @property
    def response(self) -> Response:
        if self._response is None:
            self._response = open_file(self.client, self.url)
            if self._is_doubtful:  # it may be how a source refuses a Range
                self._response = open_plainly(self.client, self.url, self._response)
        return self._response

    @property
    def _is_doubtful(self) -> bool:
        """Return if nothing, a page or a message came instead of the promised media."""
        exts = [split_name(name)[1] for name in self.names.all]
        if not promises.is_media(self.names, self.content_type):
            return False
        head = self.response.peek(sniff.HEAD)
        if is_feed(head, self.content_type, self.names):
            return False
        return not head or promises.came_instead(exts, self.content_type, head) is not None

    @property
    def head(self) -> bytes:
        """The first bytes of the body; they stay to be read."""
        if self._head is None:
            self._head = first_bytes(self.response)
        return self._head

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; empty if none was sent."""
        value = self.response.headers.get("Content-Type", "")
        return re.split("[;,]", value, maxsplit=1)[0].strip().lower()

    @property
    def names(self) -> naming.Names:
        disposition = self.response.headers.get("Content-Disposition", "")
        return naming.Names.of(disposition, self.response.url, self.url)

    def close(self) -> None:
        """Close the answer, if there is one. A later access requests it again."""
        response, self._response, self._head = self._response, None, None
        if response is not None:
            response.close()


class Resolver(Protocol):
    def claims(self, url_probe: UrlProbe) -> bool:
        """Return if this resolver takes the URL. May look at the answer, must not consume its
        body."""

    def resolve(self, url_probe: UrlProbe) -> Source | Listing:
        """Return what is on offer; a Listing if that is a playlist to choose from.

        Called only after :meth:`claims` returned True.
        """


@dataclass(frozen=True, slots=True)
class Resolution:
    source: Source
    selection: Selection
