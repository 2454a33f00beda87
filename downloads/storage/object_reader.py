from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import BotoCoreError

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import StorageUnavailable
from downloads.engine.transfer.sinks.object import ObjectTarget, accepted, storage_faults
from downloads.storage.errors import storage_errors

_REOPENINGS: Final = 3  # in a row without a byte in between


class ObjectReader:
    """A block source in a bucket, read in order. Reopens if the bucket hangs up.

    Opens at once, so that a missing or another object is known before the reply begins.
    """

    def __init__(self, target: ObjectTarget, size: int, wanted: ByteRange) -> None:
        """Open the ``wanted`` part of an object of ``size`` bytes. Raises StorageUnavailable."""
        self._target = target
        self._end = wanted.end
        self._closed = False
        with storage_faults("head_object"):
            head = self._call("head_object")
        if head["ContentLength"] != size:
            raise StorageUnavailable(f"the object has {head['ContentLength']} bytes, not {size}")
        self._etag = head["ETag"]
        self._body = self._open(wanted.start)

    def read_at(self, position: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``position``, where the last read ended.

        Raises StorageUnavailable.
        """
        for _ in range(_REOPENINGS):
            try:
                return bytes(self._body.read(length))
            except (OSError, BotoCoreError):
                if self._closed:  # the client left while this thread was reading
                    raise
                self._body.close()
                self._body = self._open(position)
        with storage_errors():
            return bytes(self._body.read(length))

    def close(self) -> None:
        self._closed = True
        self._body.close()

    def _open(self, start: int) -> Any:
        span = f"bytes={start}-{self._end - 1}"
        with storage_faults("get_object"):
            return self._call("get_object", Range=span, IfMatch=self._etag)["Body"]

    def _call(self, operation: str, **arguments: Any) -> Any:
        target, client = self._target, self._target.client()
        known = accepted(client, operation, target.parameters)  # the key of SSE-C, say
        named = {"Bucket": target.bucket, "Key": target.key, **arguments}
        return getattr(client, operation)(**known, **named)
