"""``/d/<token>/<filename>``: a file for the holder of a signed link, without login."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from downloads.api.lost_files import serve_beside, serve_file
from downloads.delivery import links
from downloads.delivery.responses import SAFETY, subtitle_of
from downloads.engine.core.errors import StorageUnavailable
from downloads.models import Download
from downloads.storage.errors import FileLost

EXPIRED: Final = "This file has expired. Ask its owner to fetch it again."
LOST: Final = "This file is missing from the storage. Ask its owner to fetch it again."

# The address alone opens it, on whatever site it is played: a page elsewhere may show it, and its
# script may read it (subtitles in <track> need that). Cookies are not asked for.
ANYWHERE: Final = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@require_safe
def signed_link(request: HttpRequest, token: str, filename: str = "") -> HttpResponseBase:
    """Return the file that the token opens under this name. ``?inline=1`` plays it."""
    inline = request.GET.get("inline") == "1"
    return _opened(token, filename, lambda download: serve_file(request, download, inline=inline))


@require_safe
def signed_subtitle(request: HttpRequest, token: str, language: str) -> HttpResponseBase:
    """Return the subtitles beside the file that the token opens."""

    def answer(download: Download) -> HttpResponseBase:
        subtitle = subtitle_of(download, language)
        if subtitle is None:
            return _refused(
                404,
                "not_found",
                "This file has no subtitles in this language. Choose another language.",
            )
        return serve_beside(request, download, subtitle)

    return _opened(token, language, answer, links.SUBTITLES)


def _opened(
    token: str,
    name: str,
    answer: Callable[[Download], HttpResponseBase],
    kind: str = links.FILES,
) -> HttpResponseBase:
    """Return ``answer`` of the download that the token opens, or the error that says why not; for
    pages of any origin."""
    response = _answer(token, name, answer, kind)
    for header, value in ANYWHERE.items():
        response[header] = value
    return response


def _answer(
    token: str, name: str, answer: Callable[[Download], HttpResponseBase], kind: str
) -> HttpResponseBase:
    try:
        download_id = links.verify(token, name, kind)
    except links.LinkTampered:
        return _refused(
            403, "link_invalid", "This link is incomplete. Ask its owner for a new one."
        )
    except links.LinkExpired:
        return _refused(403, "link_expired", "This link has expired. Ask its owner for a new one.")
    # The links of a disabled account end with it.
    own = Download.objects.filter(pk=download_id, user__is_active=True)
    download = own.with_status().first()
    if download is None:
        return _refused(404, "not_found", "This file was deleted. Ask its owner for a new link.")
    status = download.status
    if status == Download.Status.EXPIRED:
        return _refused(410, "expired", LOST if download.lost else EXPIRED)
    if status != Download.Status.COMPLETED:
        return _refused(409, "not_ready", "This file is not ready yet. Try again later.")
    try:
        return answer(download)
    except FileLost:
        return _refused(410, "expired", LOST)
    except StorageUnavailable as error:
        message = "The storage does not answer. Try again later."
        response = _refused(503, error.code, message)
        response["Retry-After"] = "30"
        return response


def _refused(status: int, code: str, detail: str) -> JsonResponse:
    """Return an error in the API's shape."""
    error = {"code": code, "detail": detail, "attr": None}
    kind = "client_error" if status < 500 else "server_error"
    return JsonResponse({"type": kind, "errors": [error]}, status=status, headers=SAFETY)
