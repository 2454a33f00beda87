"""From a rendition to the streams that it is fetched from, and what was learnt on the way."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from pydantic import TypeAdapter, ValidationError

from downloads.egress.client import Client
from downloads.events.announce import announce_content, announce_resolved
from downloads.events.payloads import QualityPayload
from downloads.exceptions import Stopped, StopReason
from downloads.models import Content, Rendition
from downloads.queue.lease import Lease, report
from downloads.queue.transitions import Status
from downloads.queue.wanting import lock, merge
from downloads.resolver import registry
from downloads.streams import Format, Quality, Selection, Source

_SELECTION = TypeAdapter(Selection)


def kept_selection(rendition: Rendition) -> Selection | None:
    """What an earlier attempt found, where it also left bytes to go on from.

    The engine pins the version by its validators; a source that has changed since is begun
    again, so nothing is asked here.
    """
    if not rendition.checkpoint or not rendition.resolution:
        return None
    try:
        return _SELECTION.validate_python(rendition.resolution)
    except ValidationError:
        return None


def resolve(lease: Lease, rendition: Rendition, client: Client) -> Selection | None:
    """Ask the source. None where another rendition is the same bytes: it has the holders now.

    Raises the errors of the resolver, and Stopped where the lease is gone.
    """
    found = registry.resolve(rendition.content.source_url, Quality(rendition.quality), client)
    with transaction.atomic():
        lock(rendition.content_id)
        learn(rendition.content, found.source)
        same = _same_bytes(rendition, found.selection)
        if same is not None:
            _join(lease, rendition, same)
            return None
        _write_down(lease, found.selection)
    return found.selection


def learn(content: Content, source: Source) -> None:
    """Fill in what the content did not have; a title that staff gave it stays."""
    Content.objects.filter(pk=content.pk).update(
        identity=source.identity[:512],
        title=content.title or source.title[:500],
        thumbnail_url=content.thumbnail_url or source.thumbnail_url,
        duration=source.duration if source.duration is not None else content.duration,
        qualities=[quality_of(offered).wire() for offered in source.formats],
        probe_status=Content.ProbeStatus.READY,
        probe_error="",
        probe_error_code="",
        probed_at=Now(),
    )
    announce_content(content.pk)


def quality_of(format: Format) -> QualityPayload:
    return QualityPayload(
        quality=format.quality,
        height=format.height,
        width=format.width,
        fps=format.fps,
        ext=format.ext,
        video_codec=format.video_codec,
        audio_codec=format.audio_codec,
        size=format.stream.size,
        size_is_estimate=format.size_is_estimate,
    )


def _same_bytes(rendition: Rendition, selection: Selection) -> Rendition | None:
    """Another rendition of this content in this selection and revision, stored or under way.

    Where the source gives nothing to tell versions by, only what is under way right now is
    taken for the same.
    """
    twins = Rendition.objects.filter(
        content=rendition.content_id, selection=selection.key, revision=selection.revision
    ).exclude(pk=rendition.pk)
    stored = Q(status=Status.STORED) & ~Q(revision="")
    return twins.filter(stored | Q(lease_token__isnull=False)).order_by("created_at").first()


def _join(lease: Lease, rendition: Rendition, same: Rendition) -> None:
    still_ours = Rendition.objects.filter(pk=lease.rendition_id, lease_token=lease.token)
    if not still_ours.exists():
        raise Stopped(StopReason.LEASE_LOST)
    if same.status == Status.STORED:
        Rendition.objects.filter(pk=same.pk).update(verified_at=Now())
    merge(rendition, into=same)


def _write_down(lease: Lease, selection: Selection) -> None:
    facts: dict[str, Any] = _SELECTION.dump_python(selection, mode="json")
    # first, so that it goes out before the progress of the same seq, and is not dropped for it
    announce_resolved(lease.rendition_id)
    report(
        lease,
        resolution=facts,
        selection=selection.key[:255],
        revision=selection.revision,
        resolved_quality=selection.quality,
        ext=selection.ext[:16],
        mime_type=selection.mime_type[:127],
        bytes_total=selection.size,
        verified_at=Now(),
    )
