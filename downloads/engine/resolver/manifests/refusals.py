"""Refusals: why a manifest gives nothing to download, in sentences for the user."""

from __future__ import annotations

from downloads.engine.core.errors import (
    BadManifest,
    BlockedAddress,
    DownloadError,
    Incomplete,
    NotMedia,
    Protected,
    Unavailable,
    UnsupportedURL,
)
from downloads.engine.core.media import StreamKind

_PARTS = {
    StreamKind.AUDIO: "The film's sound",
    StreamKind.VIDEO: "The film's picture",
}


def missing(kind: StreamKind, error: DownloadError) -> DownloadError:
    """Return the error for a sound or a picture that a manifest names and its source does not have:
    nothing is wrong with the manifest's own link. Any other error stays as it is."""
    if kind not in _PARTS or type(error) is not Unavailable:
        return error
    return Incomplete(
        f"{kind}: {error.detail}",
        message=f"{_PARTS[kind]} is missing on the site. Try another quality, or retry later.",
    )


def live() -> UnsupportedURL:
    return UnsupportedURL(
        "live", message="This is a live stream. Paste its link again when it has ended."
    )


def protected() -> Protected:
    return Protected(
        "DRM",
        message="This stream is copy-protected (DRM), so Ferry cannot download it. "
        "Watch it in the player of its site.",
    )


def periods_differ() -> UnsupportedURL:
    return UnsupportedURL(
        "no representation runs through all periods",
        message="This stream is put together from parts that do not fit each other. "
        "Look for another link to the same video.",
    )


def too_big(detail: str) -> BadManifest:
    return BadManifest(
        detail,
        message="The site's playlist is longer than Ferry reads (100,000 pieces, 32 MB). "
        "Look for another link to the same video, or for one to a part of it.",
    )


def nothing_but_gaps() -> Incomplete:
    return Incomplete(
        "every segment is an EXT-X-GAP",
        message="The site marks all of this video as missing. Retry later.",
    )


def left_out(count: int) -> Incomplete:
    return Incomplete(
        f"EXT-X-SKIP of {count} segments",
        message="The site sends only the end of its playlist, so most of the video would be "
        "missing. Retry later.",
    )


def stills() -> NotMedia:
    return NotMedia(
        "I-frames or images only",
        message="This is a list of single pictures that players show while seeking, not the video. "
        "Paste a link to the video's own playlist.",
    )


def broken(detail: str) -> BadManifest:
    return BadManifest(
        detail,
        message="The site's playlist is broken, so there is nothing to download from it. "
        "Reload the page that it is from and copy the link again.",
    )


def no_media(detail: str) -> BadManifest:
    return BadManifest(
        f"{detail} is a list of files",
        message="What the site calls a video is a list of other files, which Ferry does not "
        "follow. Look for another link to the same video.",
    )


def leads_elsewhere(scheme: str) -> BlockedAddress:
    return BlockedAddress(
        f"a URL of scheme {scheme[:20]!r} in a manifest",
        message="The site's playlist leads to something that is not http or https, "
        "which Ferry does not fetch. Look for another link to the same video.",
    )
