"""The tree of everything that can go wrong with a fetch.

    DownloadError
      PermanentError      trying again would give the same answer
        UnsupportedURL       unsupported_url
        Unavailable          unavailable
        LoginRequired        login_required
        GeoBlocked           geo_blocked
        ExpiredLink          expired_link
        NotMedia             not_media
        Protected            protected
        UnsupportedCodec     unsupported_codec
        BlockedAddress       blocked_address
        TooLarge             too_large
        BadManifest          bad_manifest
        TooManyRedirects     too_many_redirects
        ProcessingFailed     processing_failed
        QuotaExceeded        quota_exceeded
        WorkerLost           worker_lost
        DeadlineExceeded     deadline
      TransientError      worth another attempt, after a while
        NetworkError         network
        BadResponse          bad_response
        Incomplete           incomplete
        Stalled              stalled
        RateLimited          rate_limited
        SourceChanged        source_changed
        DiskFull             disk_full
        StorageUnavailable   storage_unavailable
        InternalError        internal

    Stopped                 not a failure: the work was stopped (see StopReason)

``code`` is stable and part of the API. ``message`` is a sentence for a person that says what
to do next; ``detail`` is the raw reason, for staff and logs, and never leaves the server. Secrets
of a URL (its credentials, its query with a signature) are not in it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Final

from downloads.engine.core.redaction import redact_queries, redact_userinfo

# Message of UnsupportedURL for a playlist; the pages recognise it, and lead to the listing.
IS_A_PLAYLIST: Final = "This is a playlist: choose what to download from it."

_LONGEST_DETAIL: Final = 4000  # characters


class DownloadError(Exception):
    """A failure of a fetch, with a stable ``code``."""

    code: ClassVar[str] = "internal"
    permanent: ClassVar[bool] = False
    default_message: ClassVar[str] = "Something went wrong on our side. Try again."

    def __init__(
        self, detail: str = "", *, message: str | None = None, retry_after: float | None = None
    ) -> None:
        """``retry_after``: seconds that the source asked to wait."""
        self.detail = redact_queries(redact_userinfo(detail[:_LONGEST_DETAIL]), "...")
        self.message = message or self.default_message
        self.retry_after = retry_after
        super().__init__(self.detail or self.message)


class PermanentError(DownloadError):
    """A failure that another attempt would only repeat."""

    permanent = True


class TransientError(DownloadError):
    """A failure worth another attempt, after a while."""

    permanent = False


class UnsupportedURL(PermanentError):
    code = "unsupported_url"
    default_message = "Ferry cannot download from this address. Paste a link to a video or file."


class Unavailable(PermanentError):
    code = "unavailable"
    default_message = "This does not exist on the site, or is private. Check the link, then retry."


class LoginRequired(PermanentError):
    code = "login_required"
    default_message = (
        "The site requires a login. Add cookies for this site, or use a link that works without."
    )


class GeoBlocked(PermanentError):
    code = "geo_blocked"
    default_message = (
        "The site does not offer this in the server's country. Look for it on another site."
    )


class ExpiredLink(PermanentError):
    code = "expired_link"
    default_message = (
        "This link has expired. Open the page that it came from, copy the link again and retry."
    )


class NotMedia(PermanentError):
    code = "not_media"
    default_message = (
        "The site sent something else instead of the media. Open the link in a browser to "
        "see what it shows."
    )


class Protected(PermanentError):
    code = "protected"
    default_message = (
        "This is copy-protected (DRM), so Ferry cannot download it. Watch it on its site."
    )


class UnsupportedCodec(PermanentError):
    code = "unsupported_codec"
    default_message = (
        "The site uses a codec that this server cannot put into a file. Try another quality."
    )


class BlockedAddress(PermanentError):
    code = "blocked_address"
    default_message = "Private addresses are blocked. Ask your administrator."


class TooLarge(PermanentError):
    code = "too_large"
    default_message = (
        "The file is larger than this server allows. "
        "Choose a lower quality or ask an administrator to raise the limit."
    )


class BadManifest(PermanentError):
    code = "bad_manifest"
    default_message = "The site's playlist is broken. Reload its page and copy the link again."


class TooManyRedirects(PermanentError):
    code = "too_many_redirects"
    default_message = "Too many redirects. Open the link in a browser and paste where it ends."


class ProcessingFailed(PermanentError):
    code = "processing_failed"
    default_message = "The file arrived but could not be merged. Try another quality."


class QuotaExceeded(PermanentError):
    code = "quota_exceeded"
    default_message = (
        "Your storage quota is used up. Delete downloads you no longer need, then retry."
    )


class WorkerLost(PermanentError):
    code = "worker_lost"
    default_message = (
        "The download kept crashing without progress. Retry later or tell an administrator."
    )


class DeadlineExceeded(PermanentError):
    code = "deadline"
    default_message = "The download took longer than this server allows. Try a lower quality."


class NetworkError(TransientError):
    code = "network"
    default_message = "The site cannot be reached. Check the link, or retry later."


class ConnectionLost(NetworkError):
    """The connection ended in the middle of a body."""

    default_message = (
        "The site closed the connection too early. Check in a browser that the link plays to "
        "its end, or retry later."
    )


class BadResponse(TransientError):
    code = "bad_response"
    default_message = "The site sent an unreadable response. Retry later."


class Incomplete(TransientError):
    code = "incomplete"
    default_message = "Part of the media is missing on the site. Retry later."


class Stalled(TransientError):
    code = "stalled"
    default_message = "The site stopped sending. Retry later."


class RateLimited(TransientError):
    code = "rate_limited"
    default_message = "The site is limiting requests. Retry later."


class SourceChanged(TransientError):
    code = "source_changed"
    default_message = "The file changed on the site during the download. Retry."


class DiskFull(TransientError):
    code = "disk_full"
    default_message = "The server's disk is full. Delete downloads or free space, then retry."


class StorageUnavailable(TransientError):
    code = "storage_unavailable"
    default_message = "The storage cannot be written to. Retry later or tell an administrator."


class InternalError(TransientError):
    code = "internal"


def _all_codes() -> dict[str, type[DownloadError]]:
    leaves: dict[str, type[DownloadError]] = {}
    for branch in (PermanentError, TransientError):
        for leaf in branch.__subclasses__():
            leaves[leaf.code] = leaf
    return leaves


ERRORS_BY_CODE = _all_codes()


# Errors of a link that has expired: a fresh one may work.
LINK_REFUSED = (Unavailable, LoginRequired, ExpiredLink)


class StopReason(StrEnum):
    """A reason to stop running work."""

    UNWANTED = "unwanted"  # every holder cancelled, paused or deleted it
    LEASE_LOST = "lease_lost"  # another worker may own it: write nothing more
    SHUTDOWN = "shutdown"  # the process ends: checkpoint and hand back


class Stopped(Exception):
    """The work was stopped. Not a failure; the reason says what the runner does next."""

    def __init__(self, reason: StopReason) -> None:
        self.reason = reason
        super().__init__(reason.value)
