"""Inside the jail: errors that the child's owner raises again as its own."""

from __future__ import annotations


class ManifestError(Exception):
    """A manifest that breaks its format. The text is for staff."""


class ManifestTooLarge(Exception):
    """A manifest that exceeds ``limits``."""


class UnsupportedScheme(Exception):
    """A reference to something that is not http; the text is the scheme."""
