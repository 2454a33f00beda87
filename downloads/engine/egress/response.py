"""One open answer: its status and headers, and its body, not yet read."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote_from_bytes

from downloads.engine.core.errors import BadResponse
from downloads.engine.egress.error_mapping import source_faults
from downloads.engine.egress.http_fields import (
    ContentRange,
    http_date,
    parse_content_range,
    parse_unsatisfied,
    strong_etag,
)
from downloads.engine.egress.raw_response import RawResponse
from downloads.engine.egress.socket_reader import SLICE
from downloads.engine.egress.target import Target
from downloads.engine.egress.tls import TlsSocket

_ASCII = bytes(range(0x80))
_REDIRECTS = (300, 301, 302, 303, 307, 308)  # the first as curl, wget and Firefox have it


@dataclass(slots=True)
class DetachedSocket:
    """A body's socket, taken out of its response for a reactor to drain.

    ``buffered`` are the body bytes that were read already and come first; ``remaining`` is the
    number that the socket will bring after them. ``sock`` is plain or a ``TlsSocket`` (with a short
    timeout: set it non-blocking before use; TLS may hold ``pending()`` bytes). End it with
    ``close()``, or with ``give_back()`` once the body is drained to its last byte; nothing else
    does.
    """

    sock: socket.socket
    buffered: bytes
    remaining: int
    _response: RawResponse
    _release: Callable[[bool], None]

    def fileno(self) -> int:
        return self.sock.fileno()

    def give_back(self) -> None:
        """Return the connection to the client, for its next request if the source keeps it open."""
        excess = isinstance(self.sock, TlsSocket) and self.sock.pending() > 0
        self.sock.settimeout(SLICE)
        self._release(not excess and self._response.reusable_at_end())

    def close(self) -> None:
        self.sock.close()


if TYPE_CHECKING:
    from downloads.engine.egress.codings import BodyDecoder


class Response:
    """An open answer. ``close()`` it, or use it as a context manager.

    ``url`` is the final one, without credentials. ``sent_headers`` are the caller's own headers
    that the last hop still got. ``content_range`` is that of a valid 206, else None. ``coded``: the
    body comes in a content coding, and is read without it. ``validators.size`` is the size of the
    whole file in bytes, if the source gives it truthfully: the total of Content-Range, or
    Content-Length of a 200 without a coding. ``accepts_ranges`` is true for such a 206 only: an
    ``Accept-Ranges`` header promises too much.
    """

    def __init__(
        self,
        target: Target,
        raw: RawResponse,
        *,
        address: tuple[str, int],
        sent_headers: tuple[tuple[str, str], ...],
        read_timeout: float,
        release: Callable[[bool], None],
        saved_as: tuple[str, ...] = (),
    ) -> None:
        """``release(reusable)`` is called once, when the body is read or given up. ``saved_as``:
        URLs that name the file which the body is saved as; see ``codings.belongs_to_file``."""
        self.status = raw.head.status
        self.reason = raw.head.reason
        self.url = target.url
        self.address = address
        self.sent_headers = sent_headers
        self.headers = raw.head.headers
        self._raw = raw
        self._read_timeout = read_timeout
        self._release: Callable[[bool], None] | None = release
        self._pushed = b""
        self._ended = False
        self._decoder = self._coding(saved_as)
        self.coded = self._decoder is not None
        self._decoded = 0
        self._whole: int | None = None  # of the decoded body, if that is known
        self._read_framing()

    def _coding(self, saved_as: tuple[str, ...]) -> BodyDecoder | None:
        headers, transfer = self.headers, self._raw.framing.codings
        label = headers.get("Content-Encoding", "")
        if not (label or transfer) or self.status // 100 != 2:
            return None
        from downloads.engine.egress.codings import BodyDecoder, belongs_to_file, real_codings

        codings = real_codings(label)
        kind, name = headers.get("Content-Type", ""), headers.get("Content-Disposition", "")
        if saved_as and belongs_to_file(codings, kind, name, (*saved_as, self.url)):
            codings = ()
        beneath = real_codings(",".join(transfer))  # sent although never requested
        if len(beneath) != len(transfer):
            raise BadResponse(f"a Transfer-Encoding that is not known: {transfer[:9]}")
        found = (*codings, *beneath)
        return BodyDecoder(found, self._receive) if found else None

    def _read_framing(self) -> None:
        headers = self.headers
        self.chunked = self._raw.framing.chunked
        self.content_range = self._partial(self._raw.framing.length) if self.status == 206 else None
        self.accepts_ranges = self.content_range is not None and not self.coded
        #: body bytes still to come; None if only the end of the body tells
        self._remaining = self._raw.framing.length
        self._promised = self._remaining
        if self.content_range is not None and not self.coded:
            self._promised = self.content_range.length
        self._received = 0
        from downloads.engine.core.media import (
            Validators,  # a command loads it while its answer is under way
        )

        self.validators = Validators(
            etag=strong_etag(headers.get("ETag")),
            last_modified=http_date(headers.get("Last-Modified")),
            size=self._size(),
        )

    def _partial(self, length: int | None) -> ContentRange | None:
        """Return the range of a 206; None if its headers contradict each other: no part of it may
        be joined to others then. A coded part has a length of its own."""
        found = parse_content_range(self.headers.get("Content-Range", ""))
        if found is None or self.coded or self.chunked:
            return found
        return found if length in (None, found.length) else None

    def _size(self) -> int | None:
        if self.coded:
            return None
        if self.status == 206:
            return self.content_range.total if self.content_range else None
        if self.status == 416:
            return parse_unsatisfied(self.headers.get("Content-Range", ""))
        return self._remaining

    @property
    def length(self) -> int | None:
        """Return the number of bytes of this answer's whole body; None if only its end tells."""
        return self._whole if self.coded else self._promised

    @property
    def coded_length(self) -> int | None:
        """Return ``length`` of the body as it comes, in its coding."""
        return self._promised

    def expect(self, length: int) -> None:
        """Require a coded body to unfold to exactly ``length`` bytes."""
        self._whole = length

    def read_into(self, view: memoryview) -> int:
        """Read up to ``len(view)`` body bytes into ``view``. Return their count; 0 once the body
        ended as promised.

        Raises Stalled, NetworkError, BadResponse (shorter or longer than promised), Stopped.
        """
        if self._pushed:
            count = min(len(view), len(self._pushed))
            view[:count] = self._pushed[:count]
            self._pushed = self._pushed[count:]
            return count
        return self._next(view)

    def peek(self, size: int, patience: float = 1.0) -> bytes:
        """Return up to ``size`` of the next body bytes; they stay to be read.

        Fewer at the body's end, or if more than the first took over ``patience`` seconds.
        """
        block = memoryview(bytearray(size))
        until = time.monotonic() + patience
        while (missing := size - len(self._pushed)) > 0:
            count = self._next(block[:missing])
            self._pushed += block[:count]
            if count == 0 or time.monotonic() > until:
                break
        return self._pushed[:size]

    def _next(self, view: memoryview) -> int:
        if self._decoder is None:
            return self._receive(view)
        if not len(view):
            return 0
        count = self._decoder.read_into(view)
        self._decoded += count
        whole = self._whole
        if whole is not None and (count == 0 or self._decoded >= whole):
            excess = count and self._decoder.read_into(memoryview(bytearray(1)))
            if self._decoded != whole or excess:
                raise BadResponse(f"a coded body of another length than {whole} bytes")
        return count

    def _receive(self, view: memoryview) -> int:
        if self._ended or not len(view):
            return 0
        if self._remaining == 0:
            return self._end()
        self._raw.reader.arm(self._read_timeout)
        limit = len(view) if self._remaining is None else min(len(view), self._remaining)
        with source_faults():
            count = self._raw.read_into(view[:limit])
        return self._account(count)

    def _account(self, count: int) -> int:
        self._received += count
        if self._remaining is not None:
            self._remaining -= count
        if self._remaining == 0 and self._raw.framing.doubtful:
            self._raw.check_end()
        if self._promised is not None and self._received > self._promised:
            raise BadResponse("body longer than promised")
        if count:
            return count
        if self._promised is not None and self._received < self._promised:
            raise BadResponse(
                f"body ended after {self._received} of {self._promised} bytes",
                message="The site stopped before the end. Retry later.",
            )
        return self._end()

    def _end(self) -> int:
        self._ended = True
        self._give_back(reusable=self._raw.reusable_at_end())
        return 0

    def detach(self) -> DetachedSocket | None:
        """Return the socket itself, for a plain body of known length; None otherwise.

        The response is of no use afterwards and need not be closed.
        """
        unfit = self.chunked or self.coded or self._raw.framing.doubtful
        if unfit or self._remaining is None or self._release is None:
            return None
        found = self._raw.reader.take()
        buffered = found[: self._remaining]
        self._raw.reader.put_back(found[self._remaining :])
        release, self._release = self._release, None
        self._ended = True
        return DetachedSocket(
            sock=self._raw.reader.sock,
            buffered=self._pushed + buffered,
            remaining=self._remaining - len(buffered),
            _response=self._raw,
            _release=release,
        )

    def close(self) -> None:
        """Give the body up. Closes the connection unless the body was read to its end."""
        self._ended = True
        self._give_back(reusable=False)

    def _give_back(self, *, reusable: bool) -> None:
        release, self._release = self._release, None
        if release is not None:
            release(reusable)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def redirect_of(response: Response) -> str | None:
    """Return the URL that an answer redirects to; None if it does not.

    Raises BadResponse, and closes it, if it leads to two places.
    """
    found = {value for value in response.headers.get_all("Location") if value}
    if response.status not in _REDIRECTS or not found:
        return None
    if len(found) > 1:
        response.close()
        raise BadResponse(
            "a redirect to two places",
            message="The link leads to two places at once. Open it in a browser and paste where "
            "it ends.",
        )
    return _as_text(found.pop())


def _as_text(location: str) -> str:
    """Return the URL as text: servers mean UTF-8; other bytes are sent back as they came, as in
    Chromium."""
    octets = location.encode("latin-1")
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return quote_from_bytes(octets, safe=_ASCII)
