"""The sample in the catalogue: put there once, kept at its right address, taken out if unwanted.

Staff may take it out for good, so what was done is remembered in DATA_DIR/sample, for each
database by the moment in which it was made.
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from downloads.models import Content, Rendition
from downloads.resolver.urls import normalise
from downloads.sample import clip

TITLE: Final = "Ferry crossing (sample)"

_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def home() -> Path:
    """Where all of the sample's files lie."""
    return Path(settings.DATA_DIR) / "sample"


def web_host() -> str:
    """By which address this host reaches its own web process."""
    host = _ANY.get(settings.HOST, settings.HOST)
    return f"[{host}]" if ":" in host else host


def address() -> str:
    """The clip's URL as the worker of this very host asks for it."""
    return normalise(f"http://{web_host()}:{settings.PORT}{reverse('sample', args=[clip.VIDEO])}")


def publish() -> bool:
    """Have the sample in the catalogue at its present address; True where it is new there.

    What staff took out, or deleted, stays out.
    """
    catalogued, left_out = _mark("catalogued"), _mark("left-out")
    standing = Content.objects.filter(is_sample=True).first()
    is_new = standing is None and not catalogued.exists()
    with transaction.atomic():
        if is_new:
            _add(address())
        elif standing is not None:
            _move(standing, address())
            if left_out.exists():
                Content.objects.filter(pk=standing.pk).update(in_catalogue=True)
    catalogued.touch()
    left_out.unlink(missing_ok=True)
    return is_new


def leave_out() -> None:
    """Take it out of the catalogue until :func:`publish`; what users have of it stays."""
    if Content.objects.filter(is_sample=True, in_catalogue=True).update(in_catalogue=False):
        _mark("left-out").touch()


def _mark(what: str) -> Path:
    first = MigrationRecorder.Migration.objects.earliest("id").applied
    return home() / f"{what}-{first:%Y%m%d%H%M%S%f}"


def _add(url: str) -> None:
    """A row that somebody's pasted link has made already becomes the sample."""
    content, _ = Content.objects.get_or_create(url_key=_key(url), defaults={"source_url": url})
    Content.objects.filter(pk=content.pk).update(
        title=TITLE,
        thumbnail_url=reverse("sample", args=[clip.PICTURE]),
        duration=clip.LENGTH,
        in_catalogue=True,
        is_sample=True,
        probe_status=Content.ProbeStatus.PENDING,
        probe_error="",
        probe_error_code="",
        probe_attempts=0,
        probe_lease_expires_at=None,
    )


def _move(content: Content, url: str) -> None:
    """HOST or PORT are others now. A half-fetched file has to be asked for anew."""
    if content.source_url == url:
        return
    pasted = Content.objects.filter(url_key=_key(url)).exclude(pk=content.pk)
    pasted.update(url_key=hashlib.sha256(uuid.uuid4().bytes).hexdigest())
    Content.objects.filter(pk=content.pk).update(source_url=url, url_key=_key(url))
    Rendition.objects.filter(content=content).exclude(status="stored").update(resolution=None)


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
