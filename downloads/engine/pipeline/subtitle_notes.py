"""Sentences about missing or incomplete subtitles. Pure."""

from __future__ import annotations

import re
from typing import Final

from downloads.engine.core.errors import DownloadError
from downloads.engine.core.humanize import wait_in_words
from downloads.engine.core.languages import name_of
from downloads.engine.core.media import Subtitle
from downloads.engine.media.subtitles import CAUSES, BrokenSubtitles

_STATUS = re.compile(r"\bHTTP (\d{3})\b")
# Ends of a sentence about subtitles; the messages of the errors are about films.
_BY_CODE: Final = {
    "bad_manifest": "their playlist is broken",
    "blocked_address": "they are at a private address, which is blocked",
    "expired_link": "their link has expired",
    "deadline": "the site took too long",
    "geo_blocked": "the site does not offer them in the server's country",
    "login_required": "the site requires a login",
    "network": "the site could not be reached",
    "protected": "they are copy-protected (DRM)",
    "rate_limited": "the site is limiting requests",
    "stalled": "the site took too long",
    "source_changed": "they changed on the site during the download",
    "too_large": "they are too large",
    "too_many_redirects": "too many redirects",
    "unavailable": "the site does not have them",
    "unsupported_url": "their playlist is protected",
    "not_media": "the site sent something else in their place",
}
_OTHERWISE: Final = "the site sent an invalid answer"


def not_had(subtitle: Subtitle, error: DownloadError) -> str:
    verb = "read" if isinstance(error, BrokenSubtitles) else "fetched"
    return f"The {_label(subtitle)} could not be {verb}: {_cause(error)}."


def empty(subtitle: Subtitle) -> str:
    return f"The {_label(subtitle)} are left out: they are empty on the site."


def outside(subtitle: Subtitle) -> str:
    return f"The {_label(subtitle)} are left out: their times lie outside this film."


def with_gaps(subtitle: Subtitle, missing: int, total: int, error: DownloadError) -> str:
    verb = "is" if missing == 1 else "are"
    return f"{missing} of {total} parts of the {_label(subtitle)} {verb} missing: {_cause(error)}."


def lacking(subtitle: Subtitle, seconds: float) -> str:
    return f"The site lacks {wait_in_words(seconds)} of the {_label(subtitle)}."


def without_end(subtitle: Subtitle) -> str:
    return f"The {_label(subtitle)} may be cut short: their playlist does not say that it is whole."


def _label(subtitle: Subtitle) -> str:
    """Return a label: ``English subtitles``, ``Portuguese (pt-BR) subtitles``."""
    shown = name_of(subtitle.language) or "unnamed"
    kind = "automatic " * subtitle.automatic + "forced " * subtitle.forced
    return f"{kind}{shown} subtitles"


def _cause(error: DownloadError) -> str:
    if isinstance(error, BrokenSubtitles):
        return CAUSES[error.cause]
    if status := _STATUS.search(error.detail):
        return f"the site answers {status[1]}"
    return _BY_CODE.get(error.code, _OTHERWISE)
