"""The current list of fragments: links expire, and the list is loaded again."""

from __future__ import annotations

from collections.abc import Callable

from downloads.engine.core.data_url import is_data_url
from downloads.engine.core.errors import BadManifest, DownloadError, SourceChanged
from downloads.engine.core.media import FragmentList
from downloads.engine.egress.client import SECRETS
from downloads.engine.egress.target import parse
from downloads.engine.transfer.background_call import BackgroundCall
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.retries import Retries

Headers = tuple[tuple[str, str], ...]


class FragmentSource:
    """The source of the list, used by the transfer's own thread alone; ``load`` is called from
    another, one at a time.

    ``config.refreshes``: how often it may be loaded again with no fragment in between: signatures
    that last for minutes are renewed as often as a long film needs.
    """

    def __init__(
        self,
        load: Callable[[], FragmentList],
        config: TransferConfig,
        clock: Callable[[], float],
    ) -> None:
        self._load = load
        self._config = config
        self._clock = clock
        self._left = config.refreshes
        self._retries = Retries(config)
        self._loading: BackgroundCall[FragmentList] | None = None
        self._is_due = False
        self._listing: FragmentList | None = None
        self.version = 0

    @property
    def listing(self) -> FragmentList:
        assert self._listing is not None
        return self._listing

    @property
    def is_waiting(self) -> bool:
        """Return if a list is being loaded, or will be."""
        return self._is_due

    @property
    def is_loading(self) -> bool:
        return self._loading is not None

    def begin(self) -> None:
        """Load the first list."""
        self._is_due = self._listing is None

    def renew(self) -> bool:
        """Have the list loaded again. Return False if that was done often enough."""
        if self._is_due:
            return True  # another fragment was refused first
        if self._left == 0:
            return False
        self._left -= 1
        self._retries = Retries(self._config)
        self._is_due = True
        return True

    def note_progress(self) -> None:
        """Note that a fragment of this list has come."""
        self._left = self._config.refreshes

    def poll(self, timeout: float) -> bool:
        """Continue the loading. Return True when it is done.

        Raises SourceChanged if the list is another one now (``listing`` is that), and the errors of
        loading that a retry cannot fix.
        """
        if self._loading is None and self._clock() >= self._retries.not_before:
            self._loading = BackgroundCall(self._load, lambda listing: None)
        if self._loading is None:
            return False
        try:
            found = self._loading.poll(timeout)
        except DownloadError as error:
            self._loading = None
            self._retries.failed(error, self._clock(), 0)
            return False
        if found is None:
            return False
        self._loading, self._is_due = None, False
        self._accept(found)
        return True

    def close(self) -> None:
        if self._loading is not None:
            self._loading.abandon()

    def _accept(self, found: FragmentList) -> None:
        if not found.fragments:
            raise BadManifest("a list without a fragment")
        before, self._listing = self._listing, found
        self.version += 1
        if before is None:
            return
        if found.key != before.key or len(found.fragments) != len(before.fragments):
            raise SourceChanged("the list that was loaded again is another one")


def headers_for(url: str, listing: FragmentList) -> Headers:
    """Return the list's headers; secret ones go to the list's own origin alone."""
    if is_data_url(url):
        return ()
    if listing.url and parse(url).origin == parse(listing.url).origin:
        return listing.headers
    return tuple(item for item in listing.headers if item[0].lower() not in SECRETS)
