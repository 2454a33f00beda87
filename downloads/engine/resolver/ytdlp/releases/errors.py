"""Failures of an update. Their texts are sentences for an operator that say what to do."""

from __future__ import annotations


class UpdateFailed(Exception):
    """The update came to nothing, and what was in use stays. Another try may succeed."""


class Refused(UpdateFailed):
    """A release that must not be used: of a wrong hash or form, or failed by its self-test."""


class NothingNewer(UpdateFailed):
    """The index has nothing newer than what is in use."""


class Busy(UpdateFailed):
    """Another update of this host is under way."""
