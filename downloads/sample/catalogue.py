"""The samples in the catalogue: put there once, kept at their right address, taken out if unwanted.

Staff may take one out for good, so what was done is remembered in DATA_DIR/sample, for each
database by the moment in which it was made.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from downloads.engine.resolver.urls import normalise
from downloads.models import Content, Rendition
from downloads.querysets import ContentQuerySet
from downloads.sample import clip, files


@dataclass(frozen=True, slots=True)
class Item:
    """One sample: ``name`` is what it is published as, ``key`` what its marks are called by."""

    key: str
    title: str
    name: str

    @property
    def path(self) -> str:
        return reverse("sample", args=[self.name])


ONE_FILE: Final = Item("file", "Ferry crossing, MP4 (sample)", clip.VIDEO)
QUALITIES: Final = Item("qualities", "Ferry crossing (sample)", files.MASTER_NAME)
ITEMS: Final = (ONE_FILE, QUALITIES)  # as they are made

_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def home() -> Path:
    """Return the folder of what is made of the clip and remembered of the samples."""
    return Path(settings.DATA_DIR) / "sample"


def web_host() -> str:
    """By which address this host reaches its own web process."""
    host = _ANY.get(settings.HOST, settings.HOST)
    return f"[{host}]" if ":" in host else host


def address(item: Item) -> str:
    """The item's URL as the worker of this very host asks for it."""
    return normalise(f"http://{web_host()}:{settings.PORT}{item.path}")


def publish(item: Item) -> bool:
    """Have the item in the catalogue at its present address; True where it is new there.

    What staff took out, or deleted, stays out. Raises OSError if DATA_DIR cannot be written to.
    """
    home().mkdir(mode=0o700, parents=True, exist_ok=True)
    catalogued, left_out = _mark("catalogued", item), _mark("left-out", item)
    standing = _rows(item).first()
    is_new = standing is None and not catalogued.exists()
    with transaction.atomic():
        if is_new:
            _add(item)
        elif standing is not None:
            _move(standing, address(item))
            if left_out.exists():
                _rows(item).update(in_catalogue=True)
    catalogued.touch()
    left_out.unlink(missing_ok=True)
    return is_new


def leave_out() -> None:
    """Take them out of the catalogue until :func:`publish`; what users have of them stays."""
    for item in ITEMS:
        if _rows(item).filter(in_catalogue=True).update(in_catalogue=False):
            _mark("left-out", item).touch()


def _rows(item: Item) -> ContentQuerySet:
    """By its path: host and port may have been others."""
    return Content.objects.filter(is_sample=True, source_url__endswith=item.path)


def _mark(what: str, item: Item) -> Path:
    first = MigrationRecorder.Migration.objects.earliest("id").applied
    return home() / f"{what}-{item.key}-{first:%Y%m%d%H%M%S%f}"


def _add(item: Item) -> None:
    """A row that somebody's pasted link has made already becomes the sample."""
    url = address(item)
    content, _ = Content.objects.get_or_create(
        url_key=_key(url), credential_owner=None, defaults={"source_url": url}
    )
    Content.objects.filter(pk=content.pk).update(
        title=item.title,
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
    pasted = Content.objects.filter(url_key=_key(url), credential_owner=None).exclude(pk=content.pk)
    pasted.update(url_key=hashlib.sha256(uuid.uuid4().bytes).hexdigest())
    Content.objects.filter(pk=content.pk).update(source_url=url, url_key=_key(url))
    Rendition.objects.filter(content=content).exclude(status="stored").update(resolution=None)


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
