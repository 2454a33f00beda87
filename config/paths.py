"""Paths of this site: those that are its own, and one that everything may lie below. Pure."""

from __future__ import annotations

import re

# The first segments of Ferry's own paths.
OWN_PATHS = frozenset(
    {
        "accounts", "admin", "api", "catalogue", "cookies", "d", "doctor", "downloads",
        "favicon.ico", "groups", "health", "healthz", "metrics", "playlists", "queue", "readyz",
        "sample", "static", "webhooks", "ws",
    }
)  # fmt: skip
_SEGMENT = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]+")


def url_prefix(text: str) -> str:
    """Return the path without its last slash; empty for the root. Raises ValueError, whose message
    completes a sentence that starts with the variable's name."""
    path = text.rstrip("/")
    segments = path.split("/")[1:]
    if path and not (path.startswith("/") and all(map(_SEGMENT.fullmatch, segments))):
        raise ValueError("must be a path of letters, digits and - . _ ~, such as /ferry")
    if segments and segments[0] in OWN_PATHS:
        # behind a proxy that strips the prefix /api/... could be either
        raise ValueError("must begin with another name than Ferry's own paths, such as /ferry")
    return path
