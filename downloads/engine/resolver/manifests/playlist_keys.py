"""Inside the jail: the keys of a media playlist (RFC 8216, section 4.3.2.4)."""

from __future__ import annotations

import re

from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_SEGMENTS

# Methods for whole segments with a freely available key; AES-256 too, as in hls.js.
METHODS = frozenset({"AES-128", "AES-256", "AES-256-CTR"})
_IV = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{1,64})")
_DIGITS = 32


class PlaylistKeys:
    """The keys of one playlist. ``rows``: each key once, as ``answers.RawKey`` takes it.
    ``protected``: some segment or map has no available key."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []
        self.protected = False
        self._active: dict[str, tuple[str, int | None]] = {}  # by KEYFORMAT: method, place
        self._places: dict[tuple[str, str, str], int] = {}

    def take(self, values: dict[str, str]) -> None:
        """Take the attributes of an EXT-X-KEY: one key in several formats takes several lines, and
        a line replaces the one of its own format."""
        method = values.get("METHOD", "").upper()
        if method == "NONE":
            self._active = {}
        elif method:
            form = values.get("KEYFORMAT", "identity") or "identity"
            plain = form.lower() == "identity" and method in METHODS
            place = self._place(method, values) if plain else None
            self._active[form.lower()] = (method, place)
        if len(self._active) > 100:
            raise ManifestTooLarge("a segment with more than 100 keys")

    def current(self) -> int | None:
        """Return the index of the current key; None without one."""
        if not self._active:
            return None
        _, place = self._active.get("identity", ("", None))
        self.protected |= place is None
        return place

    def key_of(self, place: int | None) -> str:
        """Return the identity of a key, whatever the IV."""
        return "" if place is None else f"{self.rows[place]['method']} {self.rows[place]['uri']}"

    def _place(self, method: str, values: dict[str, str]) -> int:
        if not values.get("URI"):
            raise ManifestError("a key without a URI")
        key = (method, values["URI"], _iv(values.get("IV", "")))
        if key not in self._places:
            if len(self.rows) >= MAX_SEGMENTS:
                raise ManifestTooLarge(f"more than {MAX_SEGMENTS} keys")
            self._places[key] = len(self.rows)
            self.rows.append({"uri": key[1], "iv": key[2], "method": method})
        return self._places[key]


def _iv(text: str) -> str:
    """Return the IV as 32 hex digits, or empty: leading zeros may be missing, or be too many."""
    if not text:
        return ""
    match = _IV.fullmatch(text)
    digits = match[1].lower().lstrip("0") if match else "x" * 33
    if len(digits) > _DIGITS:
        raise ManifestError("an IV that is none")
    return digits.zfill(_DIGITS)
