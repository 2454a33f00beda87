from __future__ import annotations

from typing import Any

import pytest

from tests.support.origins import reachable_origin as origin
from tests.support.s3_fixtures import door, server
from tests.support.s3_server import BUCKET, KEY, SECRET, Door, S3Server

__all__ = ["door", "origin", "server"]


@pytest.fixture
def bucket(settings: Any, door: Door) -> S3Server:
    """The configured storage, behind the door, under ``some/folder``."""
    use_bucket(settings, door.endpoint)
    return door._server


def use_bucket(settings: Any, endpoint: str, **options: Any) -> None:
    from botocore.config import Config

    settings.AWS_STORAGE_BUCKET_NAME = BUCKET
    configured = {
        "bucket_name": BUCKET,
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "access_key": KEY,
        "secret_key": SECRET,
        "location": "some/folder",
        "file_overwrite": False,
        "client_config": Config(connect_timeout=2, read_timeout=5, signature_version="s3v4"),
        **options,
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {"BACKEND": "downloads.storage.bucket.BucketMediaStorage", "OPTIONS": configured},
    }
