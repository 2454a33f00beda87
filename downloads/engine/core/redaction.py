"""Redaction of the secrets of URLs in texts, in linear time: strangers write parts of them."""

from __future__ import annotations

import re
from typing import Final

# From "//" to the last "@" of the authority: a password may hold an "@" or a quote.
_USERINFO: Final = re.compile(r"//[^\s/?#]*@")
# A word with a slash in it: a URL or a path. The lookbehind keeps a word from being read again at
# each of its letters.
_QUERY: Final = re.compile(r"(?<![^\s'\"])([^\s'\"/]*+/[^\s'\"?#]*+)[?#][^\s'\"]+")


def redact_userinfo(text: str, instead: str = "") -> str:
    """Return ``text`` with ``instead`` for each ``user:password@`` of a URL."""
    return _USERINFO.sub(f"//{instead}", text)


def redact_queries(text: str, instead: str) -> str:
    """Return ``text`` with ``?`` and ``instead`` for the query and fragment of each URL or path."""
    return _QUERY.sub(rf"\1?{instead}", text)
