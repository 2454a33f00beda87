"""A fragment's body in the reactor; its connection serves the next fragment afterwards."""

from __future__ import annotations

from downloads.transfer.drain import SocketDrain


class FragmentDrain(SocketDrain):
    """The socket goes back to the client where the body was drained to its last byte."""

    def closed(self, error: Exception | None) -> None:
        if error is None and self._remaining == 0 and not self._buffered:
            self._body.give_back()
            self._on_end(None)
        else:
            super().closed(error)
