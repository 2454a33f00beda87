"""The response to a request for a file: conditions, ranges, headers, and the source of its bytes.

RFC 9110 for conditions and ranges, RFC 6266 for the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date

from downloads.delivery.ranges import Unsatisfiable, if_range_holds, requested_range
from downloads.delivery.streaming import Blocks, BlocksResponse
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.storage_names import safe_part
from downloads.models.subtitles import StoredSubtitle, subtitles_of
from downloads.storage.media import media_storage
from downloads.storage.media_types import UNKNOWN, media_type, plays_inline

if TYPE_CHECKING:
    from django.http import HttpRequest

    from downloads.models import Download, Rendition

CONDITIONS: Final = frozenset(
    f"HTTP_IF_{name}" for name in ("MATCH", "NONE_MATCH", "MODIFIED_SINCE", "UNMODIFIED_SINCE")
)

R = TypeVar("R", bound=HttpResponseBase)

# Whatever the bytes are, no browser may run them with this origin's rights.
SAFETY: Final = {
    "Cache-Control": "private",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file to serve, and its headers. ``size`` in bytes, ``last_modified`` in Unix seconds."""

    name: str
    size: int
    content_type: str
    disposition: str
    etag: str | None
    last_modified: int | None

    @classmethod
    def of(cls, rendition: Rendition, *, inline: bool) -> StoredFile:
        filename = safe_part(rendition.storage_name.rpartition("/")[2])
        ext = filename.rpartition(".")[2]
        shown = inline and plays_inline(ext)
        return cls(
            name=rendition.storage_name,
            size=rendition.size or 0,
            content_type=media_type(ext),
            disposition=content_disposition_header(not shown, filename) or "attachment",
            etag=f'"{rendition.sha256}"' if rendition.sha256 else None,
            last_modified=int(rendition.stored_at.timestamp()) if rendition.stored_at else None,
        )

    @classmethod
    def of_subtitle(cls, rendition: Rendition, subtitle: StoredSubtitle) -> StoredFile:
        filename = safe_part(subtitle.storage_name.rpartition("/")[2])
        return cls(
            name=subtitle.storage_name,
            size=subtitle.size,
            content_type=media_type("vtt"),
            disposition=content_disposition_header(True, filename) or "attachment",
            etag=f'"{subtitle.sha256}"',
            last_modified=int(rendition.stored_at.timestamp()) if rendition.stored_at else None,
        )

    def headers(self) -> dict[str, str]:
        headers = {**SAFETY, "Accept-Ranges": "bytes", "Content-Disposition": self.disposition}
        if self.etag:
            headers["ETag"] = self.etag
        if self.last_modified is not None:
            headers["Last-Modified"] = http_date(self.last_modified)
        return headers


def serve(request: HttpRequest, download: Download, *, inline: bool) -> HttpResponseBase:
    """Return the file of a completed download, for GET and HEAD; the caller has checked its status.

    ``inline``: shown in place if it is media, else saved. Raises StorageUnavailable;
    FileLost if the file is missing or has another size than the ledger says.
    """
    redirects = settings.DELIVERY == "redirect"
    return _answer(request, StoredFile.of(download.rendition, inline=inline), redirects)


def serve_subtitle(
    request: HttpRequest, download: Download, subtitle: StoredSubtitle
) -> HttpResponseBase:
    """Return the WebVTT beside the file of a completed download, as ``serve`` does.

    Always through this process: a player takes subtitles of its own origin alone (HTML,
    4.8.11.11), and a bucket is another.
    """
    return _answer(request, StoredFile.of_subtitle(download.rendition, subtitle), False)


def subtitle_of(download: Download, language: str) -> StoredSubtitle | None:
    """Return the subtitles in this language; None without any.

    Tags compare without regard to case (RFC 5646, section 2.1.1).
    """
    found = subtitles_of(download.rendition.subtitles)
    return next((each for each in found if each.language.lower() == language.lower()), None)


