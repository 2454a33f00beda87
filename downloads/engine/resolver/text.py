"""Untrusted text. Pure; also used inside the jail."""

from __future__ import annotations

import unicodedata


def without_controls(text: str) -> str:
    """Return the part of a text that can be shown and stored: no control characters (PostgreSQL
    takes no NUL), no direction characters, no lone surrogates."""
    return "".join(char for char in text if unicodedata.category(char)[0] != "C")
