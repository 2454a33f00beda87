"""Constants of the product that the environment does not set (see ``config/variables``)."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from downloads.engine.media.config import MediaConfig, find_ffmpeg

# Lease. A worker is presumed dead LEASE after its last heartbeat; with the reaper's interval on
# top, its work is resumed within 22 s: at once where its process is seen to be gone.
LEASE: Final = timedelta(seconds=15)
LEASE_MARGIN: Final = timedelta(seconds=3)  # a worker that cannot renew stops this much earlier
HEARTBEAT_INTERVAL: Final = 2.0  # seconds
MAINTENANCE_INTERVAL: Final = 5.0  # seconds between two reapings
MAINTENANCE_TURN: Final = timedelta(seconds=12)  # a silent holder loses its turn after this
WAKE_INTERVAL: Final = 1.0  # seconds
CLAIM_AFTER_BEAT: Final = 5.0  # seconds since a heartbeat in which a worker may claim
HANG_AFTER: Final = 10.0  # seconds without a beat: the heartbeat stops renewing the lease

WARM_FOR: Final = 300.0  # seconds without work after which a worker's warm children end

# Stopping
RELEASE_WITHIN: Final = 5.0  # seconds for running work to checkpoint and hand back
EXIT_WITHIN: Final = 8.0  # seconds after which the watchdog ends the process

# Retry
MAX_ATTEMPTS: Final = 6
BACKOFF_FIRST: Final = 2.0  # seconds, doubled each time, with jitter
BACKOFF_LONGEST: Final = 600.0  # seconds
MAX_RECLAIMS: Final = 3  # lost leases in a row without a newer checkpoint
SOLO_FROM_RECLAIM: Final = 2  # from here on it runs alone in its worker

# Freshness
REVALIDATE_AFTER: Final = timedelta(hours=1)
PROBE_THREADS: Final = 4  # of a worker's pool, beside WORKER_CONCURRENCY
PROBES_OF_USER: Final = 2  # at once, on all workers: slow links of one user delay no other's
PROBE_ATTEMPTS: Final = 3
PROBE_WITHIN: Final = 45.0  # seconds; shorter than its lease, so that no two probe one content
PROBE_LEASE: Final = timedelta(seconds=60)
PROBE_AFTER: Final = timedelta(seconds=5)  # a queued download may resolve it until then
IDEMPOTENCY_KEPT: Final = timedelta(hours=24)
WORKER_FORGOTTEN_AFTER: Final = timedelta(minutes=10)

# Waking
WAKE_TIMEOUT: Final = 0.3  # seconds: Redis must not hold a POST
WAKE_PATIENCE: Final = (
    0.05  # seconds for another thread's wake-up, which takes a millisecond or two
)
WAKE_PAUSE: Final = 5.0  # seconds without an attempt after a failed one

# Webhooks
WEBHOOKS_MOST: Final = 10  # of one user
WEBHOOK_WITHIN: Final = 10.0  # seconds for one attempt, from the name to the answer's headers
WEBHOOK_BODY_WITHIN: Final = 2.0  # seconds: only the status of an answer matters
WEBHOOK_CLAIM: Final = timedelta(seconds=30)  # longer than an attempt, so that no two overlap
WEBHOOK_THREADS: Final = 16  # attempts at once
WEBHOOK_OWN_THREADS: Final = 2  # of them for one webhook: a slow receiver delays itself
WEBHOOK_USER_THREADS: Final = 6  # of them for one user
WEBHOOK_FAILING_THREADS: Final = 8  # of them for failing webhooks: the others have the rest
WEBHOOK_GIVES_UP_AFTER: Final = timedelta(days=5)  # without a successful attempt
WEBHOOK_ANSWER_KEPT: Final = 1024  # bytes of an answer's body
WEBHOOK_DELIVERIES_KEPT: Final = timedelta(days=30)

TICKET_TTL: Final = timedelta(seconds=30)
LINK_LONGEST: Final = 604_800  # seconds

MAX_ACTIONS: Final = 200  # ids in one bulk action

# Playlists: read a page at a time on request, and never beyond the longest
PLAYLIST_PAGE: Final = 200  # entries
PLAYLIST_LONGEST: Final = 5_000  # entries


def work_dir() -> Path:
    """Return the folder of unfinished files: beside the local storage, so that the move is a
    rename."""
    if settings.AWS_STORAGE_BUCKET_NAME:
        return Path(settings.DATA_DIR) / "work"
    return Path(settings.STORAGE_PATH) / ".incoming"


@cache
def media_config() -> MediaConfig:
    """Return the ffmpeg in use, and its limits. The wheel's is searched for once: that costs 50
    ms."""
    return MediaConfig(
        find_ffmpeg(getattr(settings, "FFMPEG", "")), file_bytes=2 * settings.FETCH_MAX_BYTES
    )
