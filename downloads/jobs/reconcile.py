"""The ledger against the storage: what the one has and the other lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from downloads.engine.core.storage_names import is_from_template
from downloads.jobs.lost import expire_lost, forget_lost_subtitle
from downloads.models import Rendition
from downloads.models.subtitles import StoredSubtitle, subtitles_of
from downloads.storage.errors import FileLost
from downloads.storage.media import media_storage
from downloads.storage.storage import remove


class Kind(StrEnum):
    MISSING = "missing"  # in the ledger alone
    DAMAGED = "damaged"  # of another size than the ledger says
    ORPHANED = "orphaned"  # in the storage alone


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that ledger and storage differ about.

    ``size`` in the ledger, ``found`` in the storage, in bytes. ``rendition`` is None for an orphan,
    ``subtitle`` for a file that is no subtitles.
    """

    kind: Kind
    name: str
    size: int | None = None
    found: int | None = None
    rendition: Rendition | None = None
    subtitle: StoredSubtitle | None = None


def differences() -> Iterator[Difference]:
    """Yield all differences. Raises StorageUnavailable.

    Files that no row names are orphans only if their names can be nothing but Ferry's: a storage
    may hold other files too.
    """
    # Before the rows: a file is named in its row before it is moved there, so that none that comes
    # meanwhile is taken for an orphan.
    found = dict(media_storage().files())
    known = set()
    for row in Rendition.objects.exclude(storage_name="").select_related("content").iterator():
        beside = subtitles_of(row.subtitles)
        known |= {row.storage_name, *(each.storage_name for each in beside)}
        if row.status != Rendition.Status.STORED:
            continue
        yield from _checked(row, row.storage_name, row.size or 0, found)
        for each in beside:
            yield from _checked(row, each.storage_name, each.size, found, each)
    for name, size in found.items():
        if name not in known and is_from_template(settings.STORAGE_NAME_TEMPLATE, name):
            yield Difference(Kind.ORPHANED, name, found=size)


def _checked(
    row: Rendition,
    name: str,
    size: int,
    found: dict[str, int],
    subtitle: StoredSubtitle | None = None,
) -> Iterator[Difference]:
    if found.get(name) == size or _lost(name, size) is None:
        return  # the second: it came after the list was read
    kind = Kind.DAMAGED if name in found else Kind.MISSING
    yield Difference(kind, name, size, found.get(name), row, subtitle)


def repair(difference: Difference) -> None:
    """Have a file that is missing or damaged fetched again on request; remove an orphan.

    Raises StorageUnavailable.
    """
    if difference.rendition is None:
        if not Rendition.objects.filter(storage_name=difference.name).exists():
            remove(difference.name)
        return
    lost = _lost(difference.name, difference.size or 0)
    if lost is None:
        return
    if difference.subtitle is not None:
        forget_lost_subtitle(difference.rendition, difference.subtitle)
    else:
        expire_lost(difference.rendition, lost)


def _lost(name: str, size: int) -> FileLost | None:
    try:
        media_storage().check_stored(name, size)
    except FileLost as lost:
        return lost
    return None
