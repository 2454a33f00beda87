"""Files of an S3 bucket: a signed address for the client, or their bytes through this process."""

from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import BotoCoreError
from storages.backends.s3 import S3Storage

from downloads.delivery.ranges import Span
from downloads.storage.storage import storage_errors

PRESIGNED_TTL: Final = 300  # seconds: a link that leaks is soon worthless
_REOPENINGS: Final = 3  # in a row without a byte in between


def presigned_url(storage: S3Storage, name: str, *, content_type: str, disposition: str) -> str:
    """An address at the storage that answers GET for PRESIGNED_TTL seconds, with our headers."""
    parameters = {
        "ResponseContentType": content_type,
        "ResponseContentDisposition": disposition,
        "ResponseCacheControl": "private",
    }
    with storage_errors():
        return str(storage.url(name, parameters=parameters, expire=PRESIGNED_TTL))


class ObjectReader:
    """Reads an object in order. A bucket that hangs up on a slow client is asked again.

    Opens at once, so that a missing or a foreign object is known before the reply begins.
    Raises StorageUnavailable then.
    """

    def __init__(self, storage: S3Storage, name: str, size: int, span: Span) -> None:
        self._end = span.start + span.length
        self._closed = False
        with storage_errors():
            self._object = storage.open(name).obj
            if self._object.content_length != size:
                raise OSError(f"{name} has {self._object.content_length} bytes, not {size}")
            self._body = self._open(span.start)

    def read_at(self, position: int, length: int) -> bytes:
        """``position`` is where the last read ended."""
        for _ in range(_REOPENINGS):
            try:
                return bytes(self._body.read(length))
            except (OSError, BotoCoreError):
                if self._closed:  # the client left while this thread was reading
                    raise
                self._body.close()
                self._body = self._open(position)
        return bytes(self._body.read(length))

    def close(self) -> None:
        self._closed = True
        self._body.close()

    def _open(self, start: int) -> Any:
        span = f"bytes={start}-{self._end - 1}"
        return self._object.get(Range=span, IfMatch=self._object.e_tag)["Body"]
