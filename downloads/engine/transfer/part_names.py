"""Names beside an unfinished file: its part, its checkpoint, and its lock."""

from __future__ import annotations

from pathlib import Path


def part_path(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def checkpoint_path(target: Path) -> Path:
    return target.with_name(f".{target.name}.part.json")


def lock_path(target: Path) -> Path:
    return target.with_name(f".{target.name}.part.lock")
