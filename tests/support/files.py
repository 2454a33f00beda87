"""Files of a folder that running processes add to and remove from."""

from __future__ import annotations

import os
from pathlib import Path


def files_below(folder: Path) -> list[Path]:
    """Return its files at any depth. What vanishes meanwhile is not among them, and no error."""
    return [Path(where) / name for where, _, names in os.walk(folder) for name in names]
