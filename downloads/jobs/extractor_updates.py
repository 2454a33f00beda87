"""The daily check for a newer yt-dlp on this host, as YTDLP_UPDATES says."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from downloads.engine.resolver import prewarm
from downloads.engine.resolver.ytdlp.config import RELEASES
from downloads.engine.resolver.ytdlp.releases.index import Index
from downloads.engine.resolver.ytdlp.releases.schedule import next_check
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore
from downloads.engine.resolver.ytdlp.releases.update import Updater

log = logging.getLogger(__name__)


class ExtractorUpdates:
    """Checks on a thread of their own: an index that hangs must not delay the maintenance loop.

    Every loop of a host may call ``nudge()``, at any rate; one of them checks.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        store = ReleaseStore(Path(settings.DATA_DIR) / RELEASES)
        self._updater = Updater(store, Index(settings.YTDLP_INDEX_URL))
        self._clock = clock
        self._began = clock()
        self._thread: threading.Thread | None = None

    def nudge(self) -> None:
        """Follow a swap of this host, and start a check if it is time."""
        prewarm.follow()
        if settings.YTDLP_UPDATES == "off" or self._is_running or self._clock() < self.due:
            return
        self._thread = threading.Thread(target=self._check, name="ytdlp-update", daemon=True)
        self._thread.start()

    @property
    def due(self) -> float:
        """Return the Unix time of the next check."""
        record = self._updater.store.record
        return next_check(
            record.checked_at,
            began=self._began,
            now=self._clock(),
            host=socket.gethostname(),
            failed=bool(record.problem),
        )

    @property
    def _is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _check(self) -> None:
        try:
            self._updater.check(nightly=settings.YTDLP_UPDATES == "nightly")
        except Exception:
            # no caller waits for it; such as a full disk
            log.exception("ytdlp update failed: unexpected")
