"""Multipart uploads to the configured bucket: where they go, and which of them are left over.

Everything that django-storages was told keeps its meaning: the client is made by the storage
itself, and the object's parameters are the storage's own.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.core.files.storage import FileSystemStorage
from django.utils.http import content_disposition_header

from downloads.engine.transfer.sinks.object import (
    ObjectTarget,
    UnfinishedUpload,
    abort_upload,
    unfinished_uploads,
)
from downloads.engine.transfer.sinks.s3 import for_many_threads
from downloads.storage.media_types import media_type
from downloads.storage.storage import media_storage

ABANDONED_AFTER: Final = timedelta(hours=24)


def to_bucket() -> bool:
    """Whether the configured storage is S3."""
    storage = media_storage()
    if isinstance(storage, FileSystemStorage):
        return False
    from storages.backends.s3 import S3Storage  # boto3 only where there is a bucket

    return isinstance(storage, S3Storage)


def target(name: str, rendition_id: uuid.UUID) -> ObjectTarget:
    """Where the file of this storage name is to be, and what the object says of itself."""
    storage: Any = media_storage()
    filename = name.rpartition("/")[2]
    parameters = {
        "ContentType": media_type(filename.rpartition(".")[2]),
        "ContentDisposition": content_disposition_header(True, filename),
        **({"ACL": storage.default_acl} if storage.default_acl else {}),
        **storage.get_object_parameters(name),
    }
    client = partial(_client, storage)
    return ObjectTarget(
        client, storage.bucket_name, _key(storage, name), parameters, str(rendition_id)
    )


def name_of(key: str) -> str:
    """The storage name of a key; empty where it lies outside of the storage's location."""
    location = _prefix(media_storage())
    return key.removeprefix(location) if key.startswith(location) else ""


# --- what is left over --------------------------------------------------------------------


def discard_uploads(rendition_id: uuid.UUID) -> None:
    """Abort whatever was begun for a rendition. Every storage name has its ``id8`` in it.

    It asks the bucket, not the row: a worker may have died before it could remember an upload.
    Raises StorageUnavailable.
    """
    if to_bucket():
        _abort(each for each in _unfinished() if rendition_id.hex[:8] in each.key)


def sweep_uploads(known: Collection[str], now: datetime | None = None) -> int:
    """Abort what was begun long ago and is in nobody's checkpoint; how many.

    ``known`` are the ids of uploads that may still be gone on with. Raises StorageUnavailable.
    """
    if not to_bucket():
        return 0
    long_ago = (now or datetime.now(UTC)) - ABANDONED_AFTER
    old = (each for each in _unfinished() if each.begun_at < long_ago)
    return _abort(each for each in old if each.id not in known)


def _unfinished() -> list[UnfinishedUpload]:
    storage: Any = media_storage()
    return unfinished_uploads(partial(_client, storage), storage.bucket_name, _prefix(storage))


def _abort(uploads: Iterable[UnfinishedUpload]) -> int:
    storage: Any = media_storage()
    count = 0
    for upload in uploads:
        abort_upload(partial(_client, storage), storage.bucket_name, upload)
        count += 1
    return count


# --- the storage's own client and names -----------------------------------------------------


def _client(storage: Any) -> Any:
    """Made once for each storage: 50 ms. A copy of the storage makes it, by its own settings."""
    client = _clients.get(storage)
    if client is None:
        maker = copy.copy(storage)  # without the connections of the original
        maker.client_config = for_many_threads(storage.client_config, storage.endpoint_url)
        client = _clients[storage] = maker.connection.meta.client
    return client


_clients: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def _key(storage: Any, name: str) -> str:
    from storages.utils import clean_name, safe_join

    return str(safe_join(storage.location, clean_name(name)))


def _prefix(storage: Any) -> str:
    location = str(storage.location).strip("/")
    return f"{location}/" if location else ""
