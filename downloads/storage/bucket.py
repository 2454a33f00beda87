"""Finished files in a bucket. Loaded only if one is configured: boto3 is large."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from django.utils.http import content_disposition_header
from storages.backends.s3 import S3Storage
from storages.utils import clean_name, setting

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StorageUnavailable
from downloads.engine.core.progress import Progress
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.object import (
    ObjectTarget,
    UnfinishedUpload,
    abort_upload,
    storage_faults,
    unfinished_uploads,
)
from downloads.engine.transfer.sinks.s3 import S3Sink, for_many_threads
from downloads.engine.transfer.sinks.send import send_file
from downloads.storage.errors import storage_errors
from downloads.storage.media import MediaStorage, Unfinished
from downloads.storage.media_types import media_type
from downloads.storage.object_reader import ObjectReader, call, head_stored

_CLIENT: Final = Config(
    connect_timeout=5,
    read_timeout=30,
    # R2 and MinIO refuse the checksums that boto3 adds by default.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_IMPATIENT: Final = Config(
    connect_timeout=1.5, read_timeout=2.5, retries={"total_max_attempts": 1, "mode": "standard"}
)


class BucketMediaStorage(MediaStorage, S3Storage):
    """django-storages' S3Storage, with uploads by the engine's sinks.

    Every setting of django-storages keeps its meaning, except that objects are never
    compressed or overwritten: a file's size, hash and name are in the ledger.
    """

    is_bucket = True
    client_config: Config

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config = _CLIENT.merge(self.client_config)
        self._client: Any = None
        self._impatient: Any = None
        self._client_lock = threading.Lock()

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "file_overwrite": False,
            "gzip": False,
            "querystring_expire": setting("AWS_QUERYSTRING_EXPIRE", 300),
            "signature_version": setting("AWS_S3_SIGNATURE_VERSION", "s3v4"),
        }

    def client(self) -> Any:
        """Return boto3's client, made once (50 ms), for any number of threads."""
        with self._client_lock:
            if self._client is None:
                self._client = self._new_client(self.client_config)
            return self._client

    def _impatient_client(self) -> Any:
        """Return the client of what a request may wait for."""
        with self._client_lock:
            if self._impatient is None:
                self._impatient = self._new_client(self.client_config.merge(_IMPATIENT))
            return self._impatient

    def _new_client(self, config: Config) -> Any:
        return self._create_session().client(
            "s3",
            region_name=self.region_name,
            use_ssl=self.use_ssl,
            endpoint_url=self.endpoint_url,
            config=for_many_threads(config, self.endpoint_url),
            verify=self.verify,
        )

    def target(self, name: str, rendition_id: uuid.UUID) -> ObjectTarget:
        """Return the object of the file of this name, with its headers and metadata."""
        filename = name.rpartition("/")[2]
        parameters = {
            "ContentType": media_type(filename.rpartition(".")[2]),
            "ContentDisposition": content_disposition_header(True, filename),
            **({"ACL": self.default_acl} if self.default_acl else {}),
            **self.get_object_parameters(name),
        }
        return ObjectTarget(
            self.client, self.bucket_name, self._key(name), parameters, str(rendition_id)
        )

    def sink(self, name: str, unfinished: Unfinished, stop: StopToken, *, cap: int) -> S3Sink:
        return S3Sink(self.target(name, unfinished.rendition_id), stop, cap=cap)

    def put(
        self,
        path: Path,
        name: str,
        stored: Stored,
        rendition_id: uuid.UUID,
        stop: StopToken,
        on_progress: Callable[[Progress], None],
    ) -> None:
        send_file(path, stored, self.target(name, rendition_id), stop, on_progress=on_progress)

    def holds(self, name: str, stored: Stored, stop: StopToken) -> bool:
        with storage_errors():
            try:
                return bool(self.size(name) == stored.size)
            except FileNotFoundError:
                return False

    def read(self, name: str, size: int, byte_range: ByteRange) -> ObjectReader:
        return ObjectReader(self._stored(name, self.client), size, byte_range)

    def check_stored(self, name: str, size: int) -> None:
        head_stored(self._stored(name, self._impatient_client), size)

    def _stored(self, name: str, client: Callable[[], Any]) -> ObjectTarget:
        parameters = self.get_object_parameters(name)
        return ObjectTarget(client, self.bucket_name, self._key(name), parameters, "")

    def files(self) -> Iterator[tuple[str, int]]:
        with storage_faults("list_objects_v2"):
            pages = self.client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=self._prefix):
                for each in page.get("Contents", ()):
                    yield each["Key"].removeprefix(self._prefix), each["Size"]

    def local_path(self, name: str) -> None:
        return None

    def signed_url(self, name: str, *, content_type: str, disposition: str) -> str:
        parameters = {
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": "private",
        }
        if self.custom_domain or not self.querystring_auth:
            parameters = {}  # S3 refuses them unsigned, and a CDN caches by them
        with storage_errors():
            return str(S3Storage.url(self, name, parameters=parameters))

    def check_ready(self) -> None:
        try:
            self._impatient_client().head_bucket(Bucket=self.bucket_name)
        except (BotoCoreError, ClientError, ValueError, OSError) as error:
            raise StorageUnavailable(
                f"head_bucket: {type(error).__name__}: {error}", message=self._why_not_ready(error)
            ) from error

    def server_time(self) -> float | None:
        with storage_errors():
            try:
                answer = self._impatient_client().head_bucket(Bucket=self.bucket_name)
            except ClientError as error:  # a clock that is far off is a reason to refuse
                answer = error.response
        told = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
        try:
            return parsedate_to_datetime(told).timestamp()
        except ValueError:
            return None

    def _why_not_ready(self, error: Exception) -> str:
        """Return what an operator has to correct: HEAD has no body that would tell it."""
        answer = error.response if isinstance(error, ClientError) else {}
        match answer.get("ResponseMetadata", {}).get("HTTPStatusCode"):
            case 404:
                return (
                    f"There is no bucket {self.bucket_name}: check AWS_STORAGE_BUCKET_NAME, "
                    "AWS_S3_REGION_NAME and AWS_S3_ENDPOINT_URL."
                )
            case 400 | 401 | 403:
                return (
                    f"The bucket {self.bucket_name} refuses the key: check AWS_ACCESS_KEY_ID, "
                    "AWS_SECRET_ACCESS_KEY and the key's rights."
                )
            case 301 | 307:
                return f"The bucket {self.bucket_name} is elsewhere: check AWS_S3_REGION_NAME."
        if isinstance(error, NoCredentialsError):
            return "The bucket has no key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        return f"The bucket {self.bucket_name} does not answer: check AWS_S3_ENDPOINT_URL."

    # --- uploads that are not finished ---

    def name_begun(self, key: str) -> str:
        return key.removeprefix(self._prefix) if key.startswith(self._prefix) else ""

    def discard_uploads(self, rendition_id: uuid.UUID) -> None:
        # Ask the bucket, not the row: a worker may have died before it recorded an upload. Every
        # name holds the first eight digits of its rendition's id.
        for upload in self.uploads():
            if rendition_id.hex[:8] in upload.key:
                self.abort(upload)

    def uploads(self) -> list[UnfinishedUpload]:
        return unfinished_uploads(self._impatient_client, self.bucket_name, self._prefix)

    def abort(self, upload: UnfinishedUpload) -> None:
        abort_upload(self._impatient_client, self.bucket_name, upload)

    def delete(self, name: str) -> None:
        """Remove an object; a missing one is fine."""
        call(self._stored(name, self._impatient_client), "delete_object")

    def _key(self, name: str) -> str:
        return str(self._normalize_name(clean_name(name)))

    @property
    def _prefix(self) -> str:
        location = str(self.location).strip("/")
        return f"{location}/" if location else ""
