"""Subtitles to WebVTT, which every browser's player reads. Parsed in the jail."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.disk import disk_errors
from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.media.film_clock import FilmClock
from downloads.engine.sandbox import program
from downloads.engine.sandbox.confinement import (
    MIB,
    Confinement,
    JailFailed,
    JailFailure,
    ProgramResult,
)
from downloads.engine.sandbox.worker import PACKAGE, python_module

FORMATS: Final = ("vtt", "srt", "ttml", "ssa", "mp4")
LARGEST: Final = 32 * MIB
_ALIASES: Final = {"dfxp": "ttml", "xml": "ttml", "stpp": "ttml", "webvtt": "vtt", "ass": "ssa"}
_CHILD: Final = "downloads.engine.media.subtitle_child"
_TIMEOUT: Final = 60.0  # seconds
_BAD: Final = "The site's subtitles are broken. Choose the download without them."
# The child's error codes, as the end of a sentence about subtitles.
CAUSES: Final = {
    "broken": "they are broken",
    "format": "they are in a format that Ferry does not read",
    "images": "they are pictures in place of text",
    "many": "they are too many",
    "page": "the site sent a web page in their place",
    "protected": "they are protected against copying (DRM)",
}
_CAUSE = re.compile(r"^cause=(\w{1,20})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SubtitlePiece:
    """One file of many, stored in one: ``offset`` and ``size`` in bytes. ``at``: its begin by its
    list, in seconds; ``part``: the number of its part in the list; ``shift``: seconds added to its
    media times (see Fragment.offset)."""

    offset: int
    size: int
    at: float | None = None
    part: int | None = None
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class SubtitleSource:
    """The source of one subtitle. ``ext``: its declared format. ``charset``: by its Content-Type;
    ``language``: a BCP 47 tag. ``pieces``: none if it is one file; ``parts``: the number of parts
    in their list."""

    path: Path
    ext: str
    charset: str = ""
    language: str = ""
    pieces: tuple[SubtitlePiece, ...] = ()
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Converted:
    """The outcome. ``broken``: the indexes of pieces that could not be read; ``cause``: the reason,
    a key of CAUSES. ``outside``: there were cues, but none within the film. ``inside``: a file of
    those within it, if others are not."""

    cues: int
    broken: tuple[int, ...] = ()
    cause: str = ""
    outside: bool = False
    inside: Path | None = None


class BrokenSubtitles(ProcessingFailed):
    """Subtitles that cannot be read. ``cause`` is a key of CAUSES."""

    def __init__(self, detail: str, cause: str = "broken") -> None:
        self.cause = cause
        super().__init__(detail, message=_BAD)


def convert(
    source: SubtitleSource,
    output: Path,
    *,
    work_dir: Path,
    clock: FilmClock = FilmClock(),  # noqa: B008 - frozen
    stop: StopToken | None = None,
) -> Converted:
    """Write ``source`` to ``output`` as WebVTT on the film's ``clock``.

    The format is recognised by the bytes of each piece; an unreadable one is left out, and
    reported. Raises BrokenSubtitles if none can be read, DiskFull, StorageUnavailable,
    InternalError, Stopped.
    """
    order = _order(source, clock)
    finished = _run(order, source.path, work_dir, stop)
    head, _, made = finished.stdout.partition(b"\n")
    found, size = _outcome(head, len(order["pieces"]), made)
    _write(output, made[:size])
    if made[size:]:
        found = replace(found, inside=output.with_suffix(".inside"))
        _write(output.with_suffix(".inside"), made[size:])
    return found


def _order(source: SubtitleSource, clock: FilmClock) -> dict[str, Any]:
    """Return the order for the child. Raises BrokenSubtitles for what no child need look at."""
    ext = _ALIASES.get(source.ext.lower(), source.ext.lower())
    if ext not in FORMATS:
        raise BrokenSubtitles(f"subtitles as {ext}", "format")
    with disk_errors():
        size = source.path.stat().st_size
    if size > LARGEST:
        raise BrokenSubtitles(f"subtitles of more than {LARGEST} bytes", "many")
    return {
        "path": str(source.path.resolve()),
        "kind": ext,
        "charset": source.charset,
        "language": source.language,
        "parts": source.parts,
        "starts": [(start.source, start.film, start.mark) for start in clock.parts],
        "length": clock.length,
        "pieces": [asdict(each) for each in source.pieces or (SubtitlePiece(0, size),)],
    }


def _run(
    order: dict[str, Any], path: Path, work_dir: Path, stop: StopToken | None
) -> ProgramResult:
    confinement = Confinement(
        work_dir=work_dir,
        read_paths=(PACKAGE, path.resolve()),
        memory_bytes=1024 * MIB,
        cpu_seconds=int(_TIMEOUT),
        file_bytes=0,  # it answers on its pipe
    )
    try:
        finished = program.run(
            python_module(_CHILD),
            confinement,
            stdin=json.dumps(order).encode(),
            timeout=_TIMEOUT,
            stop=stop,
            max_output=3 * LARGEST,
        )
    except JailFailed as error:
        if error.failure in (JailFailure.TIMEOUT, JailFailure.TOO_LONG):
            raise BrokenSubtitles(error.detail) from None
        raise
    if finished.status:
        word = _CAUSE.search(finished.stderr)
        last_line = _CAUSE.sub("", finished.stderr).strip().splitlines()[-1:]
        raise BrokenSubtitles(
            f"subtitles: {finished.status} {last_line}"[:300], _cause(word[1] if word else "")
        )
    return finished


def _cause(word: str) -> str:
    return word if word in CAUSES else "broken"


def _outcome(head: bytes, pieces: int, made: bytes) -> tuple[Converted, int]:
    """Return the child's outcome, and the length of its first output. The child has read untrusted
    text. Raises BrokenSubtitles."""
    try:
        report = json.loads(head)
        broken, cause, size = report["broken"], _cause(str(report["cause"])), report["size"]
        is_known = isinstance(broken, list) and all(type(place) is int for place in broken)
        if not is_known or not set(broken) <= set(range(pieces)) or type(size) is not int:
            raise ValueError
        cues = made[:size].count(b" --> ")
        places = tuple(sorted(set(broken)))
        return Converted(cues, places, cause, bool(report["found"]) and not cues), size
    except (ValueError, LookupError, TypeError, RecursionError):
        raise BrokenSubtitles("the child's answer is none") from None


def _write(output: Path, vtt: bytes) -> None:
    unfinished = output.with_name(f".{output.name}")
    with disk_errors(), unfinished.open("wb") as file:
        file.write(vtt)
        file.flush()
        os.fsync(file.fileno())
        unfinished.replace(output)
