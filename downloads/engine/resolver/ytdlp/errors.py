"""yt-dlp's failures as errors of our own tree, with a sentence that says what to do. Pure.

Its reasons are sentences in English, each extractor's own; the patterns follow those of YouTube,
Vimeo and yt-dlp's ``raise_login_required`` and ``raise_geo_restricted``. A sentence that none of
them matches is judged by the HTTP status, then by whether yt-dlp calls it a bug of its own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from downloads.engine.core.errors import (
    BadResponse,
    DownloadError,
    GeoBlocked,
    LoginRequired,
    NetworkError,
    RateLimited,
    Unavailable,
    UnsupportedURL,
)
from downloads.engine.core.po_token_use import PoTokenUse
from downloads.engine.egress.http_fields import error_for_status, retry_after
from downloads.engine.resolver.ytdlp.answer import ExtractionFailure

NOTHING_THERE = (
    "Ferry found no video on this page. Paste a link to the video's own page or to the file."
)
_Make = Callable[[ExtractionFailure, str, bool], DownloadError]

_LOOKED_AT = 2000  # characters of a sentence
_NETWORK_KINDS = frozenset(
    {"TransportError", "ProxyError", "SSLError", "CertificateVerifyError", "IncompleteRead"}
)
_BEGINS = re.compile(
    r"(?:begin|start|premiere)s?\b[^.]{0,200}?\bin "
    r"((?:an?|\d{1,4}|a few) (?:second|minute|hour|day|week|month)s?)",
    re.IGNORECASE,
)


def error_for(failure: ExtractionFailure, url: str, *, has_cookies: bool = False) -> DownloadError:
    """Return the error for a failure. ``url``: the requested one; ``has_cookies``: the user's
    cookies were sent."""
    text = failure.message[:_LOOKED_AT].replace("\u2019", "'")
    for pattern, make in _SENTENCES:
        if pattern.search(text):
            return make(failure, url, has_cookies)
    if failure.kind == "GeoRestrictedError":
        return _geo_blocked(failure, url, has_cookies)
    if failure.kind == "UnsupportedError":
        return _nothing_there(failure, url, has_cookies)
    if failure.status is not None and failure.status not in (200, 206):
        return _by_status(failure, url, has_cookies)
    if failure.cause in _NETWORK_KINDS or failure.kind in _NETWORK_KINDS:
        return NetworkError(_detail(failure))
    if not failure.expected:
        return _broken(failure, url, has_cookies)
    return Unavailable(
        _detail(failure),
        message=f"{_site(url)} does not offer this video. Open it in a browser to see why.",
    )


def is_of_source(failure: ExtractionFailure) -> bool:
    """Return if the failure is the source's answer, and no sign of a bug in yt-dlp."""
    if failure.status is not None and failure.status not in (200, 206):
        return True
    return not isinstance(error_for(failure, ""), BadResponse)


