"""Programs that run once, such as ffmpeg."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from downloads.engine.core.cancellation import StopToken
from downloads.engine.sandbox.confinement import (
    MIB,
    Confinement,
    JailFailed,
    JailFailure,
    ProgramResult,
)
from downloads.engine.sandbox.exchange import TAIL, Exchange
from downloads.engine.sandbox.process import JailedProcess


def run(
    argv: Sequence[str | Path],
    confinement: Confinement,
    *,
    stdin: bytes = b"",
    timeout: float,
    stop: StopToken | None = None,
    on_output: Callable[[bytes], None] | None = None,
    max_output: int = MIB,
    keep: int = TAIL,
) -> ProgramResult:
    """Run ``argv`` to its end; whatever the end, no process of it is left afterwards.

    ``on_output`` gets stdout as it comes (ffmpeg's progress), which is not kept then; each block
    also beats the stop token. ``max_output`` is in bytes, as is ``keep``, of the end of stderr;
    ``timeout`` is in seconds. The caller judges a non-zero exit code and a broken limit. Raises
    JailFailed (SETUP, TIMEOUT, TOO_LONG), FileNotFoundError, Stopped.
    """
    process = JailedProcess(argv, confinement)
    try:
        exchange = Exchange(process, keep)
        output = _Output(on_output, max_output, stop)
        report = exchange.run(stdin, output.take, timeout=timeout, stop=stop, close=True)
        assert report is not None
        assert report.status is not None
        stderr = exchange.tail.decode(errors="replace")
        return ProgramResult(report.status, bytes(output.kept), stderr, report.limit)
    finally:
        process.kill()


class _Output:
    def __init__(
        self, callback: Callable[[bytes], None] | None, most: int, stop: StopToken | None
    ) -> None:
        self.kept = bytearray()
        self._callback = callback
        self._most = most
        self._stop = stop

    def take(self, block: bytes) -> bool:
        if self._stop is not None:
            self._stop.beat()
        if self._callback is not None:
            self._callback(block)
            return False
        self.kept += block
        if len(self.kept) > self._most:
            raise JailFailed(JailFailure.TOO_LONG, f"more than {self._most} bytes of output")
        return False
