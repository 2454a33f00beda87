"""An answer from the wire: its head, and its body in the framing that the head gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from downloads.engine.core.errors import NetworkError, Stalled
from downloads.engine.egress.chunked import ChunkedBody
from downloads.engine.egress.error_mapping import HungUp
from downloads.engine.egress.framing import Framing, framing_of
from downloads.engine.egress.head import Head, HeadReader, no_http
from downloads.engine.egress.http_fields import contradictory
from downloads.engine.egress.socket_reader import SocketReader

_SILENCE: Final = 0.5  # seconds without further bytes that count as the end


@dataclass(slots=True)
class RawResponse:
    """An answer whose head has been read. ``reader`` stands at the body's first byte."""

    head: Head
    framing: Framing
    reader: SocketReader
    _chunks: ChunkedBody | None = None

    def read_into(self, view: memoryview) -> int:
        """Read some body bytes into ``view``. Return their count; 0 at the end.

        The caller holds the body to a promised length. Raises BadResponse, Stalled, Stopped,
        OSError.
        """
        if not self.framing.chunked:
            return self.reader.read_into(view)
        if self._chunks is None:
            self._chunks = ChunkedBody(self.reader)
        return self._chunks.read_into(view)

    def check_end(self) -> None:
        """Raise BadResponse if more bytes come beyond a doubtful length."""
        self.reader.arm(_SILENCE)
        try:
            more = self.reader.receive()
        except (Stalled, OSError):
            return
        if more:
            raise contradictory(f"more behind Content-Length {self.head.headers['Content-Length']}")

    def reusable_at_end(self) -> bool:
        """Return if the connection may serve another request once the body has been read: bytes
        beyond it make it useless (RFC 9112, section 6.3)."""
        cut = self._chunks is not None and not self._chunks.clean
        return not (self.framing.closes or cut or self.reader.has_bytes)


def read_answer(reader: SocketReader, most: int) -> RawResponse:
    """Read the head of the final answer, of ``most`` bytes with the 1xx ones before it.

    Raises BadResponse, Stalled, Stopped, OSError, and NetworkError if the source leaves.
    """
    heads = HeadReader(most)
    while True:
        data = reader.receive()
        head = heads.feed(data) if data else heads.redirect_cut_off()
        if not data and head is None:
            raise _left_early(heads)
        if head is not None:
            reader.put_back(heads.rest if data else b"")
            return RawResponse(head, framing_of(head), reader)


def _left_early(heads: HeadReader) -> Exception:
    if heads.empty:
        return HungUp("closed without an answer")
    if not heads.has_start:
        return no_http(heads.rest)
    return NetworkError("closed within the head of the answer")
