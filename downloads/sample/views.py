"""The samples as a source serves them: right types, Range, strong ETag. Public."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from downloads.delivery.ranges import Unsatisfiable, if_range_holds, requested_range
from downloads.delivery.responses import SAFETY
from downloads.delivery.streaming import Blocks, BlocksResponse
from downloads.engine.core.byte_range import ByteRange
from downloads.sample import catalogue, files
from downloads.storage.block_source import LocalFile

_HEADERS: Final = SAFETY | {
    "Accept-Ranges": "bytes",
    "Cache-Control": "public, max-age=3600",
    "Cross-Origin-Resource-Policy": "cross-origin",  # any page may embed its picture
}


@require_safe
def sample(request: HttpRequest, name: str) -> HttpResponseBase:
    path = files.published(catalogue.home(), name)
    if path is None:
        raise Http404
    about = path.stat()
    etag = f'"{_digest(path, about.st_mtime_ns)}"'
    modified = int(about.st_mtime)
    unchanged = get_conditional_response(request, etag, modified)
    response = _answer(request, path, etag) if unchanged is None else unchanged
    for header, value in _HEADERS.items():
        response[header] = value
    response["ETag"], response["Last-Modified"] = etag, http_date(modified)
    return response


@functools.lru_cache(maxsize=64)  # more than there are files
def _digest(path: Path, changed: int) -> str:
    """Return the SHA-256; ``changed``, the modification time, keys the cache by version."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _answer(request: HttpRequest, path: Path, etag: str) -> HttpResponseBase:
    size, content_type = path.stat().st_size, files.content_type(path)
    if request.method == "HEAD":
        return HttpResponse(content_type=content_type, headers={"Content-Length": str(size)})
    holds = if_range_holds(
        request.headers.get("If-Range"), etag=etag, last_modified=int(path.stat().st_mtime)
    )
    try:
        span = requested_range(request.headers.get("Range"), size) if holds else None
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    part = span or ByteRange(0, size)
    blocks = Blocks(LocalFile(path.open("rb", buffering=0)), part.start, part.size)
    response = BlocksResponse(blocks, status=206 if span else 200, content_type=content_type)
    if span:
        response["Content-Range"] = span.content_range(size)
    return response
