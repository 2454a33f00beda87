from __future__ import annotations

from typing import Any

import pytest

from downloads import checks


def test_a_storage_that_cannot_be_written_is_an_error(settings: Any, tmp_path: Any) -> None:
    (tmp_path / "file").touch()
    settings.STORAGE_PATH = tmp_path / "fresh" / "folder"
    assert checks.storage_is_writable(None) == []
    settings.STORAGE_PATH = tmp_path / "file"
    assert [message.id for message in checks.storage_is_writable(None)] == ["ferry.E001"]


@pytest.mark.parametrize(
    ("check", "wrong", "right"),
    [
        (
            checks.allowed_hosts_are_named,
            {"ALLOWED_HOSTS": ["*"]},
            {"ALLOWED_HOSTS": ["a.example"]},
        ),
        (
            checks.cookies_travel_encrypted,
            {"HOST": "0.0.0.0", "BEHIND_HTTPS_PROXY": False},
            {"HOST": "0.0.0.0", "BEHIND_HTTPS_PROXY": True},
        ),
        (
            checks.a_redis_elsewhere_has_a_password,
            {"REDIS_URL": "redis://redis.example/0"},
            {"REDIS_URL": "redis://:password@redis.example/0"},
        ),
        (checks.redis_keeps_the_queue, {"REDIS_URL": "redis://127.0.0.1:1/0"}, {"REDIS_URL": ""}),
        (checks.storage_takes_files, {"MIN_FREE_SPACE": 2**60}, {"MIN_FREE_SPACE": 0}),
        (
            checks.nginx_has_the_files,
            {"X_ACCEL_PREFIX": "/_media", "AWS_STORAGE_BUCKET_NAME": "films"},
            {"X_ACCEL_PREFIX": "/_media", "AWS_STORAGE_BUCKET_NAME": ""},
        ),
        (
            checks.addresses_of_the_bucket_end,
            {"AWS_STORAGE_BUCKET_NAME": "films", "AWS_S3_CUSTOM_DOMAIN": "cdn.example"},
            {"AWS_CLOUDFRONT_KEY": "a key"},
        ),
        (
            checks.addresses_of_the_bucket_end,
            {"AWS_STORAGE_BUCKET_NAME": "films", "AWS_QUERYSTRING_AUTH": False},
            {"DELIVERY": "proxy"},
        ),
    ],
)
def test_a_warning_comes_with_a_hint_and_goes_when_mended(
    settings: Any, check: Any, wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(settings, name, value)
    (message,) = check(None)
    assert message.id.startswith("ferry.W")
    assert message.hint
    for name, value in right.items():
        setattr(settings, name, value)
    assert check(None) == []


def test_sqlite_is_for_one_host(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://:password@redis.example/0"
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "config.sqlite")
    assert [message.id for message in checks.several_hosts_share_a_database(None)] == ["ferry.W002"]
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    assert checks.several_hosts_share_a_database(None) == []
