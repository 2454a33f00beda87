"""Inside the jail: what the child's owner raises as its own."""

from __future__ import annotations


class ManifestError(Exception):
    """The manifest breaks its format. The text is for staff."""


class ManifestTooLarge(Exception):
    """It holds more than ``limits`` say."""


class UnsupportedScheme(Exception):
    """It leads to something that is not http; the text is the scheme."""
