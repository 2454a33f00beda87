"""``storages["media"]``: finished files, in a folder, or in a bucket if one is named."""

from __future__ import annotations

from typing import Any

from config.settings.environment import ENVIRONMENT
from config.variables.s3 import S3Variables

DATA_DIR = ENVIRONMENT.data_dir
STORAGE_PATH = ENVIRONMENT.storage_path
AWS_STORAGE_BUCKET_NAME = ENVIRONMENT.aws_storage_bucket_name
AWS_QUERYSTRING_AUTH = ENVIRONMENT.aws_querystring_auth
AWS_S3_CUSTOM_DOMAIN = ENVIRONMENT.aws_s3_custom_domain
AWS_CLOUDFRONT_KEY = ENVIRONMENT.aws_cloudfront_key
DELIVERY = ENVIRONMENT.delivery
X_ACCEL_PREFIX = ENVIRONMENT.x_accel_prefix
STORAGE_NAME_TEMPLATE = ENVIRONMENT.storage_name_template
MIN_FREE_SPACE = ENVIRONMENT.min_free_space

# All of them: django-storages looks them up by these very names.
globals().update({row.name: ENVIRONMENT.values[row.name] for row in S3Variables.variables()})


def _media() -> dict[str, Any]:
    if AWS_STORAGE_BUCKET_NAME:
        return {"BACKEND": "downloads.storage.bucket.BucketMediaStorage"}
    return {
        "BACKEND": "downloads.storage.local.LocalMediaStorage",
        "OPTIONS": {"location": str(STORAGE_PATH), "base_url": None},
    }


_MEDIA = _media()
STORAGES = {
    "default": _MEDIA,
    "media": _MEDIA,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
