"""The disks of work files and of a local storage: room and speed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

from downloads import conf
from downloads.doctor.finding import Finding, fail, ok, warn
from downloads.engine.core.disk import sync_data
from downloads.engine.core.humanize import size_in_words, speed_in_words
from downloads.storage.storage import nearest_folder

SAMPLE: Final = 16 * 1024 * 1024  # bytes
BLOCK: Final = 1024 * 1024
LONGEST: Final = 2.0  # seconds of one sample
SLOW: Final = 10_000_000  # bytes a second; below it several downloads at once wait for the disk
FEW_FILES: Final = 10_000


def probe() -> Iterator[Finding]:
    work, media = nearest_folder(conf.work_dir()), nearest_folder(Path(settings.STORAGE_PATH))
    yield from _examine("disk_data", "work files", work)
    if not settings.AWS_STORAGE_BUCKET_NAME and media.stat().st_dev != work.stat().st_dev:
        yield from _examine("disk_media", "the storage", media)


def _examine(id: str, use: str, folder: Path) -> Iterator[Finding]:
    free, least = shutil.disk_usage(folder).free, settings.MIN_FREE_SPACE
    text = f"{size_in_words(free)} are free for {use} ({folder})"
    if free < least:
        yield fail(
            id,
            f"{text}, less than MIN_FREE_SPACE ({size_in_words(least)}): downloads wait.",
            "Free some, or lower MIN_FREE_SPACE.",
        )
    elif free < 2 * least:
        yield warn(id, f"{text}.", "Free some: downloads wait below MIN_FREE_SPACE.")
    else:
        yield ok(id, f"{text}.")
    if 0 < os.statvfs(folder).f_favail < FEW_FILES:
        yield warn(
            f"{id}_files",
            f"The disk of {use} can take {os.statvfs(folder).f_favail} more files only.",
            "Remove small files, or make the file system with more inodes.",
        )
    if free > 4 * SAMPLE:
        yield _speed(f"{id}_speed", use, folder)


def _speed(id: str, use: str, folder: Path) -> Finding:
    try:
        rate = write_speed(folder)
    except OSError as error:
        return fail(
            id,
            f"The disk of {use} takes no file ({error.strerror}).",
            f"Give Ferry's user the right to write in {folder}.",
        )
    text = f"The disk of {use} writes {speed_in_words(rate)}, synced."
    if rate < SLOW:
        return warn(id, text, "Use a faster disk, or lower WORKER_CONCURRENCY.")
    return ok(id, text)


def write_speed(folder: Path) -> float:
    """Return the bytes a second of a file written there and synced. Raises OSError."""
    block = os.urandom(BLOCK)  # a file system may compress
    began, done = time.monotonic(), 0
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        while done < SAMPLE and time.monotonic() - began < LONGEST:
            done += file.write(block)
            if done % (4 * BLOCK) == 0:
                sync_data(file.fileno())
        os.fsync(file.fileno())
    return done / max(time.monotonic() - began, 0.001)