def _login(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    site = _site(url)
    if has_cookies:
        message = (
            f"{site} no longer accepts your cookies. Sign in there in a browser, "
            f"then add fresh cookies for {site}."
        )
    else:
        message = f"{site} requires a login. Add cookies for {site}, then retry."
    return LoginRequired(_detail(failure), message=message)


def _bot_check(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    site = _site(url)
    fresh = "fresh cookies" if has_cookies else "cookies"
    failed = failure.po_token is PoTokenUse.FAILED
    hint = " The server's provider of PO tokens failed: tell an administrator." if failed else ""
    return LoginRequired(
        _detail(failure),
        message=f"{site} suspects an automated request. Add {fresh} for {site}, then retry.{hint}",
    )


def _age(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    site = _site(url)
    return LoginRequired(
        _detail(failure),
        message=f"{site} restricts this video by age. Add cookies for {site} of an account "
        "with a confirmed age, then retry.",
    )


def _members(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    site = _site(url)
    return LoginRequired(
        _detail(failure),
        message=f"This video is for paying members. Add cookies for {site} of a member's account, "
        "then retry.",
    )


def _password(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return LoginRequired(
        _detail(failure),
        message="This video needs a password, which Ferry cannot enter. "
        f"Add cookies for {_site(url)} from a browser in which it plays, then retry.",
    )


def _private(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return Unavailable(
        _detail(failure),
        message="This video is private. Ask its owner for access, "
        f"then add cookies for {_site(url)} and retry.",
    )


def _gone(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return Unavailable(
        _detail(failure), message="This video has been removed or never existed. Check the link."
    )


def _geo_blocked(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return GeoBlocked(
        _detail(failure),
        message=f"{_site(url)} does not offer this in the server's country. "
        "Look for it on another site.",
    )


def _protected(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return UnsupportedURL(
        _detail(failure),
        message="This video is copy-protected (DRM), so it cannot be downloaded. "
        "Watch it on its site.",
    )


def _nothing_there(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return UnsupportedURL(_detail(failure), message=NOTHING_THERE)


def _not_begun(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    """Return a permanent error: retries before the start are in vain; the user retries after it."""
    found = _BEGINS.search(failure.message[:_LOOKED_AT])
    when = f"in {found[1]}" if found else "at a time that the site does not give"
    return Unavailable(
        _detail(failure), message=f"This has not started yet: it starts {when}. Retry afterwards."
    )


def _live(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return UnsupportedURL(
        _detail(failure), message="This is a live stream. Paste its link again when it has ended."
    )


def _offline(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return Unavailable(
        _detail(failure),
        message="This channel is not live now. Paste a link to one of its recordings.",
    )


def _too_many(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return slow_down(_detail(failure), _site(url), retry_after(failure.retry_after))


def slow_down(
    detail: str, site: str, wait: float | None, *, now: float | None = None
) -> DownloadError:
    """Return the error for a rate limit. ``wait`` in seconds, if the site gave it; ``now`` is Unix
    time."""
    if not wait:
        vague = f"{site} is limiting requests. Wait a while, then retry."
        return RateLimited(detail, message=vague)
    until = time.localtime((time.time() if now is None else now) + wait + 59)  # never too early
    return RateLimited(
        detail,
        message=f"{site} is limiting requests. Wait until {time.strftime('%H:%M', until)}, "
        "then retry.",
        retry_after=wait,
    )


def _broken(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return BadResponse(
        _detail(failure),
        message=f"yt-dlp cannot read {_site(url)} since the site changed. "
        "Retry later, or ask an administrator to update yt-dlp.",
    )


def _network(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    return NetworkError(_detail(failure))


def _by_status(failure: ExtractionFailure, url: str, has_cookies: bool) -> DownloadError:
    """Return the error by HTTP status: as for a file, except that a site may require a login."""
    assert failure.status is not None
    headers = {"Retry-After": failure.retry_after} if failure.retry_after else {}
    error = error_for_status(failure.status, headers)
    if isinstance(error, RateLimited):
        return slow_down(_detail(failure), _site(url), error.retry_after)
    if isinstance(error, LoginRequired):
        return _login(failure, url, has_cookies)
    if failure.status == 403:
        return Unavailable(
            _detail(failure),
            message=f"{_site(url)} refused access; it may need your cookies. If the video plays in "
            f"your browser, add cookies for {_site(url)}, then retry.",
        )
    if error is None:
        return _broken(failure, url, has_cookies)
    return type(error)(_detail(failure), message=error.message, retry_after=error.retry_after)


def _site(url: str) -> str:
    host = (urlsplit(url).hostname or "the site").removeprefix("www.")
    return host.removeprefix("m.") if host.count(".") > 1 else host


def _detail(failure: ExtractionFailure) -> str:
    """Return the detail for staff: everything that yt-dlp reported."""
    parts = [f"{failure.kind}: {failure.message}", *failure.warnings]
    if failure.status is not None:
        parts.insert(1, f"HTTP {failure.status}")
    return " | ".join(parts)[:4000]


def _sentence(pattern: str, make: _Make) -> tuple[re.Pattern[str], _Make]:
    return re.compile(pattern, re.IGNORECASE), make


# The first match counts, so specific patterns precede general ones.
_SENTENCES: tuple[tuple[re.Pattern[str], _Make], ...] = (
    _sentence(r"\bDRM\b|copy.?protect|Widevine|FairPlay|PlayReady", _protected),
    _sentence(r"not a bot|captcha|are you human|unusual traffic|bot check", _bot_check),
    _sentence(r"HTTP Error 429|too many requests|rate.?limit", _too_many),
    _sentence(
        r"premieres? in|premiere will begin|will begin (?:in|shortly)|is upcoming"
        r"|(?:event|stream|premiere) (?:will begin|starts|has not (?:started|begun))"
        r"|not (?:yet )?(?:started|begun)",
        _not_begun,
    ),
    _sentence(
        r"members.?only|for (?:paying )?members|join this channel|subscribers? only|premium"
        r"|requires? payment|paid (?:content|video)|purchase|rent(?:al)? ",
        _members,
    ),
    _sentence(
        r"confirm your age|age.?restrict|inappropriate for some users|adults? only|mature", _age
    ),
    _sentence(r"password", _password),
    _sentence(r"not currently live|is offline|no longer live", _offline),
    _sentence(r"live stream.*(?:cannot|not supported)|is live\b.*not supported", _live),
    _sentence(
        r"private video|video is private|is private\b|this (?:post|account|profile) is private",
        _private,
    ),
    _sentence(
        r"(?:available|blocked|restricted|playable) (?:only )?(?:in|from) (?:your|this|the) "
        r"(?:country|region|location|territory)|geo.?(?:restrict|block)"
        r"|not (?:made this video )?available in your|in your (?:country|region|location)",
        _geo_blocked,
    ),
    _sentence(
        r"log.?in|sign.?in|logged.?in|account credentials|registered users|authenticat"
        r"|--cookies|--username|account (?:is )?required|not authorized",
        _login,
    ),
    _sentence(
        r"(?:been|was) (?:removed|deleted|terminated|taken down)|no longer available"
        r"|does(?: not|n't) exist|not exist|not found|video (?:is )?unavailable|isn't available"
        r"|is not available|content unavailable|copyright|HTTP Error 404|HTTP Error 410",
        _gone,
    ),
    _sentence(r"Unsupported URL|no suitable extractor|piracy", _nothing_there),
    _sentence(
        r"timed? ?out|connection (?:refused|reset|aborted)|name or service|getaddrinfo"
        r"|Unable to connect|Tunnel connection failed|certificate verify|handshake",
        _network,
    ),
)
