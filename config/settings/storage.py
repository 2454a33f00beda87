"""``storages["media"]``: where finished files live. Local, or S3 where a bucket is named."""

from __future__ import annotations

from typing import Any

from botocore.config import Config

from config.settings.environment import ENVIRONMENT

DATA_DIR = ENVIRONMENT.data_dir
STORAGE_PATH = ENVIRONMENT.storage_path
AWS_STORAGE_BUCKET_NAME = ENVIRONMENT.aws_storage_bucket_name
AWS_S3_ENDPOINT_URL = ENVIRONMENT.aws_s3_endpoint_url
AWS_S3_REGION_NAME = ENVIRONMENT.aws_s3_region_name
AWS_ACCESS_KEY_ID = ENVIRONMENT.aws_access_key_id
AWS_SECRET_ACCESS_KEY = ENVIRONMENT.aws_secret_access_key
AWS_LOCATION = ENVIRONMENT.aws_location
DELIVERY = ENVIRONMENT.delivery
STORAGE_NAME_TEMPLATE = ENVIRONMENT.storage_name_template
MIN_FREE_SPACE = ENVIRONMENT.min_free_space


def _s3() -> dict[str, Any]:
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": AWS_STORAGE_BUCKET_NAME,
            "endpoint_url": AWS_S3_ENDPOINT_URL or None,
            "region_name": AWS_S3_REGION_NAME or None,
            "access_key": AWS_ACCESS_KEY_ID or None,
            "secret_key": AWS_SECRET_ACCESS_KEY or None,
            "location": AWS_LOCATION,
            "file_overwrite": False,
            "querystring_auth": True,
            "querystring_expire": 300,  # seconds: a link that leaks is soon worthless
            "client_config": Config(
                signature_version="s3v4",
                # R2 and MinIO refuse the checksums that boto3 adds by default.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=5,
                read_timeout=30,
            ),
        },
    }


def _local() -> dict[str, Any]:
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(STORAGE_PATH), "base_url": None},
    }


_MEDIA = _s3() if AWS_STORAGE_BUCKET_NAME else _local()
STORAGES = {
    "default": _MEDIA,
    "media": _MEDIA,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
