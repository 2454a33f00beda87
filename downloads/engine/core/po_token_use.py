"""The outcome of asking a provider of PO tokens, from the extractor to the timeline."""

from __future__ import annotations

from enum import StrEnum


class PoTokenUse(StrEnum):
    """The outcome of asking a provider of PO tokens, as YouTube's extractor may."""

    USED = "used"
    NOT_USED = "not_used"  # none was asked for
    FAILED = "failed"
