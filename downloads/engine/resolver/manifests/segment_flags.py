"""Flags of a segment's row in an HLS playlist; the child writes them and its owner reads them."""

from __future__ import annotations

DISCONTINUITY = 1
GAP = 2
