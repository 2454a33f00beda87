"""The current list of fragments: links expire, and the list is loaded again."""

from __future__ import annotations

from collections.abc import Callable

from downloads.engine.core.data_url import is_data_url
from downloads.engine.core.errors import BadManifest, SourceChanged
from downloads.engine.core.media import FragmentList
from downloads.engine.egress.client import SECRETS
from downloads.engine.egress.target import parse
from downloads.engine.transfer.background_call import RetriedCall
from downloads.engine.transfer.fragments.job import FragmentsRequest
from downloads.engine.transfer.retries import Retries

Headers = tuple[tuple[str, str], ...]


class FragmentSource:
    """The source of the list, used by the transfer's own thread alone; ``request.load`` is called
    from another, one at a time.

    ``config.refreshes``: how often it may be loaded again with no fragment in between: signatures
    that last for minutes are renewed as often as a long film needs.
    """

    def __init__(self, request: FragmentsRequest, clock: Callable[[], float]) -> None:
        self._request = request
        self._clock = clock
        self._left = request.config.refreshes
        self._loading: RetriedCall[FragmentList] | None = None
        self._listing: FragmentList | None = None
        self.version = 0

    @property
    def listing(self) -> FragmentList:
        assert self._listing is not None
        return self._listing

    @property
    def is_waiting(self) -> bool:
        """Return if a list is being loaded, or will be."""
        return self._loading is not None

    def load(self) -> RetriedCall[FragmentList]:
        """Return the call that loads a list, for ``accept``."""
        request = self._request
        return RetriedCall(
            request.load,
            lambda listing: None,
            retries=Retries(request.config),
            stop=request.stop,
            clock=self._clock,
        )

    def renew(self) -> bool:
        """Have the list loaded again. Return False if that was done often enough."""
        if self._loading is not None:
            return True  # another fragment was refused first
        if self._left == 0:
            return False
        self._left -= 1
        self._loading = self.load()
        return True

    def note_progress(self) -> None:
        """Note that a fragment of this list has come."""
        self._left = self._request.config.refreshes

    def poll(self) -> None:
        """Continue the loading after ``renew``. Raises what ``accept`` raises, and the errors of
        loading that a retry cannot fix."""
        found = None if self._loading is None else self._loading.poll(0)
        if found is not None:
            self._loading = None
            self.accept(found)

    def close(self) -> None:
        if self._loading is not None:
            self._loading.abandon()

    def accept(self, fragment_list: FragmentList) -> None:
        """Take a list for the current one. Raises SourceChanged if it is another than before
        (``listing`` is that), and BadManifest."""
        if not fragment_list.fragments:
            raise BadManifest("a list without a fragment")
        before, self._listing = self._listing, fragment_list
        self.version += 1
        if before is None:
            return
        if fragment_list.key != before.key or len(fragment_list.fragments) != len(before.fragments):
            raise SourceChanged("the list that was loaded again is another one")


def headers_for(url: str, listing: FragmentList) -> Headers:
    """Return the list's headers; secret ones go to the list's own origin alone."""
    if is_data_url(url):
        return ()
    if listing.url and parse(url).origin == parse(listing.url).origin:
        return listing.headers
    return tuple(item for item in listing.headers if item[0].lower() not in SECRETS)
