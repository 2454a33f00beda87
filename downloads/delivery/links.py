"""Signed links to a download: each opens the file to anyone, without login, until it expires.

The signature covers the download, the expiry and the name in the URL, so nothing is stored, nothing
can be listed, and a URL with any part changed opens nothing. Deleting the download ends its links.
"""

from __future__ import annotations

import base64
import binascii
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone

_SALT: Final = "downloads.delivery.links"
FILES: Final = "files"
SUBTITLES: Final = "subtitles"
_PAYLOAD: Final = struct.Struct(">16sQ")  # the download's id, the end in seconds since 1970

Clock = Callable[[], datetime]


class LinkTampered(Exception):
    """The token is not one of ours: changed, cut short, or signed for another use."""


class LinkExpired(Exception):
    """The token is ours, but has expired."""


@dataclass(frozen=True, slots=True)
class Link:
    """A signed link. ``path`` is its URL without the host; ``payload`` the signed part of it."""

    path: str
    expires_at: datetime
    payload: str

    def subtitle_path(self, language: str) -> str:
        """Return the path to the subtitles in this language; it expires with the link."""
        token = _signer(language, SUBTITLES).sign(self.payload)
        return reverse("signed-subtitle", kwargs={"token": token, "language": language})


def sign(
    download_id: uuid.UUID,
    expires_in_seconds: int,
    *,
    filename: str = "download",
    until: datetime | None = None,
    now: Clock = timezone.now,
) -> Link:
    """Return a link that works for so long, but not after ``until``, when the file expires. It
    works under ``filename`` alone, which shows in its URL.

    The caller has checked ``expires_in_seconds`` against ``conf.LINK_LONGEST``.
    """
    end = int(now().timestamp()) + expires_in_seconds
    if until is not None:
        end = min(end, int(until.timestamp()))
    payload = base64.urlsafe_b64encode(_PAYLOAD.pack(download_id.bytes, end)).decode()
    filename = filename.replace("/", "_")  # it is one segment of the path
    token = _signer(filename, FILES).sign(payload)
    path = reverse("signed-link", kwargs={"token": token}) + quote(filename, safe="")
    return Link(path, datetime.fromtimestamp(end, UTC), payload)


def verify(
    token: str, name: str = "", kind: str = FILES, *, now: Clock = timezone.now
) -> uuid.UUID:
    """Return the download of which the token opens this: the file of this name, or the subtitles in
    this language. Raises LinkTampered, LinkExpired.
    """
    try:
        raw = base64.urlsafe_b64decode(_signer(name, kind).unsign(token))
        download_id, end = _PAYLOAD.unpack(raw)
    except (BadSignature, binascii.Error, struct.error) as error:
        raise LinkTampered from error
    if now().timestamp() >= end:
        raise LinkExpired
    return uuid.UUID(bytes=download_id)


def _signer(name: str, kind: str) -> Signer:
    # The kind is part of it, so that no name of a file reads as a language, nor the reverse.
    return Signer(salt=f"{_SALT}.{kind}/{name}", sep=".")  # some clients would escape a colon
