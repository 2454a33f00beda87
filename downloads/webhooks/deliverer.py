"""The deliverer: sends due messages on threads beside the maintenance loop.

A slow receiver delays neither that loop nor, for long, any other user's messages.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from typing import Final

from django.db import DatabaseError, connection

from downloads import conf
from downloads.webhooks.claim import DeliveryClaim, claim, due
from downloads.webhooks.outcome import OURS, DeliveryOutcome
from downloads.webhooks.settle import settle

# more than any attempt takes beyond conf.WEBHOOK_WITHIN
_SLACK: Final = 1.0  # seconds

log = logging.getLogger(__name__)


class Deliverer:
    """A deliverer of one process. ``nudge()`` is called each second while it has the turn: one
    small query while nothing is due. A thread runs until it finds nothing more."""

    def __init__(self, stopped: threading.Event) -> None:
        self._stopped = stopped
        self._lock = threading.Lock()
        self._threads = 0
        self._under_way: dict[uuid.UUID, DeliveryClaim] = {}  # by their tokens

    def nudge(self) -> None:
        with self._lock:
            free = conf.WEBHOOK_THREADS - self._threads
            under_way = list(self._under_way.values())
        if free <= 0:
            return
        for _ in due(under_way).values_list("pk")[:free]:
            with self._lock:
                self._threads += 1
            threading.Thread(target=self._run, name="webhooks", daemon=True).start()

    @property
    def is_idle(self) -> bool:
        return self._threads == 0

    def _run(self) -> None:
        try:
            while claimed := self._take():
                self._deliver(claimed)
        except DatabaseError as error:
            log.warning("database unavailable, webhooks wait error=%s", type(error).__name__)
        except Exception:
            # The message is due again once its claim has ended.
            log.exception("webhook delivery failed: unexpected")
        finally:
            connection.close()
            with self._lock:
                self._threads -= 1

    def _take(self) -> DeliveryClaim | None:
        """Claim a message, one thread at a time, so that no user gets more than their share."""
        with self._lock:
            # Asked for here: before the lock, a thread that waited for it would still send one.
            if self._stopped.is_set():
                return None
            claimed = claim(self._under_way.values())
            if claimed is not None:
                self._under_way[claimed.token] = claimed
            return claimed

    def _deliver(self, claimed: DeliveryClaim) -> None:
        until = time.monotonic() + conf.WEBHOOK_WITHIN + _SLACK
        try:
            outcome = _attempted(claimed)
            if outcome.unanswered:
                # At the same moment for all: how long it took would tell the one who looks on
                # whether the address is blocked, refuses, or does not exist.
                self._stopped.wait(until - time.monotonic())
            settle(claimed, outcome)
        finally:
            with self._lock:
                del self._under_way[claimed.token]
        log.info(
            "webhook attempt webhook=%s delivery=%s attempt=%d status=%s error=%s detail=%s",
            claimed.webhook_id,
            claimed.delivery_id,
            claimed.attempt,
            outcome.status,
            outcome.error,
            outcome.detail,
        )


def _attempted(claimed: DeliveryClaim) -> DeliveryOutcome:
    from downloads.webhooks.attempt import attempt  # with requests: 3 MiB that few need

    try:
        return attempt(claimed)
    except Exception:
        # It counts as an attempt, or it would be repeated without an end.
        log.exception("webhook delivery failed: unexpected delivery=%s", claimed.delivery_id)
        return DeliveryOutcome(error=OURS)
