"""yt-dlp's errors as Ferry's: each sentence says what to do."""

from __future__ import annotations

import time

import pytest

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
from downloads.engine.resolver.ytdlp.answer import ExtractionFailure
from downloads.engine.resolver.ytdlp.errors import error_for, slow_down

URL = "https://www.youtube.com/watch?v=x"

# Sentences of yt-dlp's own extractors.
CASES: list[tuple[str, type[DownloadError], str]] = [
    ("Sign in to confirm you\u2019re not a bot. Use --cookies to authenticate", LoginRequired,
     "Add cookies for youtube.com"),
    ("Sign in to confirm your age. This video may be inappropriate for some users.", LoginRequired,
     "by age"),
    ("Join this channel to get access to members-only content", LoginRequired, "member's account"),
    ("This video is only available for registered users. Use --cookies, --username", LoginRequired,
     "Add cookies for youtube.com"),
    ("The web client only works when logged-in. Use --cookies-from-browser", LoginRequired,
     "Add cookies for youtube.com"),
    ("This video is protected by a password, use the --video-password option", LoginRequired,
     "password"),
    ("Private video. Sign in if you've been granted access to this video", Unavailable, "private"),
    ("Video unavailable. This video has been removed by the uploader", Unavailable, "removed"),
    ("This video is no longer available because the account has been terminated", Unavailable,
     "removed"),
    ("The video is not available from your location due to geo restriction", GeoBlocked,
     "country"),
    ("The uploader has not made this video available in your country", GeoBlocked, "country"),
    ("This video is DRM protected", UnsupportedURL, "copy-protected"),
    ("Premieres in 3 hours", Unavailable, "in 3 hours"),
    ("This live event will begin in 45 minutes.", Unavailable, "in 45 minutes"),
    ("This live event will begin in a few moments.", Unavailable, "not started"),
    ("The channel is not currently live", Unavailable, "not live now"),
    ("Unsupported URL: https://example.com/", UnsupportedURL, "no video on this page"),
    ("HTTP Error 429: Too Many Requests", RateLimited, "limiting requests"),
    ("The current session has been rate-limited by YouTube for up to an hour", RateLimited,
     "limiting requests"),
    ("Unable to download webpage: The read operation timed out", NetworkError, "retry"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "error", "words"), CASES)
def test_a_sentence(text: str, error: type[DownloadError], words: str) -> None:
    found = error_for(ExtractionFailure(kind="ExtractorError", message=text), URL)
    assert type(found) is error
    assert words in found.message
    assert text in found.detail
    assert "--" not in found.message
    assert "yt-dlp" not in found.message


def test_cookies_that_went_stale() -> None:
    failure = ExtractionFailure(kind="ExtractorError", message="Login required")
    found = error_for(failure, "https://www.vimeo.com/1", has_cookies=True)
    assert "fresh cookies for vimeo.com" in found.message


def test_until_when_to_wait() -> None:
    at = time.mktime((2026, 11, 22, 14, 4, 30, 0, 0, -1))
    found = slow_down("", "youtube.com", 900, now=at)
    assert found.retry_after == 900
    assert "Wait until 14:20" in found.message


def test_a_retry_after_is_honoured() -> None:
    failure = ExtractionFailure(
        kind="ExtractorError", message="Unable to download webpage", status=429, retry_after="120"
    )
    found = error_for(failure, URL)
    assert isinstance(found, RateLimited)
    assert found.retry_after == 120


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, LoginRequired), (403, Unavailable), (404, Unavailable), (451, GeoBlocked),
     (500, BadResponse), (503, BadResponse)],
)  # fmt: skip
def test_by_its_status(status: int, error: type[DownloadError]) -> None:
    failure = ExtractionFailure(
        kind="ExtractorError", message="Unable to download webpage", status=status
    )
    assert isinstance(error_for(failure, URL), error)


@pytest.mark.parametrize("kind", ["KeyError", "RegexNotFoundError", "ExtractorError"])
def test_an_extractor_that_a_site_has_outgrown(kind: str) -> None:
    failure = ExtractionFailure(kind=kind, message="'streamingData'", expected=False)
    found = error_for(failure, URL)
    assert isinstance(found, BadResponse)
    assert "update yt-dlp" in found.message


def test_an_unknown_error_is_still_a_sentence() -> None:
    found = error_for(ExtractionFailure(kind="ExtractorError", message="Wibble"), URL)
    assert found.message.endswith("browser to see why.")
    assert "Wibble" in found.detail


def test_a_long_sentence_holds_nothing_up() -> None:
    """The patterns' time grows with the square of what they look at."""
    message = "premiere will begin " + "begin in " * 2000 + "99999 hours"
    found = error_for(ExtractionFailure(kind="ExtractorError", message=message[:20_000]), URL)
    assert "at a time that the site does not give" in found.message
    late = "is live " * 2400 + "not supported"
    assert isinstance(
        error_for(ExtractionFailure(kind="ExtractorError", message=late), URL), Unavailable
    )


def test_a_count_of_many_digits_is_not_repeated() -> None:
    message = f"This live event will begin in {'9' * 1000} hours"
    found = error_for(ExtractionFailure(kind="ExtractorError", message=message), URL)
    assert "999" not in found.message


def test_a_pasted_password_and_a_signature_are_not_in_the_detail() -> None:
    url = "http://alice:s3cret@cdn.example/film?sig=SIGNED"
    found = error_for(
        ExtractionFailure(kind="UnsupportedError", message=f"Unsupported URL: {url}"), url
    )
    assert "Unsupported URL: http://cdn.example/film?..." in found.detail
    assert "s3cret" not in found.message
