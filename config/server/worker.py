"""Celery's worker without the features that the database already provides."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from celery.apps.worker import Worker as CeleryWorker
from celery.exceptions import CPendingDeprecationWarning
from celery.platforms import SecurityWarning

from config.server.allocator import use_one_arena
from config.version import VERSION

# Ten lines at each start about running as root; `check --deploy` says it in one (ferry.W005).
warnings.simplefilter("ignore", SecurityWarning)
# A paragraph each time that the broker is lost, about late acknowledgement, which is not in use.
warnings.simplefilter("ignore", CPendingDeprecationWarning)

logger = logging.getLogger(__name__)


class FerryWorker(CeleryWorker):
    """A worker without gossip, mingle or event heartbeats (the leases show who is alive), with one
    line as banner."""

    def prepare_args(self, **kwargs: Any) -> dict[str, Any]:
        silent = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
        return dict(super().prepare_args(**{**kwargs, **silent}))

    def on_before_init(self, **kwargs: Any) -> None:
        use_one_arena()
        super().on_before_init(**kwargs)

    def emit_banner(self) -> None:
        pool = self.pool_cls.__module__.rpartition(".")[2]
        logger.info(
            "worker started worker=%s version=%s concurrency=%s pool=%s",
            self.hostname,
            VERSION,
            self.concurrency,
            pool,
        )
