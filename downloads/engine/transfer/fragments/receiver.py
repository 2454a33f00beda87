"""The receiver of one answer's body: cut to size, decrypted, counted, written to the fragment's
file."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from downloads.engine.core.errors import (
    BadResponse,
    ConnectionLost,
    DownloadError,
    Incomplete,
    NotMedia,
    Stopped,
    StopReason,
)
from downloads.engine.transfer.fragments.acceptance import HeadCheck
from downloads.engine.transfer.fragments.decryption import STEP, Decryption
from downloads.engine.transfer.fragments.file import FragmentFile
from downloads.engine.transfer.fragments.piece_end import PieceEnd, cut_short
from downloads.engine.transfer.fragments.request import FragmentResponse
from downloads.engine.transfer.fragments.tally import Tally
from downloads.engine.transfer.receiver import Accepted, Receiver


class FragmentReceiver(Receiver):
    """A receiver; one thread accepts, one writes; ``give_up`` is for any."""

    def __init__(
        self,
        answer: FragmentResponse,
        file: FragmentFile,
        tally: Tally,
        decryption: Decryption | None,
        clock: Callable[[], float] = time.monotonic,
        check: HeadCheck | None = None,
        end: PieceEnd | None = None,
    ) -> None:
        super().__init__(clock)
        self._skip = answer.skip
        self._end = answer.end
        self._file = file
        self._tally = tally
        self._decryption = decryption
        self._check = check  # until it has found the beginning of the media
        self._piece_end = end
        self._head = b""
        self._at = self._written = 0  # bytes of the body that were read, and processed
        self._lock = threading.Lock()
        self._held = 0
        self._given_up = False

    def room(self, most: int) -> int:
        return most if self._end is None else min(most, self._end - self._at)

    def grant(self, wanted: int) -> int:
        """Return all: a spool on disk never has to wait."""
        return wanted

    def accept(self, length: int) -> Accepted:
        """Accept bytes that were read, also those before the fragment begins."""
        self._tally.came(length)
        self._at += length
        return Accepted(self._at - length, length)

    def write(self, accepted: Accepted, data: memoryview) -> None:
        """Write accepted bytes. Raises TooLarge, Stopped (also once the attempt is over), DiskFull,
        ..."""
        useless = max(0, self._skip - accepted.offset)
        data = data[useless : accepted.length]
        if self._decryption is None:
            self._write(data)
        else:
            for start in range(0, len(data), STEP):
                self._write(memoryview(self._decryption.update(data[start : start + STEP])))
        self._written = accepted.offset + accepted.length
        self._moved_at = self._clock()

    @property
    def is_writing(self) -> bool:
        return self._written < self._at

    def end_of_body(self) -> None:
        """End the body. Raises ConnectionLost if more was promised, BadResponse for data that
        cannot be decrypted, Incomplete for a cut piece, and what the check raises."""
        if self._end is not None and self._at < self._end:
            raise ConnectionLost(f"the body ended {self._end - self._at} bytes early")
        if self._decryption is not None:
            self._write(memoryview(self._decryption.finish()))
        if self._check is not None:
            self._judge(self._check, complete=True)
        missing = self._piece_end.missing if self._piece_end else 0
        if missing:
            raise cut_short(f"a box or element that lacks {missing} bytes at the end of the body")

    def _write(self, data: memoryview) -> None:
        if self._check is not None:
            self._head += data
            self._judge(self._check, complete=False)
            return
        if self._piece_end is not None:
            self._piece_end.take(data)
        if data:
            with self._holding(len(data)):
                self._file.write(data)

    def _judge(self, check: HeadCheck, *, complete: bool) -> None:
        """Check the head; nothing is written before it is known to be media."""
        try:
            skipped = check(self._head, complete)
        except (Incomplete, NotMedia) as error:
            raise self._undecryptable(error) if self._decryption and self._head else error from None
        if skipped is not None:
            self._check = None
            head, self._head = self._head, b""
            self._write(memoryview(head)[skipped:])

    def _undecryptable(self, error: DownloadError) -> BadResponse:
        """Return the error for decrypted data that is no media: a wrong key, or a page in place of
        media."""
        return BadResponse(
            f"decrypted, {error.detail}",
            message="What the site sent does not fit the key that it gives for it. Retry later, "
            "or reload the page that the link is from and copy it again.",
        )

    def give_up(self) -> None:
        """Uncount the written bytes. Any thread, even during a write."""
        with self._lock:
            self._given_up = True
            held, self._held = self._held, 0
        self._tally.drop(held)

    @contextlib.contextmanager
    def _holding(self, count: int) -> Iterator[None]:
        """Count bytes before they are written, so that concurrent writes keep the limit."""
        with self._lock:
            if self._given_up:
                raise Stopped(StopReason.UNWANTED)
            self._tally.hold(count)
            self._held += count
        yield
