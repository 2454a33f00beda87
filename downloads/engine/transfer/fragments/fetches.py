"""All attempts under way at one list: started, replaced and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from downloads.engine.core.errors import (
    LINK_REFUSED,
    BadResponse,
    DownloadError,
    Incomplete,
    NotMedia,
    RateLimited,
    SourceChanged,
    Stalled,
    Unavailable,
)
from downloads.engine.core.media import Fragment
from downloads.engine.transfer.connection_pool import ConnectionPool
from downloads.engine.transfer.fragments.fetch import FragmentFetch
from downloads.engine.transfer.fragments.job import FragmentsJob
from downloads.engine.transfer.fragments.keys import KeyRefused, Keys
from downloads.engine.transfer.fragments.mirrors import Mirrors
from downloads.engine.transfer.fragments.piece_end import cut_short
from downloads.engine.transfer.fragments.source import FragmentSource
from downloads.engine.transfer.fragments.tally import Tally
from downloads.engine.transfer.fragments.window import Window
from downloads.engine.transfer.retries import Retries

# Refusals of a fragment by lists loaded after its first refusal that are final.
REFUSALS = 2


class Fetches(ConnectionPool[FragmentFetch]):
    """The attempts at the fragments of one list.

    ``on_complete(index, size)`` is called for each fragment, once it is in the spool.
    """

    def __init__(
        self,
        job: FragmentsJob,
        source: FragmentSource,
        window: Window,
        tally: Tally,
        on_complete: Callable[[int, int], None],
    ) -> None:
        super().__init__(job.clock)
        self._job = job
        self._keys = Keys(job.request.client)
        self._source = source
        self._window = window
        self._tally = tally
        self._allowed = job.config.connections
        self._on_complete = on_complete
        self._throttled = Retries(job.config)
        self._retries: dict[int, Retries] = {}
        self._refused: dict[int, list[int]] = {}
        self._mirrors = Mirrors()
        self._cut: dict[int, set[int]] = {}  # sizes in which a cut fragment came

    @property
    def announced(self) -> Mapping[int, int]:
        """Return the sizes of fragments under way, if the source has announced them."""
        known = ((fetch.index, fetch.announced) for fetch in self._live)
        return {index: size for index, size in known if size is not None}

    def _advance(self, now: float) -> None:
        """Raises also SourceChanged."""
        self._replace_stalled(now)
        if self._source.is_waiting:
            self._source.poll()
        elif now >= self._throttled.not_before:
            self._open_more(now)

    def _open_more(self, now: float) -> None:
        while len(self._live) < self._allowed:
            index = self._window.take(lambda index: self._is_due(index, now))
            if index is None:
                return
            fetch = FragmentFetch(
                self._job, self._keys, self._tally, index, self._source.version, self._note_end
            )
            self._live.add(fetch)
            mirror, fragment = self._mirrors.choose(index, self._fragment(index))
            fetch.start(self._source.listing, fragment, mirror)

    def _is_due(self, index: int, now: float) -> bool:
        retries = self._retries.get(index)
        return retries is None or now >= retries.not_before

    def _settle(self, fetch: FragmentFetch, error: Exception | None) -> None:
        given_up = fetch not in self._live
        self._live.discard(fetch)
        if error is None and not given_up:
            if fetch.is_cut and not self._came_so_before(fetch):
                self._failed(fetch, cut_short("a packet or a frame that lacks its end"))
                return
            if fetch.version == self._source.version:
                self._source.note_progress()
            self._mirrors.served(fetch.index, self._fragment(fetch.index), fetch.mirror)
            self._complete(fetch.index, fetch.size)
            return
        if error is not None and not given_up:
            self._failed(fetch, error)

    def _came_so_before(self, fetch: FragmentFetch) -> bool:
        """Return if the fragment came cut at this size before: then it is cut at the source."""
        sizes = self._cut.setdefault(fetch.index, set())
        is_known = fetch.size in sizes
        sizes.add(fetch.size)
        return is_known

    def _complete(self, index: int, size: int) -> None:
        self._window.complete(index)
        self._retries.pop(index, None)
        self._refused.pop(index, None)
        self._cut.pop(index, None)
        self._on_complete(index, size)

    def _fragment(self, index: int) -> Fragment:
        return self._source.listing.fragments[index]

    def _patience(self, fetch: FragmentFetch) -> float:
        return self._job.config.stall_timeout

    def _failed(self, fetch: FragmentFetch, error: Exception) -> None:
        fetch.discard()
        if not isinstance(error, DownloadError):
            raise error
        fragment = self._fragment(fetch.index)
        if self._mirrors.has_another(fetch.index, fragment, fetch.mirror, error):
            pass  # it is due at once
        elif isinstance(error, RateLimited):
            self._slow_down(error)
        elif isinstance(error, LINK_REFUSED):
            if self._is_absent(fetch, fragment, error):
                self._job.target.create(fetch.index).close()
                self._complete(fetch.index, 0)
                return
        else:
            self._retry(fetch.index, error)
        self._window.give_back(fetch.index)

    def _is_absent(self, fetch: FragmentFetch, fragment: Fragment, error: DownloadError) -> bool:
        """Return if the fragment may be missing, and is. Raises the error of a required one that is
        missing."""
        if fragment.optional and isinstance(error, Unavailable):
            return True
        try:
            self._refuse(fetch, error)
        except LINK_REFUSED:
            if fragment.optional:
                return True
            raise
        return False

    def _slow_down(self, error: RateLimited) -> None:
        """Halve the number of requests, once for each time that the source asks for fewer."""
        now = self._clock()
        if now >= self._throttled.not_before:
            self._allowed = max(1, self._allowed // 2)
            self._throttled.failed(error, now, self._tally.received)

    def _refuse(self, fetch: FragmentFetch, error: DownloadError) -> None:
        """Renew the list, whose link may have expired, or raise the final refusal."""
        versions = self._refused.setdefault(fetch.index, [])
        versions.append(fetch.version)
        later = sum(version > versions[0] for version in versions)
        if later >= REFUSALS:
            raise self._final(fetch.index, error)
        if fetch.version < self._source.version:
            return
        if not self._source.renew() and not later:
            raise self._final(fetch.index, error)
        if later:
            self._postpone(fetch.index)

    def _final(self, index: int, error: DownloadError) -> DownloadError:
        """Return the error that a refusal comes to: Incomplete for a key, and for one fragment of
        many that is missing."""
        if isinstance(error, KeyRefused):
            return Incomplete(error.detail, message=error.message)
        if not isinstance(error, Unavailable) or not self._tally.held:
            return error
        number, total = index + 1, len(self._source.listing.fragments)
        return Incomplete(
            f"fragment {number} of {total}: {error.detail}",
            message=f"Part {number} of {total} is missing on the site. Retry later.",
        )

    def _retry(self, index: int, error: DownloadError) -> None:
        # One fragment's answer says nothing about the list, and the next may differ.
        passing = error
        if isinstance(error, (SourceChanged, NotMedia)):
            passing = BadResponse(error.detail)
        retries = self._retries.setdefault(index, Retries(self._job.config))
        try:
            retries.failed(passing, self._clock(), 0)
        except BadResponse:
            if isinstance(error, NotMedia):
                raise error from None
            raise

    def _postpone(self, index: int) -> None:
        self._retry(index, Stalled("refused once more"))
