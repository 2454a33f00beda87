"""Everything that can go wrong with a fetch, as one tree.

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

    Stopped                 not a failure: the work was told to end (see StopReason)

``code`` is stable and part of the API. ``message`` is a sentence for a person that says what
to do next; ``detail`` is the raw reason, for staff and logs, and never leaves the server. What is
secret in a URL (its credentials, its query with a signature) is not in it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import ClassVar, Final

# UnsupportedURL for who asked for one thing; the pages know it by this, and lead to the listing
IS_A_PLAYLIST: Final = "This is a playlist: choose what to download from it."

_LONGEST_DETAIL: Final = 4000  # characters
_USERINFO: Final = re.compile(r"//[^\s/?#]*@")
_QUERY: Final = re.compile(r"(\bhttps?://[^\s?#'\"]*|(?<![\w:/])/[\w./~%-]*)[?#][^\s'\"]+")


class DownloadError(Exception):
    code: ClassVar[str] = "internal"
    permanent: ClassVar[bool] = False
    default_message: ClassVar[str] = "Something went wrong on our side. Try again."

    def __init__(
        self, detail: str = "", *, message: str | None = None, retry_after: float | None = None
    ) -> None:
        """``retry_after`` is in seconds: what the source asked us to wait."""
        self.detail = _without_secrets(detail[:_LONGEST_DETAIL])
        self.message = message or self.default_message
        self.retry_after = retry_after
        super().__init__(self.detail or self.message)


def _without_secrets(text: str) -> str:
    return _QUERY.sub(r"\1?...", _USERINFO.sub("//", text))


class PermanentError(DownloadError):
    permanent = True


class TransientError(DownloadError):
    permanent = False


class UnsupportedURL(PermanentError):
    code = "unsupported_url"
    default_message = (
        "Ferry cannot download from this address. Paste the link of a file or a video page."
    )


class Unavailable(PermanentError):
    code = "unavailable"
    default_message = (
        "The source says that this does not exist or is private. Check the link, then retry."
    )


class LoginRequired(PermanentError):
    code = "login_required"
    default_message = (
        "The source wants a login. Use a link that works without one, or add cookies for this site."
    )


class GeoBlocked(PermanentError):
    code = "geo_blocked"
    default_message = "The source does not offer this in the server's country."


class ExpiredLink(PermanentError):
    code = "expired_link"
    default_message = (
        "This link has expired. Open the page that it came from, copy the link again and retry."
    )


class NotMedia(PermanentError):
    code = "not_media"
    default_message = (
        "The source sent something else in place of the media. Open the link in a browser to "
        "see what it shows."
    )


class Protected(PermanentError):
    code = "protected"
    default_message = "This is protected against copying (DRM), so Ferry cannot download it."


class UnsupportedCodec(PermanentError):
    code = "unsupported_codec"
    default_message = (
        "The source uses a codec that this server cannot put into a file. Try another quality."
    )


class BlockedAddress(PermanentError):
    code = "blocked_address"
    default_message = (
        "This link leads to a private network address, which Ferry does not fetch from. "
        "An administrator can allow it with FETCH_ALLOWED_NETWORKS."
    )


class TooLarge(PermanentError):
    code = "too_large"
    default_message = (
        "The file is larger than this server allows. "
        "Choose a lower quality or ask an administrator to raise the limit."
    )


class BadManifest(PermanentError):
    code = "bad_manifest"
    default_message = "The source's playlist is broken, so there is nothing to download from it."


class TooManyRedirects(PermanentError):
    code = "too_many_redirects"
    default_message = "The link sends us in circles. Open it in a browser and paste where it ends."


class ProcessingFailed(PermanentError):
    code = "processing_failed"
    default_message = "The file arrived but could not be put together. Try another quality."


class QuotaExceeded(PermanentError):
    code = "quota_exceeded"
    default_message = (
        "Your storage quota is used up. Delete downloads that you no longer need, then retry."
    )


class WorkerLost(PermanentError):
    code = "worker_lost"
    default_message = (
        "The download ended its worker several times without getting further. "
        "Retry later or tell an administrator."
    )


class DeadlineExceeded(PermanentError):
    code = "deadline"
    default_message = "The download took longer than this server allows. Retry at a quieter time."


class NetworkError(TransientError):
    code = "network"
    default_message = "The source could not be reached. Check the link, or retry later."


class ConnectionLost(NetworkError):
    """The connection ended in the middle of a body."""

    default_message = (
        "The source closed the connection before everything had come. Check in a browser that "
        "the link plays to its end, or retry later."
    )


class BadResponse(TransientError):
    code = "bad_response"
    default_message = "The source sent something that makes no sense. Retry later."


class Incomplete(TransientError):
    code = "incomplete"
    default_message = "A part of the media is missing at the source. Retry later."


class Stalled(TransientError):
    code = "stalled"
    default_message = "The source stopped sending. Retry later."


class RateLimited(TransientError):
    code = "rate_limited"
    default_message = "The source asks us to slow down. Retry later."


class SourceChanged(TransientError):
    code = "source_changed"
    default_message = "The file at the source changed while it was being fetched. Retry."


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


# What a source answers to a link that has run out: a fresh one may work.
LINK_REFUSED = (Unavailable, LoginRequired, ExpiredLink)


class StopReason(StrEnum):
    """Why running work was told to end."""

    UNWANTED = "unwanted"  # every holder cancelled, paused or deleted
    LEASE_LOST = "lease_lost"  # somebody else may own it: write nothing more
    SHUTDOWN = "shutdown"  # the process ends: checkpoint and hand back


class Stopped(Exception):
    """The work was told to end. Not a failure; the reason says what the runner does next."""

    def __init__(self, reason: StopReason) -> None:
        self.reason = reason
        super().__init__(reason.value)
