"""One multipart upload: parts filled here, carried by uploaders, and made one object at the end.

Data that fits into one part never becomes an upload: it is held and put in one request.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Mapping
from typing import Final

from downloads.engine.core.byte_range import ByteRange, merge
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StorageUnavailable
from downloads.engine.transfer.checkpoint import Upload
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.digest_in_order import DigestInOrder
from downloads.engine.transfer.sinks.object import Part, PartsDiffer, StoredObject, UploadGone
from downloads.engine.transfer.sinks.part_body import PartBody
from downloads.engine.transfer.sinks.parts import FilledPart, Parts, buffers_for
from downloads.engine.transfer.sinks.retry import ask, retry_with_backoff
from downloads.engine.transfer.sinks.uploaders import Uploaders

TICK: Final = 0.02  # seconds
log = logging.getLogger(__name__)


class Multipart:
    """One upload. ``total`` is None while the size is unknown. ``upload`` and ``stored``: the state
    of an earlier run. Everything but ``settle``, ``finish`` and ``publish`` returns at once.
    ``hashes``: ``settle`` is called all along."""

    def __init__(
        self,
        target: StoredObject,
        stop: StopToken,
        part_size: int,
        total: int | None,
        upload: Upload | None = None,
        stored: Mapping[int, Part] | None = None,
        *,
        hashes: bool = True,
    ) -> None:
        self.part_size = part_size
        self.upload = upload
        self._object = target
        self._stop = stop
        self._stored = dict(stored or {})
        self._single: bytes | None = None
        self._held_back = upload is None and total is not None and total <= part_size
        self._parts = Parts(part_size, total, buffers_for(part_size))
        self._digest = DigestInOrder(self._parts, lost=not hashes or bool(self._stored))
        self._uploaders = Uploaders(self._carry, self._failed)
        self._lock = threading.Lock()
        self._creating = threading.Lock()
        self._closed = threading.Event()
        self._failure: Exception | None = None
        if upload is None and total is not None and total > part_size:
            # Its round trip is over when the first part is full.
            threading.Thread(target=self._create_early, name="s3-create", daemon=True).start()
        else:
            self._uploaders.begin()

    @property
    def stored(self) -> tuple[ByteRange, ...]:
        """Return the ranges that the storage has confirmed."""
        with self._lock:
            return merge(self._range(part) for part in self._stored.values())

    @property
    def pending(self) -> int:
        """Return the bytes of full parts on their way. Raises the error of an uploader."""
        self.check()
        self._uploaders.look()
        return self._parts.pending

    def check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def room(self, offset: int, most: int) -> int:
        self.check()
        room = self._parts.room(offset, most)
        if room == 0:
            self._uploaders.look()
            self._digest.room_wanted()
        return room

    def write(self, offset: int, data: memoryview) -> None:
        self.check()
        while data:
            count = min(len(data), self.part_size - offset % self.part_size)
            full = self._parts.write(offset, data[:count])
            if full is not None and not self._held_back:
                self._submit(full)
            offset, data = offset + count, data[count:]

    def settle(self) -> bool:
        """Hash the next part. Return False if it is not there yet."""
        return self._digest.follow()

    def seal(self, size: int) -> None:
        """Send the rest after the end of the body, or hold all of it if it fits into one part."""
        rest = self._parts.unsubmitted()
        if not self._stored and not self._parts.pending and size <= self.part_size:
            self._single = b"".join(bytes(part.view) for part in rest)
            return
        for part in rest:
            self._submit(part)

    def finish(self, size: int) -> Stored:
        """Wait until all of it is stored. Raises Stopped, StorageUnavailable."""
        self.seal(size)
        if self._single is not None:
            return Stored(size, hashlib.sha256(self._single).hexdigest())
        while self.pending:
            self._stop.check()
            self._stop.beat()
            self._stop.wait(TICK)
        while self.settle():
            self._stop.check()
            self._stop.beat()
        return Stored(size, self._digest.of(len(self._stored)))

    def publish(self, size: int) -> None:
        """Make the object appear; may be repeated. Raises Stopped, StorageUnavailable."""
        if self._single is not None:
            single = self._single
            ask(lambda: self._object.put(single), self._stop)
        else:
            try:
                ask(lambda: self._complete(size), self._stop)
            except UploadGone:
                # Completed here before a crash or a lost answer; or aborted from outside.
                if not ask(lambda: self._object.is_there(size), self._stop):
                    raise
        self._tidy()

    def close(self) -> None:
        """Start nothing more. Parts on their way may still arrive, in this upload alone."""
        self._closed.set()
        self._uploaders.close()
        self._parts.clear()

    def abort(self) -> None:
        self.close()
        if self.upload is not None:
            self._object.abort(self.upload.id)

    def _submit(self, part: FilledPart) -> None:
        self._parts.submit(part)
        self._uploaders.submit(part)

    def _carry(self, part: FilledPart) -> None:
        """Upload one part, on an uploader's thread."""
        upload = self._created()
        size = part.filled

        def send() -> str:
            self._stop.check()
            return self._object.upload_part(upload.id, part.number, PartBody(part.view))

        etag = retry_with_backoff(send, self._pause)
        with self._lock:
            self._stored[part.number] = Part(part.number, etag, size)
        self._parts.stored(part)

    def _created(self) -> Upload:
        with self._creating:
            if self.upload is None:
                self._stop.check()
                begun = retry_with_backoff(self._object.create, self._pause)
                upload = Upload(self._object.key, begun, self.part_size)
                if self._closed.is_set():
                    self._object.abort(begun)  # no checkpoint will ever name it
                    raise StorageUnavailable("closed while the upload was created")
                self.upload = upload
            return self.upload

    def _create_early(self) -> None:
        try:
            self._created()
        except Exception as error:  # noqa: BLE001
            # As in an uploader: it is raised in the transfer's thread.
            self._failed(error)
        else:
            self._uploaders.begin()

    def _failed(self, error: Exception) -> None:
        if self._failure is None and not self._closed.is_set():
            self._failure = error

    def _pause(self, seconds: float) -> bool:
        return self._closed.wait(seconds) or self._stop.stopped

    def _complete(self, size: int) -> None:
        upload = self._created()
        try:
            self._object.complete(upload.id, self._listed(size))
        except PartsDiffer:
            # A late repetition of a part may have got another ETag: the storage's list is right.
            self._stored = self._object.parts(upload.id)
            self._object.complete(upload.id, self._listed(size))

    def _listed(self, size: int) -> list[Part]:
        listed = [self._stored[number] for number in sorted(self._stored)]
        if sum(part.size for part in listed) != size:
            raise StorageUnavailable(f"{len(listed)} parts do not make {size} bytes")
        return listed

    def _tidy(self) -> None:
        """Abort uploads that a crash left between creation and checkpoint."""
        try:
            for upload in ask(self._object.open_uploads, self._stop):
                ask(lambda upload=upload: self._object.abort(upload), self._stop)  # type: ignore[misc]
        except StorageUnavailable as error:
            log.warning("storage unavailable, uploads left detail=%r", error.detail)

    def _range(self, part: Part) -> ByteRange:
        start = (part.number - 1) * self.part_size
        return ByteRange(start, start + part.size)
