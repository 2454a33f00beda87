"""Resolution of a rendition to its streams, and the details learnt on the way."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, F, Q, QuerySet, UUIDField
from django.db.models.functions import Now
from django.utils import timezone

from config.prepared import Prepared, PreparedUpdate, PreparedValues
from downloads import conf
from downloads.engine.core import languages
from downloads.engine.core.errors import Stopped, StopReason, TooLarge
from downloads.engine.core.media import Format, Quality, Selection, Source
from downloads.engine.core.options import Options
from downloads.engine.core.redaction import redact_userinfo
from downloads.engine.egress.client import Client
from downloads.engine.resolver import registry
from downloads.engine.resolver.base import Resolution
from downloads.engine.resolver.quality import ladder
from downloads.engine.resolver.unmet_options import notes_on
from downloads.events.announce import announce_content, announce_resolved
from downloads.jobs import kept_resolution
from downloads.jobs.available_tracks import languages_of, subtitles_of
from downloads.models import Content, Download, Playlist, PlaylistEntry, Rendition
from downloads.network.source_login import link_of
from downloads.queue import wake
from downloads.queue.demand import merge
from downloads.queue.lease import Lease, report
from downloads.queue.timeline import TransitionNote, note_work
from downloads.queue.transitions import Status, lock_renditions
from downloads.schemas import QualityFacts

_LONGEST_KEY = 255  # characters of Rendition.selection
_LONGEST_IDENTITY = 512  # characters of Content.identity


def ask_source(rendition: Rendition, client: Client) -> Resolution:
    """Resolve the rendition at its source. Raises the errors of the resolver, and TooLarge."""
    options = Options.parse(rendition.options)
    quality = Quality(rendition.quality)
    found = registry.resolve(link_of(rendition.content), quality, client, options)
    size = sum(stream.size or 0 for stream in found.selection.streams)
    if size > settings.FETCH_MAX_BYTES:
        raise TooLarge(f"{size} bytes are more than {settings.FETCH_MAX_BYTES}")
    formats = _believed(found.selection.formats)
    notes = (*found.source.notes, *notes_on(found.selection, options))
    identity = redact_userinfo(found.source.identity)
    source = replace(found.source, identity=identity, notes=notes)
    return Resolution(source, replace(found.selection, formats=formats))


def _believed(formats: tuple[Format, ...]) -> tuple[Format, ...]:
    """Return the formats without estimates beyond the limit: a list can claim any number of
    bytes."""
    most = settings.FETCH_MAX_BYTES
    return tuple(
        replace(each, estimate=None) if (each.estimate or 0) > most else each for each in formats
    )


def keep(lease: Lease, rendition: Rendition, resolution: Resolution, revision: str) -> bool:
    """Store the resolution. Return False if another rendition has the same bytes: it has the
    holders now, and this one is gone.

    ``revision`` is the version of all chosen bytes. Raises Stopped if the lease is lost.
    """
    with transaction.atomic():
        statuses = _lock_all_of(rendition.content_id, resolution.source.identity)
        lock_renditions([rendition.pk])
        _learn_for_holders(rendition, resolution.source, statuses)
        same = _same_bytes(rendition, resolution, revision)
        if same is not None:
            _join(lease, rendition, same)
            return False
        _write_down(lease, rendition, resolution, revision)
    return True


# --- what the content is --------------------------------------------------------------------


def _learn_for_holders(
    rendition: Rendition, source: Source, statuses: Mapping[uuid.UUID, str]
) -> None:
    """Store the details. Those found with a user's cookies go to that user's own downloads that
    have no title, and not to the row that others see. ``statuses``: of the locked content."""
    content = rendition.content
    if content.credential_owner_id == rendition.credential_owner_id:
        if content.pk in statuses:
            _write_details(content, source, statuses[content.pk])
    elif not content.title:
        unnamed = Download.objects.filter(rendition=rendition, title="")
        unnamed.update(title=source.title[:500], seq_base=F("seq_base") + 1)


@transaction.atomic
def learn(content: Content, source: Source) -> None:
    """Fill in the details that the content did not have; a title set by staff stays.

    A former playlist that is a single item now becomes one: its entries are gone at the source.
    """
    # Read again: another worker may have learnt it while this one was resolving.
    for _, status in _lock_content(content.pk):
        _write_details(content, source, status)


def _write_details(content: Content, source: Source, status: str) -> None:
    """``status``: that of its probe until now."""
    if content.kind == Content.Kind.PLAYLIST:
        Playlist.objects.filter(content=content.pk).delete()
        PlaylistEntry.objects.filter(content=content.pk).delete()
    details = {
        "kind": Content.Kind.SINGLE,
        "identity": _fitting(redact_userinfo(source.identity), _LONGEST_IDENTITY),
        "title": content.title or source.title[:500],
        "thumbnail_url": content.thumbnail_url or redact_userinfo(source.thumbnail_url),
        "duration": source.duration if source.duration is not None else content.duration,
        "qualities": [offered.wire() for offered in qualities_of(source)],
        "subtitles": [offered.wire() for offered in subtitles_of(source)],
        "languages": languages_of(source),
        "probe_status": Content.ProbeStatus.READY,
        "probe_error": "",
        "probe_error_code": "",
        "probed_at": _NOW,
    }
    _content(content.pk, set_=details)
    announce_content(content.pk, changed=status != Content.ProbeStatus.READY)


def qualities_of(source: Source) -> list[QualityFacts]:
    """Return one for each rung that a user may choose, with its resulting selection."""
    believed = replace(source, formats=_believed(source.formats))
    return [_quality(rung.quality, rung.selection) for rung in ladder(believed)]


def _quality(quality: Quality, selection: Selection) -> QualityFacts:
    first = selection.formats[0]
    picture = None if quality is Quality.AUDIO else first
    sounds = [chosen.audio_codec for chosen in selection.formats if _says(chosen.audio_codec)]
    return QualityFacts(
        quality=quality,
        height=picture.height if picture else None,
        width=picture.width if picture else None,
        fps=picture.fps if picture else None,
        ext=selection.ext,
        video_codec=picture.video_codec if picture and _says(picture.video_codec) else None,
        audio_codec=selection.audio_codec or next(iter(sounds), None),
        size=selection.size,
        size_is_estimate=selection.size is not None and selection.size_is_estimate,
    )


def _says(codec: str | None) -> bool:
    return codec not in (None, "", "none")


def look_again_if_stale(content: Content) -> None:
    """Have the worker probe content again that a user views, if its details are outdated.

    Its ``probe_status`` stays ready meanwhile, and the old details are shown.
    """
    ready = content.probe_status == Content.ProbeStatus.READY
    if not ready or content.probed_at is None:
        return
    if timezone.now() - content.probed_at < conf.REVALIDATE_AFTER:
        return  # the usual case, without a query
    unasked = Q(probe_wanted_at=None) | Q(probe_wanted_at__lte=F("probed_at"))
    if Content.objects.filter(unasked, pk=content.pk).update(
        probe_wanted_at=Now(), probe_attempts=0, probe_lease_expires_at=None
    ):
        transaction.on_commit(wake.send_probe)


# --- twins ----------------------------------------------------------------------------------


def _lock_all_of(content_id: uuid.UUID, identity: str) -> dict[uuid.UUID, str]:
    """Serialise all claims on every content of this identity until the transaction ends. Return
    how far the probe of each is."""
    # Two links to one thing may resolve at the same moment, and neither row has the other's
    # identity yet: so the identity itself is locked first. SQLite has one writer anyway.
    if connection.vendor == "postgresql" and identity:
        number = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
    if not identity:
        return dict(_lock_content(content_id))
    return dict(_lock_contents(content_id, _fitting(identity, _LONGEST_IDENTITY)))


def _locked(wanted: Q) -> QuerySet[Any, Any]:
    # In one order, so that two that lock the same rows never wait for each other.
    rows = Content.objects.select_for_update().filter(wanted).order_by("pk")
    return rows.values_list("pk", "probe_status")


def _same_bytes(rendition: Rendition, resolution: Resolution, revision: str) -> Rendition | None:
    """Return another rendition of this thing in this selection and revision, stored or under way.

    By its identity: youtu.be and watch?v= are one. A file fetched with a user's cookies is that
    user's alone. If the source gives no validators, only one under way right now counts as the
    same.
    """
    identity = _fitting(resolution.source.identity, _LONGEST_IDENTITY)
    facts = (
        rendition.content_id,
        identity,
        _fitting(resolution.selection.key, _LONGEST_KEY),
        revision,
        rendition.pk,
    )
    if identity and rendition.credential_owner_id is None:
        twins: Iterable[Rendition] = _shared_twins(*facts)
    else:
        twins = _twins(*facts, owner=rendition.credential_owner_id)
    return next(iter(twins), None)


def _twins(
    content: Any, identity: Any, selection: Any, revision: Any, pk: Any, owner: int | None = None
) -> QuerySet[Rendition]:
    of_content = Q(content=content)
    if identity:
        of_content |= Q(content__identity=identity)
    twins = Rendition.objects.filter(
        of_content, credential_owner=owner, selection=selection, revision=revision
    ).exclude(pk=pk)
    stored = Q(status=Status.STORED) & ~Q(revision="")
    # Locked: it must not fail or be let go before it has the holders.
    usable = twins.filter(stored | Q(lease_token__isnull=False)).order_by("created_at")
    return usable.select_for_update(of=("self",), no_key=True)[:1]


_NOW: Final = Now()
_content: Final = PreparedUpdate(lambda pk: Content.objects.filter(pk=pk), UUIDField())
_lock_content: Final = PreparedValues(lambda pk: _locked(Q(pk=pk)), UUIDField())
_lock_contents: Final = PreparedValues(
    lambda pk, identity: _locked(Q(pk=pk) | Q(identity=identity)), UUIDField(), CharField()
)
_shared_twins: Final[Prepared[Rendition]] = Prepared(
    _twins, UUIDField(), CharField(), CharField(), CharField(), UUIDField()
)


def _join(lease: Lease, rendition: Rendition, same: Rendition) -> None:
    still_ours = Rendition.objects.filter(pk=lease.rendition_id, lease_token=lease.token)
    if not still_ours.exists():
        raise Stopped(StopReason.LEASE_LOST)
    if same.status == Status.STORED:
        Rendition.objects.filter(pk=same.pk).update(verified_at=Now())
    merge(rendition, into=same)


def _write_down(lease: Lease, rendition: Rendition, resolution: Resolution, revision: str) -> None:
    selection = resolution.selection
    report(
        lease,
        resolution=kept_resolution.seal(rendition, resolution),
        selection=_fitting(selection.key, _LONGEST_KEY),
        revision=revision,
        resolved_quality=selection.quality,
        ext=selection.ext[:16],
        mime_type=selection.mime_type[:127],
        language=languages.told(selection.spoken),
        bytes_total=selection.size,
        verified_at=_NOW,
    )
    if resolution.source.po_token is not None:
        event = f"po_token_{resolution.source.po_token}"
        note_work(lease.rendition_id, TransitionNote(event, worker=lease.worker))
    announce_resolved(lease.rendition_id)


def _fitting(key: str, longest: int) -> str:
    """Return the key itself, or a hash of one that is too long: never a part of it, which two keys
    may share."""
    return key if len(key) <= longest else hashlib.sha256(key.encode()).hexdigest()
