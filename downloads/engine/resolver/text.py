"""Text of strangers. Pure; read inside the jail too."""

from __future__ import annotations

import unicodedata


def without_controls(text: str) -> str:
    """What of it can be shown and kept: no control characters (PostgreSQL takes no NUL), no
    direction characters, no halves of surrogate pairs."""
    return "".join(char for char in text if unicodedata.category(char)[0] != "C")
