"""The upkeep of a bucket: leftover uploads are aborted, missing hashes computed."""

from __future__ import annotations

import hashlib
import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from downloads.delivery.upkeep import Upkeep, abandoned_uploads, read_back, without_hash
from downloads.engine.core.errors import StorageUnavailable
from downloads.jobs.lost import expire_unless_all_lost
from downloads.models import Rendition
from downloads.storage import storage
from downloads.storage.bucket import BucketMediaStorage
from downloads.storage.media import media_storage
from tests.jobs.bucket.conftest import use_bucket
from tests.support.ledger import again, ask, claim_by, person, stored, worker
from tests.support.s3_server import BUCKET, Door, S3Server, client

pytestmark = pytest.mark.django_db


def begin(server: S3Server, key: str) -> str:
    answer = client(server.endpoint).create_multipart_upload(Bucket=BUCKET, Key=key)
    return str(answer["UploadId"])


TOMORROW = datetime.now(UTC) + timedelta(hours=25)


def test_an_unknown_upload_is_aborted_after_a_day(bucket: S3Server) -> None:
    forgotten = begin(bucket, "some/folder/forgotten.mp4")
    paused = begin(bucket, "some/folder/paused.mp4")
    foreign = begin(bucket, "elsewhere/theirs.mp4")
    ask(person("alice"))
    Rendition.objects.update(checkpoint={"upload": {"id": paused}})
    assert abandoned_uploads() == []
    assert [each.id for each in abandoned_uploads(TOMORROW)] == [forgotten]
    media_storage().abort(*abandoned_uploads(TOMORROW))
    assert set(bucket.open_uploads()) == {paused, foreign}


def test_uploads_of_one_rendition_are_discarded(bucket: S3Server) -> None:
    mine, other = uuid.uuid4(), uuid.uuid4()
    begin(bucket, f"some/folder/A [auto] {mine.hex[:8]}.mp4")
    kept = begin(bucket, f"some/folder/B [auto] {other.hex[:8]}.mp4")
    media_storage().discard_uploads(mine)
    assert bucket.open_uploads() == [kept]


def test_every_setting_of_the_storage_keeps_its_meaning(settings: Any, bucket: S3Server) -> None:
    use_bucket(
        settings,
        bucket.endpoint,
        default_acl="private",
        object_parameters={"StorageClass": "STANDARD_IA", "CacheControl": "max-age=60"},
        addressing_style="path",
    )
    media = media_storage()
    assert isinstance(media, BucketMediaStorage)
    target = media.target("a/film.html", uuid.uuid4())
    assert target.key == "some/folder/a/film.html"
    assert target.parameters["ACL"] == "private"
    assert target.parameters["StorageClass"] == "STANDARD_IA"
    assert target.parameters["ContentType"] == "application/octet-stream"
    assert target.parameters["ContentDisposition"] == 'attachment; filename="film.html"'
    config = target.client().meta.config
    assert (config.signature_version, config.connect_timeout) == ("s3v4", 2)
    assert config.request_checksum_calculation == "when_required"
    assert media.name_begun(target.key) == "a/film.html"
    assert media.target("b.mp4", uuid.uuid4()).client() is target.client()


def stored_object(data: bytes, tmp_path: Path) -> Rendition:
    ask(person("alice"))
    rendition = stored(claim_by(worker()), size=len(data))
    source = tmp_path / "source"
    source.write_bytes(data)
    storage.save_file(rendition.storage_name, source)
    return rendition


def test_what_has_no_hash_is_read_back(bucket: S3Server, tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096
    rendition = stored_object(data, tmp_path)
    assert without_hash() == [rendition]
    assert read_back(rendition, threading.Event())
    rendition.refresh_from_db()
    assert rendition.sha256 == hashlib.sha256(data).hexdigest()
    assert without_hash() == []
    assert not read_back(rendition, threading.Event()), "once is enough"


def test_an_object_that_is_gone_expires(bucket: S3Server, tmp_path: Path) -> None:
    rendition = stored_object(b"data", tmp_path)
    storage.remove(rendition.storage_name)
    with pytest.raises(StorageUnavailable):
        read_back(rendition, threading.Event())
    Upkeep(threading.Event(), expire_unless_all_lost).round()
    assert without_hash() == []
    assert again(rendition.downloads.get()).status == "expired"


def test_a_bucket_that_is_away_is_no_reason_to_end(bucket: S3Server, door: Door) -> None:
    door.mood = lambda call: "503"
    with pytest.raises(StorageUnavailable):
        Upkeep(threading.Event(), expire_unless_all_lost).round()
