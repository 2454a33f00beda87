"""A warm child that answers JSON lines, one request at a time."""

from __future__ import annotations

import json
import re
import shutil
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import downloads
from downloads.engine.core.cancellation import StopToken
from downloads.engine.sandbox.confinement import MIB, Confinement, JailFailed, JailFailure
from downloads.engine.sandbox.exchange import Exchange
from downloads.engine.sandbox.process import JailedProcess

MAX_LINE = 32 * MIB
MOST_VALUES = 1_000_000  # a line of 32 MiB could become a gigabyte of small objects
_MARKS = (b",", b"[", b"{")
# Its end or the line's: looked for behind each quote, a missing one would take quadratic time.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)

PACKAGE = Path(downloads.__file__).parent
_ENTRY = Path(__file__).with_name("entry.py")


def python_module(
    name: str, *arguments: str, first_path: Path | None = None
) -> tuple[str | Path, ...]:
    """Return the command that runs the module ``name`` in the jail.

    ``first_path``: a folder whose packages go before the installed ones. The confinement needs
    it, and :data:`PACKAGE`, among its ``read_paths``.
    """
    first = () if first_path is None else ("--first", str(first_path))
    return (sys.executable, "-I", _ENTRY, *first, name, *arguments)


class JailedWorker:
    """A jailed child that starts at once and warms up before the first request.

    ``uses`` counts the requests, which are all of one ``user``. Anything but a valid answer ends
    it. One thread at a time may ask; ``close()`` may be called from any thread.
    """

    def __init__(
        self,
        argv: Sequence[str | Path],
        confinement: Confinement,
        *,
        max_line: int = MAX_LINE,
        most_values: int = MOST_VALUES,
        remove_folder: bool = False,
    ) -> None:
        """``remove_folder``: the working folder is this worker's alone and is removed with it."""
        self._process = JailedProcess(argv, confinement)
        self._exchange = Exchange(self._process)
        self._folder = confinement.work_dir if remove_folder else None
        self._max_line = max_line
        self._most_values = most_values
        self._lock = threading.RLock()  # ask() may have to close()
        self.uses = 0
        self.user = ""
        self.closed = False

    def ask(
        self,
        request: Mapping[str, Any],
        *,
        timeout: float,
        cpu: float | None = None,
        stop: StopToken | None = None,
    ) -> Any:
        """Send ``request`` (JSON) and return the answer of the child's handler.

        ``timeout`` is in seconds, as is ``cpu``, the processor time that it may use: on a busy
        machine the first passes without the child, the second does not. Raises JailFailed, which
        ends the worker except for RAISED; Stopped, which ends it too.
        """
        with self._lock:
            self.uses += 1
            outgoing = json.dumps({"id": self.uses, "request": request}).encode() + b"\n"
            try:
                return self._judge(self._converse(outgoing, timeout, cpu, stop))
            except JailFailed as failed:
                if failed.failure is not JailFailure.RAISED:
                    self.close()
                raise
            except BaseException:
                self.close()
                raise

    @property
    def cpu_seconds(self) -> float:
        """Return the processor time of the child until now."""
        return self._process.cpu_seconds

    def _converse(
        self, outgoing: bytes, timeout: float, cpu: float | None, stop: StopToken | None
    ) -> bytearray:
        if self.closed:
            raise JailFailed(JailFailure.DIED, "it was closed")
        self._process.rouse()
        answer = bytearray()

        def take(block: bytes) -> bool:
            answer.extend(block)
            if len(answer) > self._max_line:
                raise JailFailed(JailFailure.TOO_LONG, f"more than {self._max_line} bytes")
            return b"\n" in block

        report = self._exchange.run(outgoing, take, timeout=timeout, cpu=cpu, stop=stop)
        if report is not None:
            failure = JailFailure(report.limit) if report.limit else JailFailure.DIED
            tail = self._exchange.tail[-1000:].decode(errors="replace")
            raise JailFailed(failure, f"status {report.status}: {tail}")
        return answer

    def _judge(self, line: bytes | bytearray) -> Any:
        """Return the answer in a line, which an attacker may have written."""
        if _count_values(line, self._most_values) > self._most_values:
            raise JailFailed(JailFailure.TOO_LONG, f"more than {self._most_values} values")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            raise JailFailed(JailFailure.GARBAGE, "not one line of JSON") from None
        if not isinstance(message, dict) or message.get("id") != self.uses:
            raise JailFailed(JailFailure.GARBAGE, "not an answer to this request")
        if "raised" in message:
            raise JailFailed(JailFailure.RAISED, str(message["raised"])[:2000])
        if "answer" not in message:
            raise JailFailed(JailFailure.GARBAGE, "no answer in it")
        return message["answer"]

    @property
    def alive(self) -> bool:
        """Return False once it is closed, or has ended by itself."""
        try:
            return not self.closed and self._process.report() is None
        except JailFailed:
            return False

    @property
    def launcher(self) -> int:
        """Return the process number of its launcher."""
        return self._process.launcher

    def close(self) -> None:
        """End it. A request under way raises JailFailed (DIED)."""
        self.closed = True
        self._process.end()
        with self._lock:  # close its pipes once no thread reads them any more
            self._process.kill()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)


def _count_values(line: bytes | bytearray, enough: int) -> int:
    """Return an upper bound of the values in ``line``, exact about strings when it matters."""
    marks = sum(map(line.count, _MARKS))
    return marks if marks <= enough else sum(map(_STRING.sub(b"", line).count, _MARKS))
