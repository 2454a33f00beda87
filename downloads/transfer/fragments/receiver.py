"""From one answer's body to the fragment's file: cut to size, decrypted, counted."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from downloads.exceptions import NetworkError, Stopped, StopReason
from downloads.transfer.fragments.decryption import STEP, Decryption
from downloads.transfer.fragments.file import FragmentFile
from downloads.transfer.fragments.request import Answer
from downloads.transfer.fragments.tally import Tally
from downloads.transfer.kernel_pipe import KernelPipe


class FragmentReceiver:
    """Used by the one thread that reads the body, but for ``give_up``.

    ``moved_at``: when it last got somewhere, or was held back by our own rate limit.
    """

    def __init__(
        self,
        answer: Answer,
        file: FragmentFile,
        tally: Tally,
        decryption: Decryption | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._skip = answer.skip
        self._end = answer.end
        self._file = file
        self._tally = tally
        self._decryption = decryption
        self._clock = clock
        self._at = 0
        self._lock = threading.Lock()
        self._held = 0
        self._given_up = False
        self.moved_at = clock()

    def room(self, most: int) -> int:
        return most if self._end is None else min(most, self._end - self._at)

    def grant(self, wanted: int) -> int:
        """A spool on disk never asks to wait."""
        return wanted

    @property
    def pours(self) -> bool:
        """Whether the bytes go into the file as they come, so that a pipe may carry them."""
        return self._skip == 0 and self._decryption is None

    def put(self, data: memoryview) -> None:
        """Raises TooLarge, Stopped (also where the attempt is over), DiskFull, ..."""
        self._tally.came(len(data))
        useless = min(len(data), max(0, self._skip - self._at))
        self._at += len(data)
        data = data[useless:]
        if self._decryption is None:
            self._write(data)
        else:
            for start in range(0, len(data), STEP):
                self._write(memoryview(self._decryption.update(data[start : start + STEP])))
        self.moved_at = self._clock()

    def pour(self, pipe: KernelPipe, count: int) -> None:
        """As :meth:`put`, for bytes that a pipe holds."""
        self._tally.came(count)
        self._at += count
        with self._holding(count):
            self._file.pour(pipe, count)
        pipe.empty()
        self.moved_at = self._clock()

    def waits(self) -> None:
        """Held back by our own rate limit: that is no stall."""
        self.moved_at = self._clock()

    def end_of_body(self) -> None:
        """Nothing more will come. Raises NetworkError where more was promised, and BadResponse
        for what cannot be decrypted."""
        if self._end is not None and self._at < self._end:
            raise NetworkError(f"the body ended {self._end - self._at} bytes early")
        if self._decryption is not None:
            self._write(memoryview(self._decryption.finish()))

    def _write(self, data: memoryview) -> None:
        if data:
            with self._holding(len(data)):
                self._file.write(data)

    def give_up(self) -> None:
        """What was written is counted no more. Any thread, even during a write."""
        with self._lock:
            self._given_up = True
            held, self._held = self._held, 0
        self._tally.drop(held)

    @contextlib.contextmanager
    def _holding(self, count: int) -> Iterator[None]:
        """Counted before it is written, so that many at once do not go beyond the limit."""
        with self._lock:
            if self._given_up:
                raise Stopped(StopReason.UNWANTED)
            self._tally.hold(count)
            self._held += count
        yield
