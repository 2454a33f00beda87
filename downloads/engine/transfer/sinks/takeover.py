"""The takeover of an older generation's part, into a file of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from downloads.engine.core import disk
from downloads.engine.core.byte_range import ByteRange, merge
from downloads.engine.transfer.checkpoint import Checkpoint

# A lease does not fence a file: the older worker may still hold its part open and wake up any
# time. So the durable ranges are cloned or copied into a new inode, which only this generation
# writes to, and the older one's late writes hit a file without readers.
_PART = re.compile(r"g(\d+)\.part")


def part_name(generation: int) -> str:
    return f"g{generation}.part"


def take_over(
    directory: Path, checkpoint: Checkpoint, target: int, tick: Callable[[], None]
) -> tuple[ByteRange, ...]:
    """Copy the checkpoint's ranges into ``target``. Return those that were really there."""
    try:
        source = os.open(directory / checkpoint.part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return ()
    try:
        ranges = clip(checkpoint.ranges, os.fstat(source).st_size)
        if ranges and not disk.clone(source, target):
            for start, end in ranges:
                disk.copy_range(source, target, start, end, tick)
        return ranges
    finally:
        os.close(source)


def clip(ranges: tuple[ByteRange, ...], size: int) -> tuple[ByteRange, ...]:
    return merge(ByteRange(r.start, min(r.end, size)) for r in ranges)


def remove_older(directory: Path, generation: int) -> None:
    """Unlink the parts of earlier generations; a later one's is never touched."""
    for entry in directory.iterdir():
        match = _PART.fullmatch(entry.name)
        if match and int(match[1]) < generation:
            entry.unlink(missing_ok=True)
