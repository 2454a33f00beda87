"""The part of a file that a request asks for (RFC 9110, sections 13 and 14). Pure."""

from __future__ import annotations

import re
from typing import Final

from django.utils.http import parse_http_date_safe

from downloads.engine.core.byte_range import ByteRange

_ONE_RANGE: Final = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.ASCII | re.IGNORECASE)
_ABSURD: Final = 10**18  # beyond any file; int() refuses thousands of digits


class Unsatisfiable(Exception):
    """No byte of the file is in the range: 416."""


def requested_range(header: str | None, size: int) -> ByteRange | None:
    """Return the requested part; None for the whole file. Raises Unsatisfiable.

    A malformed header and several ranges at once are ignored, as the RFC allows: the answer
    is the whole file. So is any range of an empty file, which no Content-Range can describe.
    """
    match = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if match is None or size == 0:
        return None
    first, last = match.groups()
    if not first:
        return _suffix(_number(last), size) if last else None
    start, end = _number(first), min(_number(last) if last else size - 1, size - 1)
    if last and _number(last) < start:
        return None  # malformed: the last byte lies before the first
    if start >= size:
        raise Unsatisfiable
    return ByteRange(start, end + 1)


def if_range_holds(header: str | None, *, etag: str | None, last_modified: int | None) -> bool:
    """Return True if a Range header counts: without If-Range, or if that names this very version.

    Both are compared as strong validators: a weak tag never matches, a date only exactly.
    """
    if header is None:
        return True
    header = header.strip()
    if header.startswith(('"', "W/")):
        return etag is not None and header == etag
    return last_modified is not None and parse_http_date_safe(header) == last_modified


def _suffix(length: int, size: int) -> ByteRange:
    if length == 0:
        raise Unsatisfiable
    length = min(length, size)
    return ByteRange(size - length, size)


def _number(digits: str) -> int:
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= 18 else _ABSURD
