"""One attempt at one fragment: requested on a thread, drained by the reactor."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass

from downloads.engine.core.media import Fragment, FragmentList
from downloads.engine.transfer.config import KIB
from downloads.engine.transfer.drain import SocketDrain
from downloads.engine.transfer.fragments import request
from downloads.engine.transfer.fragments.acceptance import HeadCheck
from downloads.engine.transfer.fragments.decryption import KEY_LENGTHS, Decryption
from downloads.engine.transfer.fragments.file import FragmentFile
from downloads.engine.transfer.fragments.job import FragmentsTransferJob
from downloads.engine.transfer.fragments.keys import Keys
from downloads.engine.transfer.fragments.piece_end import PieceEnd
from downloads.engine.transfer.fragments.receiver import FragmentReceiver
from downloads.engine.transfer.fragments.request import FragmentResponse
from downloads.engine.transfer.fragments.source import headers_for
from downloads.engine.transfer.fragments.tally import Tally

READ_SIZE = 64 * KIB


@dataclass(frozen=True, slots=True)
class FragmentContext:
    """The context that all attempts of one run share."""

    job: FragmentsTransferJob
    keys: Keys
    tally: Tally


class FragmentFetch:
    """An attempt at one fragment. ``on_end(fetch, error)`` is called once, from any thread, and
    nothing is written after it.

    ``close()`` never waits: the file is shut at once; the socket follows when its thread notices.
    ``version`` is the list's.
    """

    def __init__(
        self,
        index: int,
        version: int,
        wiring: FragmentContext,
        on_end: Callable[[FragmentFetch, Exception | None], None],
    ) -> None:
        self.index = index
        self.version = version
        self.mirror = 0
        self.announced: int | None = None
        self._job = wiring.job
        self._keys = wiring.keys
        self._tally = wiring.tally
        self._on_end = on_end
        self._began_at = self._job.clock()
        self._lock = threading.Lock()
        self._closed = False
        self._file: FragmentFile | None = None
        self._receiver: FragmentReceiver | None = None
        self._piece_end: PieceEnd | None = None
        self._drain: SocketDrain | None = None

    @property
    def size(self) -> int:
        """Return the bytes in its file."""
        return 0 if self._file is None else self._file.size

    @property
    def is_cut(self) -> bool:
        """Return if all of it has come, by the source's length, and it ends in the middle."""
        return self._piece_end is not None and self._piece_end.is_cut

    @property
    def is_writing(self) -> bool:
        return self._receiver is not None and self._receiver.is_writing

    @property
    def moved_at(self) -> float:
        """Return the time of the last progress; before the body began, that of its start."""
        return self._began_at if self._receiver is None else self._receiver.moved_at

    def start(self, listing: FragmentList, fragment: Fragment, mirror: int) -> None:
        """Request ``fragment`` of the list, at the URL of the mirror with this number."""
        self.mirror = mirror
        threading.Thread(
            target=self._run, args=(fragment, listing), name="transfer-fragment", daemon=True
        ).start()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._file is not None:
                self._file.close()
            drain = self._drain
        if drain is not None:
            self._job.machinery.reactor.drop(drain)

    def discard(self) -> None:
        """Close it, and no longer count its bytes."""
        self.close()
        if self._receiver is not None:
            self._receiver.give_up()

    def _run(self, fragment: Fragment, listing: FragmentList) -> None:
        try:
            decryption = self._decryption(fragment, listing)
            headers = headers_for(fragment.url, listing)
            answer = request.ask(self._job.client, fragment, headers, listing.url)
            self._piece_end = self._watched_end(fragment)
            ended = self._begin(answer, decryption, self._head_check(listing))
        except Exception as error:  # noqa: BLE001
            # It crosses to the engine's thread, which raises or retries it.
            self._ended(error)
        else:
            if ended:
                self._ended(None)

    def _decryption(self, fragment: Fragment, listing: FragmentList) -> Decryption | None:
        encryption = fragment.encryption
        if encryption is None:
            return None
        headers = headers_for(encryption.key_url, listing)
        length = KEY_LENGTHS[encryption.method]
        key = self._keys.get(encryption.key_url, headers, listing.url, length)
        return Decryption(key, encryption.iv, encryption.method)

    def _head_check(self, listing: FragmentList) -> HeadCheck | None:
        check = self._job.check
        return None if check is None else functools.partial(check, listing, self.index)

    def _watched_end(self, fragment: Fragment) -> PieceEnd | None:
        """Return the watch on its end; None for a range of a file, which may be cut anywhere."""
        return None if self._job.check is None or fragment.range is not None else PieceEnd()

    def _begin(
        self, answer: FragmentResponse, decryption: Decryption | None, check: HeadCheck | None
    ) -> bool:
        """Drain the body. Return True if it was read to its end here; False if the reactor drains
        it."""
        try:
            receiver = self._open(answer, decryption, check)
        except BaseException:
            answer.response.close()
            raise
        if receiver is None:
            answer.response.close()
            return True
        if self._drain is not None:
            self._drain.start()
            return False
        with answer.response:
            self._read(answer, receiver)
        return True

    def _open(
        self, answer: FragmentResponse, decryption: Decryption | None, check: HeadCheck | None
    ) -> FragmentReceiver | None:
        """Return the receiver, None if the attempt was given up in the meantime."""
        with self._lock:
            if self._closed:
                return None
            self._tally.check(answer.size or 0)
            self.announced = answer.size
            self._file = self._job.spool.create(self.index)
            self._receiver = FragmentReceiver(
                answer, self._file, self._tally, decryption, self._job.clock, check, self._piece_end
            )
            body = answer.response.detach()
            if body is not None:
                self._drain = SocketDrain(body, self._receiver, self._job.machinery, self._ended)
            return self._receiver

    def _read(self, answer: FragmentResponse, receiver: FragmentReceiver) -> None:
        """Read a body without a plain form of known length here, which is slower."""
        limiter, stop = self._job.machinery.limiter, self._job.stop
        buffer = memoryview(bytearray(READ_SIZE))
        while wanted := receiver.room(len(buffer)):
            granted = limiter.take(wanted)
            if granted == 0:
                receiver.waits()
                stop.wait(min(0.1, max(0.001, limiter.delay())))
                stop.check()
                continue
            count = answer.response.read_into(buffer[:granted])
            limiter.give_back(granted - count)
            if count == 0:
                break
            receiver.put(buffer[:count])
        receiver.end_of_body()

    def _ended(self, error: Exception | None) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
        self._on_end(self, error)
