"""Ferry's version, as processes and backups say it."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"  # as in pyproject.toml
