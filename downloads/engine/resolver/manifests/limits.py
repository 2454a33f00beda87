"""Limits of one manifest, enforced by the child while it reads and by its owner afterwards."""

from __future__ import annotations

MAX_SEGMENTS = 100_000  # of one stream: 55 h in pieces of 2 s
MAX_VARIANTS = 200
MAX_MIRRORS = 8
MAX_LINKS = 20
MAX_GAPS = 100
MAX_PERIODS = 500
MAX_SECONDS = 10**7  # of anything: 115 days
MAX_VARIABLES = 200  # EXT-X-DEFINE
MAX_VARIABLES_LENGTH = 64 * 1024  # characters of all names and values, stored with a stream
