"""Sends what is due, on threads beside the maintenance loop: a slow receiver holds up neither
that loop nor, for long, anybody else's messages."""

from __future__ import annotations

import logging
import threading
import uuid

from django.db import DatabaseError, connection

from downloads import conf
from downloads.webhooks.attempt import attempt
from downloads.webhooks.claim import DeliveryClaim, claim, due
from downloads.webhooks.outcome import OURS, DeliveryOutcome
from downloads.webhooks.settle import settle

log = logging.getLogger(__name__)


class Deliverer:
    """``nudge()`` each second where it is this process's turn: one small query while nothing
    is due. A thread goes on until it finds nothing more, then ends."""

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
            while not self._stopped.is_set() and (taken := self._take()):
                self._deliver(taken)
        except DatabaseError as error:
            log.warning("webhooks wait, the database is away: %s", type(error).__name__)
        except Exception:
            # the message is due again once its claim has ended
            log.exception("a webhook's message was not sent")
        finally:
            connection.close()
            with self._lock:
                self._threads -= 1

    def _take(self) -> DeliveryClaim | None:
        """One thread at a time, so that nobody gets more than his share."""
        with self._lock:
            taken = claim(self._under_way.values())
            if taken is not None:
                self._under_way[taken.token] = taken
            return taken

    def _deliver(self, taken: DeliveryClaim) -> None:
        try:
            outcome = _attempted(taken)
            settle(taken, outcome)
        finally:
            with self._lock:
                del self._under_way[taken.token]
        log.info(
            "webhook message sent webhook=%s delivery=%s attempt=%d status=%s error=%s",
            taken.webhook_id,
            taken.delivery_id,
            taken.attempt,
            outcome.status,
            outcome.error,
        )


def _attempted(taken: DeliveryClaim) -> DeliveryOutcome:
    try:
        return attempt(taken)
    except Exception:
        # it counts as an attempt, or it would be made again without an end
        log.exception("a webhook's message was not sent delivery=%s", taken.delivery_id)
        return DeliveryOutcome(error=OURS)
