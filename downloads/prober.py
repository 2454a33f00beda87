"""Probing: what a pasted URL is, before anybody downloads it. In a lane of its own."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from downloads import conf, outbound
from downloads.events.announce import announce_content
from downloads.exceptions import DownloadError, InternalError
from downloads.models import Content, Rendition
from downloads.querysets import ContentQuerySet
from downloads.resolution import learn
from downloads.resolver import registry
from downloads.stop import StopToken

log = logging.getLogger(__name__)


def waiting() -> ContentQuerySet:
    """Content that nobody probes and no download is about to resolve; the oldest first.

    A download that waits behind others for its turn, or has long resolved, keeps nobody from
    learning what the source offers.
    """
    free = Q(probe_lease_expires_at=None) | Q(probe_lease_expires_at__lt=Now())
    resolving = Q(status="queued", queued_at__gt=Now() - conf.PROBE_AFTER) | Q(phase="resolving")
    soon = Rendition.objects.active().filter(resolving, content=OuterRef("pk"))
    return Content.objects.filter(free, ~Exists(soon), probe_status="pending").order_by(
        "created_at"
    )


def probe_one() -> bool:
    """Probe the next content; False where none waits."""
    pk = waiting().values_list("pk", flat=True).first()
    if pk is None:
        return False
    # two workers race for it: the one whose update still finds it waiting has it
    taken = (
        waiting()
        .order_by()
        .filter(pk=pk)
        .update(
            probe_lease_expires_at=Now() + conf.PROBE_LEASE, probe_attempts=F("probe_attempts") + 1
        )
    )
    if taken == 1:
        _probe(pk)
    return True


def _probe(pk: uuid.UUID) -> None:
    content = Content.objects.get(pk=pk)
    try:
        with outbound.client(StopToken(), grants=content.grants) as client:
            learn(content, registry.probe(content.source_url, client))
        log.info("probed content=%s", pk)
    except DownloadError as error:
        _failed(content, error)
    except Exception as error:
        log.exception("unexpected content=%s", pk)
        _failed(content, InternalError(repr(error)))


def _failed(content: Content, error: DownloadError) -> None:
    log.warning("probe failed content=%s code=%s: %s", content.pk, error.code, error.detail)
    probed = Content.objects.filter(pk=content.pk)
    if not error.permanent and content.probe_attempts < conf.PROBE_ATTEMPTS:
        wait = max(conf.BACKOFF_FIRST * 2**content.probe_attempts, error.retry_after or 0)
        probed.update(probe_lease_expires_at=Now() + timedelta(seconds=wait))
        return
    probed.update(
        probe_status=Content.ProbeStatus.FAILED,
        probe_error=error.message,
        probe_error_code=error.code,
        probed_at=Now(),
    )
    announce_content(content.pk)
