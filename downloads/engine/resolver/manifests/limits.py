"""How much one manifest may hold. Kept by the child while it reads and by its owner after."""

from __future__ import annotations

MAX_FRAGMENTS = 20_000
MAX_VARIANTS = 200
MAX_MIRRORS = 8
MAX_LINKS = 20
MAX_GAPS = 100
MAX_PERIODS = 500
