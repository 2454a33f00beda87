"""Answers with stored files that put right in the ledger what the storage turns out to lack."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponseBase

from downloads.delivery.responses import serve, serve_subtitle
from downloads.engine.core.errors import StorageUnavailable
from downloads.jobs.lost import expire_unless_all_lost, forget_lost_subtitle
from downloads.models import Download
from downloads.models.subtitles import StoredSubtitle
from downloads.storage.errors import FileLost

AWAY: Final = "The storage does not answer. Try again later, or tell an administrator."


def serve_file(request: HttpRequest, download: Download, *, inline: bool) -> HttpResponseBase:
    """Return the file of a completed download. Raises StorageUnavailable; FileLost, after the
    downloads of this file have become expired."""
    try:
        return serve(request, download, inline=inline)
    except FileLost as lost:
        expire_unless_all_lost(download.rendition, lost)
        raise
    except StorageUnavailable as error:
        raise StorageUnavailable(error.detail, message=AWAY) from error


def serve_beside(
    request: HttpRequest, download: Download, subtitle: StoredSubtitle
) -> HttpResponseBase:
    """Return subtitles beside it. Raises StorageUnavailable; FileLost, after they have been taken
    off the list."""
    try:
        return serve_subtitle(request, download, subtitle)
    except FileLost as lost:
        forget_lost_subtitle(download.rendition, subtitle)
        raise FileLost(
            lost.detail, message="These subtitles are missing from the storage."
        ) from lost
    except StorageUnavailable as error:
        raise StorageUnavailable(error.detail, message=AWAY) from error
