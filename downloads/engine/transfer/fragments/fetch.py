"""One attempt at one fragment."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from downloads.engine.core.media import Fragment, FragmentList
from downloads.engine.transfer.connection import Connection
from downloads.engine.transfer.fragments import request
from downloads.engine.transfer.fragments.decryption import KEY_LENGTHS, Decryption
from downloads.engine.transfer.fragments.file import FragmentFile
from downloads.engine.transfer.fragments.job import FragmentsJob
from downloads.engine.transfer.fragments.keys import Keys
from downloads.engine.transfer.fragments.piece_end import PieceEnd
from downloads.engine.transfer.fragments.receiver import FragmentReceiver
from downloads.engine.transfer.fragments.request import FragmentResponse
from downloads.engine.transfer.fragments.source import headers_for
from downloads.engine.transfer.fragments.tally import Tally


class FragmentFetch(Connection[FragmentReceiver]):
    """An attempt at one fragment; ``close()`` shuts its file at once, and nothing is written after
    ``on_end``. ``version`` is the list's."""

    def __init__(
        self,
        job: FragmentsJob,
        keys: Keys,
        tally: Tally,
        index: int,
        version: int,
        on_end: Callable[[Any, Exception | None], None],
    ) -> None:
        super().__init__(job, on_end)
        self._job = job
        self._keys = keys
        self._tally = tally
        self.index = index
        self.version = version
        self.mirror = 0
        self.announced: int | None = None
        self._file: FragmentFile | None = None
        self._piece_end: PieceEnd | None = None

    @property
    def size(self) -> int:
        """Return the bytes in its file."""
        return 0 if self._file is None else self._file.size

    @property
    def is_cut(self) -> bool:
        """Return if all of it has come, by the source's length, and it ends in the middle."""
        return self._piece_end is not None and self._piece_end.is_cut

    def start(self, listing: FragmentList, fragment: Fragment, mirror: int) -> None:
        """Request ``fragment`` of the list, at the URL of the mirror with this number."""
        self.mirror = mirror
        self._start(lambda: self._begin(fragment, listing))

    def close(self) -> None:
        self._drop()
        self._close_file()

    def discard(self) -> None:
        """Close it, and no longer count its bytes."""
        self.close()
        if self._receiver is not None:
            self._receiver.give_up()

    def _begin(self, fragment: Fragment, listing: FragmentList) -> bool:
        decryption = self._decryption(fragment, listing)
        headers = headers_for(fragment.url, listing)
        answer = request.ask(self._job.request.client, fragment, headers, listing.url)
        return self._receive(
            answer.response, lambda: self._receiver_of(answer, fragment, listing, decryption)
        )

    def _decryption(self, fragment: Fragment, listing: FragmentList) -> Decryption | None:
        encryption = fragment.encryption
        if encryption is None:
            return None
        headers = headers_for(encryption.key_url, listing)
        length = KEY_LENGTHS[encryption.method]
        key = self._keys.get(encryption.key_url, headers, listing.url, length)
        return Decryption(key, encryption.iv, encryption.method)

    def _receiver_of(
        self,
        answer: FragmentResponse,
        fragment: Fragment,
        listing: FragmentList,
        decryption: Decryption | None,
    ) -> FragmentReceiver:
        self._tally.check(answer.size or 0)
        self.announced = answer.size
        check = self._job.request.check
        if check is not None and fragment.range is None:  # a range of a file may be cut anywhere
            self._piece_end = PieceEnd()
        self._file = self._job.target.create(self.index)
        return FragmentReceiver(
            answer,
            self._file,
            self._tally,
            decryption,
            self._job.clock,
            None if check is None else functools.partial(check, listing, self.index),
            self._piece_end,
        )

    def _ended(self, error: Exception | None) -> None:
        self._close_file()
        super()._ended(error)

    def _close_file(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
