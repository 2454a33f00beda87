"""Subtitles to WebVTT, which every browser's player reads. Parsed in the jail."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.media.job import disk_errors
from downloads.engine.sandbox import program
from downloads.engine.sandbox.confinement import MIB, Confinement, JailFailed, JailFailure
from downloads.engine.sandbox.worker import PACKAGE, python_module

FORMATS: Final = ("vtt", "srt", "ttml")
_CHILD: Final = "downloads.engine.media.subtitle_child"
_LARGEST: Final = 20 * MIB
_TIMEOUT: Final = 20.0  # seconds
_BAD: Final = "The source's subtitles are broken. Choose the download without them."


def to_vtt(
    source: Path, output: Path, *, ext: str, work_dir: Path, stop: StopToken | None = None
) -> int:
    """Convert ``source`` (``ext``: vtt, srt or ttml) and answer how many cues there are.

    WebVTT may be the pieces of an HLS playlist one after another. Raises ProcessingFailed,
    DiskFull, StorageUnavailable, InternalError, Stopped.
    """
    ext = {"dfxp": "ttml", "xml": "ttml", "webvtt": "vtt"}.get(ext.lower(), ext.lower())
    if ext not in FORMATS:
        raise ProcessingFailed(f"subtitles as {ext}", message=_BAD)
    with disk_errors():
        if source.stat().st_size > _LARGEST:
            raise ProcessingFailed("subtitles of more than 20 MiB", message=_BAD)
    confinement = Confinement(
        work_dir=work_dir,
        read_paths=(PACKAGE, source.resolve()),
        memory_bytes=1024 * MIB,
        cpu_seconds=int(_TIMEOUT),
        file_bytes=0,  # it answers on its pipe
    )
    try:
        finished = program.run(
            python_module(_CHILD, ext, str(source.resolve())),
            confinement,
            timeout=_TIMEOUT,
            stop=stop,
            max_output=2 * _LARGEST,
        )
    except JailFailed as error:
        if error.failure in (JailFailure.TIMEOUT, JailFailure.TOO_LONG):
            raise ProcessingFailed(error.detail, message=_BAD) from None
        raise
    if finished.status:
        last = finished.stderr.strip().splitlines()[-1:]
        raise ProcessingFailed(f"subtitles: {finished.status} {last}"[:300], message=_BAD)
    return _write(output, finished.stdout)


def _write(output: Path, vtt: bytes) -> int:
    unfinished = output.with_name(f".{output.name}")
    with disk_errors(), unfinished.open("wb") as file:
        file.write(vtt)
        file.flush()
        os.fsync(file.fileno())
        unfinished.replace(output)
    return vtt.count(b" --> ")
