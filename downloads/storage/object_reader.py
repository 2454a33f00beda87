from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import BotoCoreError, ConnectionClosedError

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.sinks.object import (
    ObjectMissing,
    ObjectTarget,
    accepted,
    storage_faults,
)
from downloads.storage.errors import FileLost, storage_errors

_REOPENINGS: Final = 3  # in a row without a byte in between


class ObjectReader:
    """A block source in a bucket, read in order. Reopens if the bucket hangs up.

    Opens at once, so that a missing or another object is known before the reply begins.
    """

    def __init__(self, target: ObjectTarget, size: int, byte_range: ByteRange) -> None:
        """Open the ``byte_range`` part of an object of ``size`` bytes.

        Raises FileLost if it is missing or has another size, StorageUnavailable.
        """
        self._target = target
        self._end = byte_range.end
        self._closed = False
        self._etag = head_stored(target, size)["ETag"]
        self._body = self._open(byte_range.start)

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
        return call(self._target, operation, **arguments)


def head_stored(target: ObjectTarget, size: int) -> Any:
    """Return S3's answer about an object of ``size`` bytes.

    Raises FileLost if it is missing or has another size, StorageUnavailable.
    """
    try:
        with storage_faults("head_object"):
            head = call(target, "head_object")
    except ObjectMissing as error:
        # HEAD has no body that would tell a missing bucket from a missing object.
        with storage_faults("head_bucket"):
            target.client().head_bucket(Bucket=target.bucket)
        raise FileLost(target.key) from error
    if head["ContentLength"] != size:
        raise FileLost.cut(target.key, head["ContentLength"], size)
    return head


def call(target: ObjectTarget, operation: str, **arguments: Any) -> Any:
    """Call an operation on the object that may be repeated. Raises botocore's errors."""
    client = target.client()
    known = accepted(client, operation, target.parameters)  # the key of SSE-C, say
    named = {"Bucket": target.bucket, "Key": target.key, **arguments}
    try:
        return getattr(client, operation)(**known, **named)
    except ConnectionClosedError:
        # A connection that was kept, and that the bucket or a proxy closed just now.
        return getattr(client, operation)(**known, **named)
