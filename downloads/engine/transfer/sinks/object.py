"""One object in a bucket: the S3 calls that store it, their errors mapped to this project's own.

botocore's own retries sleep without checking a stop, so each call here is one attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import (
    ConnectionError as NotConnected,
)

from downloads.engine.core.errors import StorageUnavailable

MARKER: Final = "ferry-object"  # a metadata key; S3 servers differ in the case that they keep
_PASSING: Final = frozenset({"SlowDown", "RequestTimeout", "InternalError", "IncompleteBody"})
_DIFFERS: Final = frozenset({"InvalidPart", "InvalidPartOrder", "EntityTooSmall"})


class StorageBusy(StorageUnavailable):
    """A temporary error of the storage or the network: the next attempt may succeed."""


class UploadGone(StorageUnavailable):
    """The multipart upload was completed or aborted, here or elsewhere."""


class ObjectMissing(StorageUnavailable):
    """The object does not exist."""


class PartsDiffer(StorageUnavailable):
    """A part differs from the known one: list them again."""


class Part(NamedTuple):
    """One part of an upload. ``number`` counts from 1, ``size`` is in bytes."""

    number: int
    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class ObjectTarget:
    """The place of an object.

    ``client`` returns boto3's, used by many threads; making the first one takes time, so it is
    called on threads that may wait. ``parameters``: those of S3's write operations (ContentType,
    ACL, StorageClass, SSE...), by the names of its API; each operation gets those that it knows.
    ``marker`` tells our object from another one of the same size.
    """

    client: Callable[[], Any]
    bucket: str
    key: str
    parameters: Mapping[str, Any]
    marker: str


class StoredObject:
    """An object in a bucket. All methods may block and raise StorageUnavailable. Thread-safe."""

    def __init__(self, target: ObjectTarget) -> None:
        self._target = target

    @property
    def key(self) -> str:
        return self._target.key

    def create(self) -> str:
        """Begin a multipart upload. Return its id."""
        return str(self._call("create_multipart_upload", **self._described())["UploadId"])

    def put(self, body: bytes) -> None:
        self._call("put_object", Body=body, **self._described())

    def upload_part(self, upload: str, number: int, body: Any) -> str:
        """Upload a part from ``body``, a seekable file. Return the part's ETag."""
        answer = self._call("upload_part", UploadId=upload, PartNumber=number, Body=body)
        return str(answer["ETag"])

    def parts(self, upload: str) -> dict[int, Part]:
        """Return the parts of the upload, by number. Raises UploadGone."""
        found: dict[int, Part] = {}
        more: dict[str, Any] = {}
        while True:
            answer = self._call("list_parts", UploadId=upload, **more)
            for part in answer.get("Parts", ()):
                number = part["PartNumber"]
                found[number] = Part(number, part["ETag"], part["Size"])
            if not answer.get("IsTruncated"):
                return found
            more = {"PartNumberMarker": answer["NextPartNumberMarker"]}

    def complete(self, upload: str, parts: Sequence[Part]) -> None:
        """Complete the upload. Raises UploadGone and PartsDiffer."""
        listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        self._call("complete_multipart_upload", UploadId=upload, MultipartUpload={"Parts": listed})

    def abort(self, upload: str) -> None:
        """Abort the upload. May be repeated."""
        try:
            self._call("abort_multipart_upload", UploadId=upload)
        except UploadGone:
            return

    def is_there(self, size: int) -> bool:
        """Return if the object is stored, by this program, in this size."""
        try:
            head = self._call("head_object")
        except ObjectMissing:
            return False
        marks = {name.lower(): value for name, value in head.get("Metadata", {}).items()}
        return head["ContentLength"] == size and marks.get(MARKER) == self._target.marker

    def open_uploads(self) -> list[str]:
        """Return the unfinished uploads of this very key, the newest last."""
        found = unfinished_uploads(self._target.client, self._target.bucket, self.key)
        ours = [each for each in found if each.key == self.key]
        return [each.id for each in sorted(ours, key=lambda each: each.begun_at)]

    def _described(self) -> dict[str, Any]:
        metadata = {**self._target.parameters.get("Metadata", {}), MARKER: self._target.marker}
        return {"Metadata": metadata}

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        target = self._target
        named = {"Bucket": target.bucket, "Key": target.key, **arguments}
        with storage_faults(operation):
            client = target.client()
            given = {**accepted(client, operation, target.parameters), **named}
            return dict(getattr(client, operation)(**given))


class UnfinishedUpload(NamedTuple):
    key: str
    id: str
    begun_at: datetime


def unfinished_uploads(
    client: Callable[[], Any], bucket: str, prefix: str
) -> list[UnfinishedUpload]:
    """Return all uploads whose key begins with ``prefix``, without completed and aborted ones."""
    operation = "list_multipart_uploads"
    try:
        with storage_faults(operation):
            pages = client().get_paginator(operation).paginate(Bucket=bucket, Prefix=prefix)
            return [_unfinished(each) for page in pages for each in page.get("Uploads", ())]
    except UploadGone:
        return []  # the answer of `rclone serve s3` for a bucket that has none


def _unfinished(listed: Mapping[str, Any]) -> UnfinishedUpload:
    return UnfinishedUpload(listed["Key"], listed["UploadId"], listed["Initiated"])


def abort_upload(client: Callable[[], Any], bucket: str, upload: UnfinishedUpload) -> None:
    """Abort an upload. May be repeated. Raises StorageUnavailable."""
    StoredObject(ObjectTarget(client, bucket, upload.key, {}, "")).abort(upload.id)


def accepted(client: Any, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that the operation knows: SSE keys are for all, ACLs for some."""
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
    return {name: value for name, value in parameters.items() if name in model.input_shape.members}


@contextmanager
def storage_faults(operation: str) -> Iterator[None]:
    """Turn botocore's errors into StorageUnavailable or one of its kinds above.

    ``detail`` says for staff what was refused and how; it names no key and no credential.
    """
    try:
        yield
    except ClientError as error:
        raise _refusal(error)(f"{operation}: {_answer(error)}") from error
    except (HTTPClientError, NotConnected, IncompleteReadError, OSError) as error:
        raise StorageBusy(f"{operation}: {type(error).__name__}") from error
    except (BotoCoreError, ValueError) as error:
        # No credentials, no such region, no address at all: no retry can fix it.
        raise StorageUnavailable(
            f"{operation}: {type(error).__name__}: {error}",
            message="The storage's settings are invalid. Check the AWS_... variables.",
        ) from error


def _refusal(error: ClientError) -> type[StorageUnavailable]:
    code, status = _code(error), _status(error)
    if code == "NoSuchUpload":
        return UploadGone
    if code in _DIFFERS:
        return PartsDiffer
    if status == 404 and error.operation_name == "HeadObject":
        return ObjectMissing
    passing = code in _PASSING or status in (408, 429) or status >= 500
    return StorageBusy if passing else StorageUnavailable


def _answer(error: ClientError) -> str:
    words = str(error.response.get("Error", {}).get("Message", ""))
    return f"{_status(error)} {_code(error)} {words}".strip()[:500]


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
