"""Exchange of bytes between the owner and a jailed program, under a deadline and a stop token."""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable

from downloads.engine.core.cancellation import StopToken
from downloads.engine.sandbox.confinement import JailFailed, JailFailure
from downloads.engine.sandbox.process import JailedProcess
from downloads.engine.sandbox.spec import ExitReport

SLICE = 0.05  # seconds between two checks of the stop token
_BLOCK = 64 * 1024
TAIL = 16 * 1024  # bytes of stderr that are kept


class Exchange:
    """The pipes of one program. ``tail`` is the end of its stderr, at most ``keep`` bytes."""

    def __init__(self, process: JailedProcess, keep: int = TAIL) -> None:
        self._process = process
        self._keep = keep
        self.tail = bytearray()

    def run(
        self,
        outgoing: bytes,
        take: Callable[[bytes], bool],
        *,
        timeout: float,
        stop: StopToken | None,
        cpu: float | None = None,
        close: bool = False,
    ) -> ExitReport | None:
        """Send ``outgoing`` (then close stdin if ``close``), and pass each block of stdout to
        ``take``.

        Return None once ``take`` returns True, or the report once the program has ended.
        ``timeout`` is in seconds, as is ``cpu``, the processor time that the program may use
        meanwhile. Raises JailFailed (SETUP, TIMEOUT, CPU), Stopped, and what ``take`` raises; the
        program still runs then.
        """
        deadline = time.monotonic() + timeout
        cpu_limit = None if cpu is None else self._process.cpu_seconds + cpu
        with selectors.DefaultSelector() as selector:
            for pipe in (self._process.stdout, self._process.stderr, self._process.control):
                selector.register(pipe, selectors.EVENT_READ)
            self._send_with(selector, outgoing, close)
            while True:
                if stop is not None:
                    stop.check()
                if time.monotonic() >= deadline:
                    raise JailFailed(JailFailure.TIMEOUT, f"{timeout:.0f} s")
                if cpu_limit is not None and self._process.cpu_seconds >= cpu_limit:
                    raise JailFailed(JailFailure.CPU, f"{cpu:.0f} s")
                for key, _ in selector.select(SLICE):
                    if key.fd == self._process.stdout and self._read_stdout(selector, take):
                        return None
                    if key.fd == self._process.stderr:
                        self._read_stderr(selector)
                    if key.fd == self._process.stdin:
                        key.data()
                    if key.fileobj is self._process.control and (report := self._process.report()):
                        return None if self._drain(take) else report

    def _send_with(self, selector: selectors.BaseSelector, outgoing: bytes, close: bool) -> None:
        left = memoryview(outgoing)

        def write() -> None:
            nonlocal left
            try:
                left = left[os.write(self._process.stdin, left[:_BLOCK]) :]
            except BrokenPipeError:  # it closed stdin early; its report says why
                left = left[:0]
            if not left:
                selector.unregister(self._process.stdin)
                if close:
                    self._process.close_stdin()

        if outgoing:
            selector.register(self._process.stdin, selectors.EVENT_WRITE, write)
        elif close:
            self._process.close_stdin()

    def _read_stdout(self, selector: selectors.BaseSelector, take: Callable[[bytes], bool]) -> bool:
        block = os.read(self._process.stdout, _BLOCK)
        if not block:
            selector.unregister(self._process.stdout)
            return False
        return take(block)

    def _read_stderr(self, selector: selectors.BaseSelector) -> None:
        block = os.read(self._process.stderr, _BLOCK)
        if not block:
            selector.unregister(self._process.stderr)
        self._add(block)

    def _drain(self, take: Callable[[bytes], bool]) -> bool:
        """Read what is left in the pipes of a program that has ended. Return True if ``take``
        did."""
        while block := _read_now(self._process.stderr):
            self._add(block)
        while block := _read_now(self._process.stdout):
            if take(block):
                return True
        return False

    def _add(self, block: bytes) -> None:
        self.tail += block
        del self.tail[: -self._keep]


def _read_now(pipe: int) -> bytes:
    try:
        return os.read(pipe, _BLOCK)
    except BlockingIOError:
        return b""
