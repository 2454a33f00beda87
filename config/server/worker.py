"""Celery's worker without what the database already does."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from celery.apps.worker import Worker as CeleryWorker
from celery.platforms import SecurityWarning

# Ten lines each start against being root, which `check --deploy` says in one (ferry.W005).
warnings.simplefilter("ignore", SecurityWarning)

logger = logging.getLogger(__name__)


class FerryWorker(CeleryWorker):
    """No gossip, mingle or event heartbeats (the leases say who lives), one line as banner."""

    def prepare_args(self, **kwargs: Any) -> dict[str, Any]:
        silent = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
        return dict(super().prepare_args(**{**kwargs, **silent}))

    def emit_banner(self) -> None:
        pool = self.pool_cls.__module__.rpartition(".")[2]
        logger.info("%s starts with %s %ss", self.hostname, self.concurrency, pool)
