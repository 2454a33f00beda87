"""One run of ffmpeg: in the jail, with its feeders, its progress and its failures."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DiskFull, InternalError, ProcessingFailed
from downloads.engine.media.command import GLOBAL
from downloads.engine.media.config import MediaConfig
from downloads.engine.media.feeder import Feeder
from downloads.engine.media.progress import Course, Reports, fraction, rewriting
from downloads.engine.sandbox import program
from downloads.engine.sandbox.confinement import Confinement, JailFailed, JailFailure, ProgramResult
from downloads.engine.sandbox.exchange import TAIL

QUICK: Final = 30.0  # seconds for what takes less than one
_SILENCE: Final = 1.0  # seconds without a report: ffmpeg reports four times a second
_OPEN_FILES: Final = 64
# Output about a file: thousands of chapters come before the streams.
_ALL_SAID: Final = 8 * 1024**2
_DISK_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_NO_ROOM = "reserved_moov_size is too small"
_LIMIT = re.compile(r"received signal (?:24|25)\b|File too large|Cannot allocate memory")
_TOO_BIG = "This is too large for the server to merge. Try a lower quality."


class NoRoom(ProcessingFailed):
    """The index of an MP4 is larger than the room that was kept for it."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The target of a run: ``output``, and its ``duration`` in seconds if known. ``rewrites``: the
    file is rewritten once more at the end (faststart)."""

    output: Path
    duration: float | None = None
    rewrites: bool = False


def ask(
    arguments: Sequence[str],
    folder: Path,
    config: MediaConfig,
    *,
    read: Iterable[Path] = (),
    stop: StopToken | None = None,
) -> ProgramResult:
    """Run ffmpeg for a moment. ``folder`` is its working folder; the caller judges the result.
    Raises ProcessingFailed (it took too long), InternalError, Stopped."""
    confinement = _confinement(folder, config, read)
    confinement = replace(confinement, cpu_seconds=int(QUICK), file_bytes=64 * 1024**2)
    return _run(arguments, confinement, config, timeout=QUICK, stop=stop, keep=_ALL_SAID)


def run(
    arguments: Sequence[str],
    folder: Path,
    config: MediaConfig,
    *,
    aim: Aim,
    course: Course,
    feeds: Sequence[tuple[Path, Iterable[bytes]]] = (),
    read: Iterable[Path] = (),
    stop: StopToken,
) -> None:
    """Run to the end. ``feeds``: named pipes to make in ``folder``, and what to write into each.

    Raises ProcessingFailed (NoRoom), DiskFull, InternalError, Stopped, and what a feed raises.
    """
    with ExitStack() as stack:
        feeders = []
        for pipe, blocks in feeds:
            feeders.append(Feeder(pipe, blocks))
            stack.callback(pipe.unlink, missing_ok=True)
            stack.callback(feeders[-1].close)
        watch = _Watch(stop, feeders, aim, course, config.stall)
        finished = _run(
            (*arguments,),
            _confinement(folder, config, read),
            config,
            timeout=config.timeout,
            stop=watch,
            on_output=watch,
        )
        watch.raise_feed()
    judge(finished)


def judge(finished: ProgramResult) -> None:
    """Raise the error that a failed end means."""
    if finished.status == 0:
        return
    detail = f"ffmpeg ended with {finished.status}: {_last_lines(finished.stderr)}"
    if _DISK_FULL.search(finished.stderr):
        raise DiskFull(detail)
    if _NO_ROOM in finished.stderr:
        raise NoRoom(detail)
    if finished.limit or finished.status in _BY_LIMIT or _LIMIT.search(finished.stderr):
        raise ProcessingFailed(f"{finished.limit or 'limit'}: {detail}", message=_TOO_BIG)
    if finished.status == -signal.SIGKILL:
        raise InternalError(detail)  # not ours: the machine was out of memory, for example
    raise ProcessingFailed(detail)


_BY_LIMIT: Final = frozenset(
    -number for number in (signal.SIGXFSZ, signal.SIGXCPU, signal.SIGABRT, signal.SIGSEGV)
)


class _Watch(StopToken):
    """A substitute for the stop token, which the jail checks twenty times a second.

    It beats only if something moved: ffmpeg prints its reports even while it is stuck. A feed's
    error is raised here, so that it ends ffmpeg.
    """

    def __init__(
        self, stop: StopToken, feeders: Sequence[Feeder], aim: Aim, course: Course, stall: float
    ) -> None:
        super().__init__()
        self._stop = stop
        self._feeders = feeders
        self._aim = aim
        self._course = course
        self._stall = stall
        self._reports = Reports()
        self._reported = self._moved = time.monotonic()
        self._seen: tuple[float, ...] = ()

    def __call__(self, block: bytes) -> None:
        if self._reports.take(block):
            self._reported = time.monotonic()
            self._tell(0.0)

    def beat(self) -> None:
        pass  # see _look

    def check(self) -> None:
        self._stop.check()
        self.raise_feed()
        self._look()

    def raise_feed(self) -> None:
        for feeder in self._feeders:
            if feeder.error is not None:
                raise feeder.error

    def _look(self) -> None:
        now = time.monotonic()
        seen = self._evidence()
        if seen != self._seen:
            self._seen, self._moved = seen, now
            self._stop.beat()
            if now - self._reported > _SILENCE and self._aim.rewrites and self._reports.count:
                self._tell(now - self._reported)
        elif any(feeder.waits for feeder in self._feeders):
            self._moved = now  # waiting for input: the fetch shows its own progress
        elif now - self._moved > self._stall:
            raise ProcessingFailed(f"ffmpeg stood still for {self._stall:.0f} s")

    def _evidence(self) -> tuple[float, ...]:
        """Return values that change while the work proceeds; the file's modification time while it
        is rewritten."""
        latest = self._reports.latest
        fed = sum(feeder.fed for feeder in self._feeders)
        try:
            written = self._aim.output.stat()
        except OSError:
            return (latest.seconds, latest.bytes, fed)
        return (latest.seconds, latest.bytes, fed, written.st_size, written.st_mtime_ns)

    def _tell(self, silent: float) -> None:
        latest, aim = self._reports.latest, self._aim
        done = fraction(latest.seconds, aim.duration, ends_with_rewrite=aim.rewrites)
        if silent and done is not None:
            done = rewriting(silent, latest.bytes)
        self._course.at(done, latest.bytes)


def _confinement(folder: Path, config: MediaConfig, read: Iterable[Path]) -> Confinement:
    return Confinement(
        work_dir=folder,
        read_paths=tuple(path.resolve() for path in read),
        memory_bytes=config.memory_bytes,
        cpu_seconds=config.cpu_seconds,
        file_bytes=config.file_bytes,
        open_files=_OPEN_FILES,
    )


def _run(
    arguments: Sequence[str],
    confinement: Confinement,
    config: MediaConfig,
    *,
    timeout: float,
    stop: StopToken | None,
    on_output: _Watch | None = None,
    keep: int = TAIL,
) -> ProgramResult:
    argv: list[str | Path] = [config.ffmpeg, *GLOBAL, *arguments]
    try:
        finished = program.run(
            argv, confinement, timeout=timeout, stop=stop, on_output=on_output, keep=keep
        )
    except JailFailed as error:
        if error.failure is JailFailure.TIMEOUT:
            raise ProcessingFailed(error.detail) from None
        raise
    except FileNotFoundError as error:
        raise InternalError(f"ffmpeg: {error}") from None
    return replace(finished, stderr=_without_paths(finished.stderr, confinement))


def _without_paths(output: str, confinement: Confinement) -> str:
    for path in (confinement.work_dir, *confinement.read_paths):
        output = output.replace(str(path), path.name)
    return output


def _last_lines(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return " | ".join(lines[-4:])[-1000:] or "no output"
