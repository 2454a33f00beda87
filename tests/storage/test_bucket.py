"""A bucket by the environment: what django-storages can be told, on a real S3 server."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from storages.backends.s3 import S3Storage

from config import env
from config.settings.security import storage_origins
from config.start_error import StartError
from config.variables.s3 import S3Variables
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StorageUnavailable
from downloads.engine.transfer.sinks.base import Stored
from downloads.storage.bucket import BucketMediaStorage
from downloads.storage.media import media_storage
from tests.support.s3_fixtures import door, server
from tests.support.s3_server import BUCKET, KEY, SECRET, Door, S3Server

__all__ = ["door", "server"]

Told = dict[str, str]


@pytest.fixture
def told(settings: Any, monkeypatch: pytest.MonkeyPatch, door: Door) -> Iterator[Any]:
    """The configured storage by these variables, as after a start with them."""

    def tell(**variables: str) -> BucketMediaStorage:
        standard = {
            "AWS_STORAGE_BUCKET_NAME": BUCKET,
            "AWS_S3_ENDPOINT_URL": door.endpoint,
            "AWS_S3_REGION_NAME": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }
        for name, value in {**standard, **variables}.items():
            monkeypatch.setenv(name, value)
        environment = env.load()
        for row in S3Variables.variables():
            setattr(settings, row.name, environment.values[row.name])
        media = {"BACKEND": "downloads.storage.bucket.BucketMediaStorage"}
        settings.STORAGES = {**settings.STORAGES, "media": media}
        found = media_storage()
        assert isinstance(found, BucketMediaStorage)
        return found

    return tell


def put(media: BucketMediaStorage, tmp_path: Path, data: bytes, name: str = "a/film.mp4") -> None:
    path = tmp_path / "made"
    path.write_bytes(data)
    stored = Stored(len(data), None)
    media.put(path, name, stored, uuid.uuid4(), StopToken(), lambda sent: None)
    assert media.holds(name, stored, StopToken())
    assert not media.holds(name, Stored(1, None), StopToken())


def test_every_variable_is_one_that_django_storages_reads() -> None:
    read = inspect.getsource(S3Storage.get_default_settings)
    assert [row.name for row in S3Variables.variables() if f'"{row.name}"' not in read] == []


def test_parameters_and_acl_go_with_each_object(told: Any, door: Door, tmp_path: Path) -> None:
    media = told(
        AWS_S3_OBJECT_PARAMETERS=(
            '{"StorageClass": "STANDARD_IA", "ServerSideEncryption": "AES256"}'
        ),
        AWS_DEFAULT_ACL="bucket-owner-full-control",
        AWS_LOCATION="/some/folder/",
    )
    put(media, tmp_path, b"small")
    put(media, tmp_path, b"x" * 12 * 2**20, "large.mp4")
    writes = [
        call for call in door.calls if call.operation in ("PutObject", "CreateMultipartUpload")
    ]
    assert {call.operation for call in writes} == {"PutObject", "CreateMultipartUpload"}
    for call in writes:
        assert call.path.startswith(f"/{BUCKET}/some/folder/")
        assert call.headers["x-amz-storage-class"] == "STANDARD_IA"
        assert call.headers["x-amz-server-side-encryption"] == "AES256"
        assert call.headers["x-amz-acl"] == "bucket-owner-full-control"


def test_what_was_put_is_read_in_parts(told: Any, tmp_path: Path) -> None:
    media = told()
    put(media, tmp_path, b"0123456789")
    source = media.read("a/film.mp4", 10, ByteRange(2, 7))
    assert source.read_at(2, 3) + source.read_at(5, 10) == b"23456"
    source.close()
    for name, size in (("a/film.mp4", 11), ("none.mp4", 10)):
        with pytest.raises(StorageUnavailable):
            media.read(name, size, ByteRange(0, 5))


def test_a_session_token_is_sent(told: Any, door: Door, tmp_path: Path) -> None:
    media = told(AWS_SESSION_TOKEN="temporary")
    put(media, tmp_path, b"small")
    assert door.calls[-1].headers["x-amz-security-token"] == "temporary"


def test_a_proxy_is_used(told: Any, door: Door, server: S3Server, tmp_path: Path) -> None:
    """The door answers for another host: what arrives there came by the proxy setting."""
    media = told(
        AWS_S3_ENDPOINT_URL="http://storage.example:9000",
        AWS_S3_PROXIES=f'{{"http": "{door.endpoint}"}}',
        AWS_S3_ADDRESSING_STYLE="path",
    )
    door.mood = lambda call: "403"
    with pytest.raises(StorageUnavailable):
        put(media, tmp_path, b"small")
    assert door.calls[-1].headers["host"] == "storage.example:9000"


def test_the_client_is_as_it_was_told(told: Any) -> None:
    config = (
        told(AWS_S3_ADDRESSING_STYLE="virtual", AWS_S3_VERIFY="false", AWS_S3_USE_SSL="false")
        .client()
        .meta.config
    )
    assert config.s3["addressing_style"] == "virtual"
    assert (config.connect_timeout, config.read_timeout) == (5, 30)
    assert config.request_checksum_calculation == "when_required"
    assert config.signature_version == "s3v4"


def address(media: BucketMediaStorage) -> Any:
    return urlsplit(
        media.signed_url("a/film.mp4", content_type="video/mp4", disposition="attachment")
    )


def test_addresses_expire(told: Any) -> None:
    assert parse_qs(address(told()).query)["X-Amz-Expires"] == ["300"]
    assert parse_qs(address(told(AWS_QUERYSTRING_EXPIRE="60")).query)["X-Amz-Expires"] == ["60"]


def test_addresses_at_a_custom_domain(told: Any) -> None:
    found = address(told(AWS_S3_CUSTOM_DOMAIN="cdn.example", AWS_LOCATION="films"))
    assert (found.scheme, found.netloc, found.path) == ("https", "cdn.example", "/films/a/film.mp4")
    assert found.query == ""


def test_addresses_that_are_not_signed_ask_for_nothing(told: Any) -> None:
    assert address(told(AWS_QUERYSTRING_AUTH="false")).query == ""


def test_addresses_are_signed_with_cloudfronts_key(told: Any) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    found = address(
        told(
            AWS_S3_CUSTOM_DOMAIN="cdn.example",
            AWS_CLOUDFRONT_KEY_ID="K1",
            AWS_CLOUDFRONT_KEY=pem.decode().strip().replace("\n", "\\n"),
        )
    )
    assert parse_qs(found.query)["Key-Pair-Id"] == ["K1"]
    assert parse_qs(found.query)["Signature"]


@pytest.mark.parametrize(
    ("variables", "origins"),
    [
        ({}, ["http://127.0.0.1:9"]),
        ({"AWS_S3_ADDRESSING_STYLE": "virtual"}, [f"http://{BUCKET}.127.0.0.1:9"]),
        ({"AWS_S3_CUSTOM_DOMAIN": "cdn.example/films"}, ["https://cdn.example"]),
        ({"AWS_S3_ENDPOINT_URL": ""}, [f"https://{BUCKET}.s3.amazonaws.com", "https://*.amazonaws.com"]),
        ({"DELIVERY": "proxy"}, []),
    ],
)  # fmt: skip
def test_pages_may_load_from_where_redirects_lead(
    monkeypatch: pytest.MonkeyPatch, variables: Told, origins: list[str]
) -> None:
    standard = {"AWS_STORAGE_BUCKET_NAME": BUCKET, "AWS_S3_ENDPOINT_URL": "http://127.0.0.1:9"}
    for name, value in {**standard, **variables}.items():
        monkeypatch.setenv(name, value)
    assert storage_origins(env.load()) == origins


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"AWS_S3_OBJECT_PARAMETERS": "[1]"}, "AWS_S3_OBJECT_PARAMETERS"),
        ({"AWS_S3_PROXIES": "proxy:3128"}, "AWS_S3_PROXIES"),
        ({"AWS_S3_ADDRESSING_STYLE": "round"}, "AWS_S3_ADDRESSING_STYLE"),
        ({"AWS_QUERYSTRING_EXPIRE": "0"}, "AWS_QUERYSTRING_EXPIRE"),
        ({"AWS_CLOUDFRONT_KEY_ID": "K1"}, "AWS_CLOUDFRONT_KEY"),
        (
            {"AWS_S3_SESSION_PROFILE": "p", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"},
            "AWS_S3_SESSION_PROFILE",
        ),
    ],
)
def test_what_cannot_work_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, variables: Told, named: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StartError, match=f"^{named} "):
        env.load()
