"""The prober: details of a pasted URL, before it is downloaded. In a lane of its own."""

from __future__ import annotations

import logging
import time
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now

from downloads import conf, network
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DownloadError, InternalError, Stalled, Stopped
from downloads.engine.core.listing import Listing
from downloads.engine.core.media import Source
from downloads.engine.egress.client import Client
from downloads.engine.resolver import registry
from downloads.events.announce import announce_content
from downloads.jobs.keep_listing import keep_listing, next_start
from downloads.jobs.resolve import learn
from downloads.models import Content, ContentRequest, Rendition
from downloads.network.source_login import link_of
from downloads.querysets import ContentQuerySet

log = logging.getLogger(__name__)

_TOO_SLOW = "The site took too long to list its qualities. Retry later."
_ENDED_WORKERS = "Checking this link kept crashing. Retry later or tell an administrator."


def waiting() -> ContentQuerySet:
    """Return the content to probe: neither being probed nor about to be resolved; first that of
    users for whom the fewest probes run, then the oldest. A user with PROBES_OF_USER running waits.

    That is new content, and outdated content that a user viewed again. A download that is queued
    behind others, or has long resolved, delays no probe.
    """
    lease, longest = "probe_lease_expires_at", timedelta(seconds=2 * conf.BACKOFF_LONGEST)
    free = Q(**{f"{lease}__isnull": True}) | Q(**{f"{lease}__lt": Now()})
    # If the clock was set back since. What was put off has not been attempted.
    free |= Q(**{f"{lease}__gt": Now() + longest}, probe_attempts__gt=0)
    resolving = Q(status="queued", queued_at__gt=Now() - conf.PROBE_AFTER) | Q(phase="resolving")
    soon = Rendition.objects.active().filter(resolving, content=OuterRef("pk"))
    stale = Q(probe_status="ready", probe_wanted_at__gt=F("probed_at"))
    wanted = Content.objects.filter(free, Q(probe_status="pending") | stale, ~Exists(soon))
    return (
        wanted.annotate(running=Coalesce(_running_for_requester(), 0))
        .filter(running__lt=conf.PROBES_OF_USER)
        .order_by("running", "created_at")
    )


def _running_for_requester() -> Subquery:
    """Return the number of probes that run for the content's requester with the fewest."""
    theirs = ContentRequest.objects.filter(
        user=OuterRef("user"),
        content__probing_since__isnull=False,
        content__probe_lease_expires_at__gt=Now(),
    )
    count = theirs.order_by().values("user").annotate(count=Count("pk")).values("count")
    requesters = ContentRequest.objects.filter(content=OuterRef("pk"))
    fewest = requesters.annotate(running=Coalesce(Subquery(count), 0)).order_by("running")
    return Subquery(fewest.values("running")[:1])


def probe_one() -> bool:
    """Probe the next content. Return False if there is none."""
    pk = waiting().values_list("pk", flat=True).first()
    if pk is None:
        return False
    # Two workers may race for it: the one whose update still finds it waiting has it.
    taken = (
        waiting()
        .order_by()
        .filter(pk=pk)
        .update(
            probe_lease_expires_at=Now() + conf.PROBE_LEASE,
            probe_attempts=F("probe_attempts") + 1,
            probing_since=Now(),
        )
    )
    if taken == 1:
        try:
            _probe(pk)
        finally:
            Content.objects.filter(pk=pk).update(probing_since=None)
    return True


def _probe(pk: uuid.UUID) -> None:
    content = Content.objects.get(pk=pk)
    stop = StopToken()
    stop.hold_until(time.monotonic() + conf.PROBE_WITHIN)
    try:
        _check_attempts(content)
        with network.client_for_content(content, stop) as client:
            _keep(content, _look(content, client))
        log.info("probed content=%s", pk)
    except Stopped:
        _failed(content, Stalled(f"a probe of more than {conf.PROBE_WITHIN} s", message=_TOO_SLOW))
    except DownloadError as error:
        _failed(content, error)
    except Exception as error:
        log.exception("probe failed: unexpected content=%s", pk)
        _failed(content, InternalError(repr(error)))


def _check_attempts(content: Content) -> None:
    """Raise InternalError if earlier attempts never ended: they crashed their workers."""
    if content.probe_attempts > conf.PROBE_ATTEMPTS:
        unfinished = f"{content.probe_attempts - 1} unfinished probes"
        raise InternalError(unfinished, message=_ENDED_WORKERS)


def _look(content: Content, client: Client) -> Source | Listing:
    start = next_start(content)
    if start is None:
        return registry.look(link_of(content), client)
    return registry.listing(link_of(content), client, start, conf.PLAYLIST_PAGE)


def _keep(content: Content, found: Source | Listing) -> None:
    if isinstance(found, Listing):
        keep_listing(content.pk, found)
    else:
        learn(content, found)


def _failed(content: Content, error: DownloadError) -> None:
    log.warning("probe failed content=%s code=%s detail=%r", content.pk, error.code, error.detail)
    probed = Content.objects.filter(pk=content.pk)
    if not error.permanent and content.probe_attempts < conf.PROBE_ATTEMPTS:
        wait = max(conf.BACKOFF_FIRST * 2**content.probe_attempts, error.retry_after or 0)
        wait = min(wait, conf.BACKOFF_LONGEST)
        probed.update(probe_lease_expires_at=Now() + timedelta(seconds=wait))
        return
    if not error.permanent and content.probe_status == Content.ProbeStatus.READY:
        probed.update(probed_at=Now())  # old details are better than none
        return
    with transaction.atomic():
        probed.update(
            probe_status=Content.ProbeStatus.FAILED,
            probe_error=error.message,
            probe_error_code=error.code,
            probed_at=Now(),
        )
        announce_content(content.pk)
