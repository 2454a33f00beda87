"""Inside the jail: what the child's owner raises as its own."""

from __future__ import annotations


class Bad(Exception):
    """The manifest breaks its format. The text is for staff."""


class TooBig(Exception):
    """It holds more than ``limits`` say."""


class Elsewhere(Exception):
    """It leads to something that is not http; the text is the scheme."""
