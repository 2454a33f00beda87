"""The storage, by a file that is written, read, read in part, fetched and deleted."""

from __future__ import annotations

import os
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Final

from django.core.files.base import ContentFile

from downloads.doctor.finding import Finding, fail, ok
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import StorageUnavailable
from downloads.storage.errors import storage_errors
from downloads.storage.media import MediaStorage, media_storage

SIZE: Final = 64 * 1024
PART: Final = ByteRange(1000, 9000)
TIMEOUT: Final = 5.0  # seconds
HINT: Final = "Check STORAGE_PATH, or the AWS_... variables and the key's rights."


def probe() -> Iterator[Finding]:
    storage = media_storage()
    try:
        storage.check_ready()
    except StorageUnavailable as error:
        own = error.message != StorageUnavailable.default_message
        text, _, fix = error.message.partition(": ") if own else (_reason(error), "", "")
        fix = fix[:1].upper() + fix[1:]
        yield fail("storage", f"{text.rstrip('.')}.", fix or HINT)
        return
    content, name = os.urandom(SIZE), f"ferry-doctor-{secrets.token_hex(8)}.bin"
    try:
        with storage_errors():
            name = storage.save(name, ContentFile(content))
            storage.check_stored(name, SIZE)
        yield ok("storage_write", "A file can be stored.")
        yield from _reads(storage, name, content)
    except StorageUnavailable as error:
        yield fail("storage_write", f"No file can be stored: {_reason(error)}.", HINT)
    finally:
        yield _deleted(storage, name)


def _reads(storage: MediaStorage, name: str, content: bytes) -> Iterator[Finding]:
    for step, what, span in (
        ("storage_read", "read", ByteRange(0, SIZE)),
        ("storage_range", "read in part", PART),
    ):
        try:
            right = _read(storage, name, span) == content[span.start : span.end]
        except (StorageUnavailable, OSError) as error:
            yield fail(step, f"The file cannot be {what}: {_reason(error)}.", HINT)
            continue
        if right:
            yield ok(step, f"The file can be {what}.")
        else:
            yield fail(step, f"The file is another one when it is {what}.", "Check the storage.")
    yield from _presigned(storage, name, content)


def _read(storage: MediaStorage, name: str, span: ByteRange) -> bytes:
    source, read = storage.read(name, SIZE, span), b""
    try:
        while len(read) < span.size:
            block = source.read_at(span.start + len(read), span.size - len(read))
            if not block:
                break
            read += block
    finally:
        source.close()
    return read


def _presigned(storage: MediaStorage, name: str, content: bytes) -> Iterator[Finding]:
    """Yield the finding of the address that a browser is redirected to, if there is one."""
    url = storage.signed_url(name, content_type="video/mp4", disposition="attachment")
    if url is None:
        return
    fix = "Let browsers reach AWS_S3_ENDPOINT_URL by this very name, or set DELIVERY=proxy."
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=TIMEOUT) as answer:
            if answer.read() == content:
                yield ok("storage_presigned", "A signed address gives the file.")
            else:
                yield fail("storage_presigned", "A signed address gives another file.", fix)
    except urllib.error.HTTPError as error:
        yield fail("storage_presigned", f"A signed address is answered with {error.code}.", fix)
    except (OSError, ValueError) as error:
        yield fail(
            "storage_presigned", f"A signed address cannot be opened ({_reason(error)}).", fix
        )


def _deleted(storage: MediaStorage, name: str) -> Finding:
    try:
        with storage_errors():
            storage.delete(name)
            if storage.exists(name):
                return fail("storage_delete", f"{name} is still there after its deletion.", HINT)
    except StorageUnavailable as error:
        return fail("storage_delete", f"{name} cannot be deleted: {_reason(error)}.", HINT)
    return ok("storage_delete", "A file can be deleted.")


def _reason(error: Exception) -> str:
    """Return what the disk or the bucket said, without the address of the request."""
    detail = error.detail if isinstance(error, StorageUnavailable) else str(error)
    return (detail.strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