def _answer(request: HttpRequest, file: StoredFile, redirects: bool) -> HttpResponseBase:
    unchanged = get_conditional_response(request, file.etag, file.last_modified)
    if unchanged is not None:
        return _without_body(unchanged, file)
    if request.method == "HEAD":
        return _head(file)
    if redirects and (redirect := _redirect(file)) is not None:
        return redirect
    try:
        span = _range(request, file)
    except Unsatisfiable:
        return _unsatisfiable(file)
    if _nginx_may_send(request, span):
        return _by_nginx(file)
    return _stream(file, span)


def _without_body(response: HttpResponse, file: StoredFile) -> HttpResponse:
    """Return ``response``, a 304 or 412, with the file's headers."""
    if response.status_code == 304:
        response["Content-Length"] = str(file.size)  # of the 200 it replaces (RFC 9110, 8.6)
    return _with_headers(response, file)


def _range(request: HttpRequest, file: StoredFile) -> ByteRange | None:
    if_range = request.META.get("HTTP_IF_RANGE")
    if not if_range_holds(if_range, etag=file.etag, last_modified=file.last_modified):
        return None
    return requested_range(request.META.get("HTTP_RANGE"), file.size)


def _head(file: StoredFile) -> HttpResponse:
    """Return the response to HEAD, also for S3: a URL signed for GET refuses HEAD.

    Range is for GET only (RFC 9110, 14.2).
    """
    media_storage().check_stored(file.name, file.size)
    response = HttpResponse(content_type=file.content_type)
    response["Content-Length"] = str(file.size)
    return _with_headers(response, file)


def _redirect(file: StoredFile) -> HttpResponseBase | None:
    url = media_storage().signed_url(
        file.name, content_type=file.content_type, disposition=file.disposition
    )
    if url is None:
        return None
    # A person who is redirected to a missing object would see the bucket's XML.
    media_storage().check_stored(file.name, file.size)
    response = _with_headers(HttpResponseRedirect(url), file)
    response["Cache-Control"] = (
        "private, no-store"  # the signed URL expires before the file changes
    )
    return response


def _unsatisfiable(file: StoredFile) -> HttpResponse:
    response = _with_headers(HttpResponse(status=416, content_type=UNKNOWN), file)
    response["Content-Range"] = f"bytes */{file.size}"
    return response


def _nginx_may_send(request: HttpRequest, span: ByteRange | None) -> bool:
    """Return if nginx is to send the file: it would do as we do.

    It reads the request again, by rules of its own: conditions, which it would compare with the
    file's time, and a Range that we ignore.
    """
    if not settings.X_ACCEL_PREFIX or media_storage().is_bucket:
        return False
    ignores_range = span is None and "HTTP_RANGE" in request.META
    return CONDITIONS.isdisjoint(request.META) and not ignores_range


def _by_nginx(file: StoredFile) -> HttpResponse:
    """Return the answer in place of which nginx sends the file, or the range asked for."""
    media_storage().check_stored(file.name, file.size)
    response = _with_headers(HttpResponse(content_type=file.content_type), file)
    # It decodes this as it does a request's path: a "?" in a name must not begin a query.
    response["X-Accel-Redirect"] = f"{settings.X_ACCEL_PREFIX}/{quote(file.name)}"
    return response


def _stream(file: StoredFile, span: ByteRange | None) -> HttpResponseBase:
    part = span or ByteRange(0, file.size)
    if part.size == 0:
        return _head(file)
    source = media_storage().read(file.name, file.size, part)
    blocks = Blocks(source, part.start, part.size)
    response = BlocksResponse(blocks, status=206 if span else 200, content_type=file.content_type)
    if span:
        response["Content-Range"] = span.content_range(file.size)
    return _with_headers(response, file)


def _with_headers(response: R, file: StoredFile) -> R:
    for name, value in file.headers().items():
        response[name] = value
    return response
