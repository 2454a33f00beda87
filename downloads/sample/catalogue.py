"""The samples in the catalogue: added once, kept at their current URL, removed with --no-sample.

Staff may remove one for good, so marker files in DATA_DIR/sample record what was done, for each
database by the time it was created.
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

from config.hosts import address_here, bracketed
from downloads.engine.resolver.urls import normalise
from downloads.models import Content, Rendition
from downloads.querysets import ContentQuerySet
from downloads.sample import clip, files
from downloads.schemas.paths import site_path


@dataclass(frozen=True, slots=True)
class Item:
    """One sample: ``name`` is its published path, ``key`` the name of its marker files."""

    key: str
    title: str
    name: str

    @property
    def path(self) -> str:
        """Its path below URL_PREFIX, which may have changed since it was added."""
        return f"/sample/{self.name}"


ONE_FILE: Final = Item("file", "Ferry crossing, MP4 (sample)", clip.VIDEO)
QUALITIES: Final = Item("qualities", "Ferry crossing (sample)", files.MASTER_NAME)
ITEMS: Final = (ONE_FILE, QUALITIES)  # in the order they are made


def home() -> Path:
    """Return the folder of the files made from the clip, and of the marker files."""
    return Path(settings.DATA_DIR) / "sample"


def web_host() -> str:
    """Return the address by which this host reaches its own web process."""
    return bracketed(address_here(settings.HOST))


def address(item: Item) -> str:
    """Return the item's URL as a worker on this host requests it."""
    return normalise(f"http://{web_host()}:{settings.PORT}{site_path(item.path)}")


def publish(item: Item) -> bool:
    """Put the item into the catalogue at its current URL; return True if it is new there.

    One that staff removed or deleted stays out. Raises OSError if DATA_DIR cannot be written to.
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
    """Remove them from the catalogue until :func:`publish`; users keep their downloads."""
    for item in ITEMS:
        if _rows(item).filter(in_catalogue=True).update(in_catalogue=False):
            _mark("left-out", item).touch()


def _rows(item: Item) -> ContentQuerySet:
    """Return the item's rows by its path: host and port may have changed."""
    return Content.objects.filter(is_sample=True, source_url__endswith=item.path)


def _mark(what: str, item: Item) -> Path:
    first = MigrationRecorder.Migration.objects.earliest("id").applied
    return home() / f"{what}-{item.key}-{first:%Y%m%d%H%M%S%f}"


def _add(item: Item) -> None:
    """Add the sample; a row that a pasted link has already created becomes it."""
    url = address(item)
    content, _ = Content.objects.get_or_create(
        url_key=_key(url), credential_owner=None, defaults={"source_url": url}
    )
    Content.objects.filter(pk=content.pk).update(
        title=item.title,
        thumbnail_url=f"/sample/{clip.PICTURE}",
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
    """Move the sample to ``url``, after HOST, PORT or URL_PREFIX changed; what is unfinished
    resolves again."""
    if content.source_url == url:
        return
    pasted = Content.objects.filter(url_key=_key(url), credential_owner=None).exclude(pk=content.pk)
    pasted.update(url_key=hashlib.sha256(uuid.uuid4().bytes).hexdigest())
    Content.objects.filter(pk=content.pk).update(source_url=url, url_key=_key(url))
    Rendition.objects.filter(content=content).exclude(status="stored").update(resolution="")


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
