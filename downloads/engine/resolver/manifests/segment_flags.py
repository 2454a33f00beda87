"""What a row of an HLS playlist says of its segment besides its values; the child writes it and its
owner reads it."""

from __future__ import annotations

DISCONTINUITY = 1
GAP = 2
