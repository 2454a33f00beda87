"""The watch over a new release: outcomes are counted, and it is rolled back if failures rise."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Final

from downloads.engine.core.errors import BadResponse, DownloadError
from downloads.engine.resolver.ytdlp.releases.failures import WATCHED, Outcomes, verdict
from downloads.engine.resolver.ytdlp.releases.record import Record, Release
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore, installed_version
from downloads.engine.sandbox.confinement import JailFailed, JailFailure

log = logging.getLogger(__name__)
_OUTCOMES: Final = "outcomes.json"


_BUGS: Final = frozenset({JailFailure.DIED, JailFailure.GARBAGE, JailFailure.RAISED})
_EXITED: Final = "status 1:"  # by an exception; a signal is the machine's, or a shutdown


@dataclass(frozen=True, slots=True)
class ReleaseWatch:
    """The watch over one extraction: of ``site``, by ``release``; None is the installed one.
    Without a store nothing is counted."""

    store: ReleaseStore | None
    release: Release | None
    site: str

    def note_good(self) -> None:
        self._note(good=True)

    def note_broken(self, error: DownloadError) -> None:
        """Count the failure, if it speaks of the extractor."""
        if isinstance(error, BadResponse) or (isinstance(error, JailFailed) and _is_bug(error)):
            self._note(good=False)

    def _note(self, *, good: bool) -> None:
        if self.store is None:
            return
        version = self.release.version if self.release else installed_version()
        try:
            note(self.store, version, self.site.removeprefix("www."), good=good)
        except OSError as error:  # a full disk: the download goes on
            log.warning("ytdlp outcome not counted error=%r", str(error))


def _is_bug(error: JailFailed) -> bool:
    """Return if the child did not start, or answered what is no answer."""
    died = error.failure is JailFailure.DIED
    return error.failure in _BUGS and (not died or _EXITED in error.detail)


def outcomes(store: ReleaseStore) -> Outcomes:
    """Return what was counted on this host."""
    return store.read(_OUTCOMES, Outcomes)


def note(store: ReleaseStore, version: str, site: str, *, good: bool) -> None:
    """Count an extraction of ``site`` by the release ``version``; roll that back if it is in use
    and failures have risen. Called by every process of the host."""
    with store.locked():
        now = store.read(_OUTCOMES, Outcomes).counting(version, site, good=good)
        kept = now.keeping(*{version, *_known(store.record)})
        store.write(_OUTCOMES, kept)
    if not good:
        _judge(store, version, kept)


def _judge(store: ReleaseStore, version: str, counted: Outcomes) -> None:
    record = store.record
    if not _is_watched(record, version):
        return
    before = record.before.version if record.before else installed_version()
    reason = verdict(counted.of(version), counted.of(before))
    if not reason:
        return

    def back(record: Record) -> Record:
        # Another process may have been first.
        if not _is_watched(record, version):
            return record
        return record.refusing(version, f"Rolled back: {reason}.").rolled_back()

    store.change(back)
    log.warning("ytdlp rolled back from=%s to=%s reason=%r", version, store.version, reason)


def _is_watched(record: Record, version: str) -> bool:
    release = record.in_use
    if release is None or release.version != version or record.pinned or not record.taken_at:
        return False
    return time.time() - record.taken_at < WATCHED.total_seconds()


def _known(record: Record) -> set[str]:
    releases = (record.in_use, record.before)
    return {installed_version(), *(each.version for each in releases if each is not None)}
