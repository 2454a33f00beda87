"""System checks of the configuration, each with a stable id and a fix.

Errors stop every command, so only a configuration that can never work is one. Imported by the app's
``ready()``.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError

from downloads.engine.sandbox.support import support

_LOOPBACK = {"localhost", "127.0.0.1", "::1", ""}


@register(Tags.files)
def storage_is_writable(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.E001: the local storage cannot be written to."""
    if settings.AWS_STORAGE_BUCKET_NAME:
        return []
    folder = Path(settings.STORAGE_PATH)
    nearest = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    try:
        tempfile.TemporaryFile(dir=nearest).close()
    except OSError as error:
        return [
            checks.Error(
                f"The storage folder {folder} cannot be written to ({error.strerror}).",
                hint="Give Ferry's user the right to write there, or set STORAGE_PATH.",
                id="ferry.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def allowed_hosts_are_named(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W001: any name in the Host header is accepted."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        checks.Warning(
            "ALLOWED_HOSTS allows every name, so that links can be made to lead elsewhere.",
            hint="Set ALLOWED_HOSTS to the names by which browsers call this site.",
            id="ferry.W001",
        )
    ]


@register(Tags.database, deploy=True)
def several_hosts_share_a_database(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W002: SQLite, although Redis or the bucket suggest several hosts."""
    sqlite = settings.DATABASES["default"]["ENGINE"] == "config.sqlite"
    shared_redis = urlsplit(settings.REDIS_URL).hostname not in {*_LOOPBACK, None}
    if not sqlite or not (shared_redis or settings.AWS_STORAGE_BUCKET_NAME):
        return []
    return [
        checks.Warning(
            "The database is SQLite, which only the processes of one host can share.",
            hint="Set DATABASE_URL to a PostgreSQL server before you add a second host.",
            id="ferry.W002",
        )
    ]


@register(Tags.security, deploy=True)
def cookies_travel_encrypted(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W003: reachable from other hosts without HTTPS."""
    if settings.BEHIND_HTTPS_PROXY or settings.HOST in _LOOPBACK:
        return []
    return [
        checks.Warning(
            f"Ferry listens on {settings.HOST} without HTTPS: passwords travel in the clear.",
            hint="Put an HTTPS proxy in front of it and set BEHIND_HTTPS_PROXY=true.",
            id="ferry.W003",
        )
    ]


@register(Tags.security, deploy=True)
def a_redis_elsewhere_has_a_password(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W004: a Redis on another host without a password."""
    parts = urlsplit(settings.REDIS_URL)
    if parts.hostname in {*_LOOPBACK, None} or parts.password:
        return []
    return [
        checks.Warning(
            "REDIS_URL names a server on another host without a password.",
            hint="Give the server a password (requirepass) and put it in REDIS_URL.",
            id="ferry.W004",
        )
    ]


@register(Tags.security, deploy=True)
def runs_as_an_ordinary_user(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W005: everything runs as root."""
    if os.geteuid() != 0:
        return []
    return [
        checks.Warning(
            "Ferry runs as root, which it never needs.",
            hint="Run it as a user of its own that owns DATA_DIR and STORAGE_PATH.",
            id="ferry.W005",
        )
    ]


@register(Tags.files, deploy=True)
def nginx_has_the_files(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W013: X_ACCEL_PREFIX, although the files are in a bucket."""
    if not (settings.X_ACCEL_PREFIX and settings.AWS_STORAGE_BUCKET_NAME):
        return []
    return [
        checks.Warning(
            "X_ACCEL_PREFIX does nothing: the files are in a bucket, where nginx cannot read them.",
            hint="Unset X_ACCEL_PREFIX. DELIVERY says how files leave a bucket.",
            id="ferry.W013",
        )
    ]


@register(Tags.security, deploy=True)
def clients_have_addresses(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W011: every client has the proxy's address."""
    if settings.TRUSTED_PROXIES or not settings.BEHIND_HTTPS_PROXY:
        return []
    return [
        checks.Warning(
            "All clients have the proxy's address, so limits per address are off for sign-in with "
            "many names and for sign-up.",
            hint="Set TRUSTED_PROXIES to the proxy's address, such as 127.0.0.1, and let the proxy "
            "set X-Forwarded-For.",
            id="ferry.W011",
        )
    ]


@register(Tags.security, deploy=True)
def addresses_of_the_bucket_end(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W006: files can be read by an address that is not signed and does not expire."""
    if not settings.AWS_STORAGE_BUCKET_NAME or settings.DELIVERY == "proxy":
        return []
    signed = settings.AWS_QUERYSTRING_AUTH
    if signed and (settings.AWS_CLOUDFRONT_KEY or not settings.AWS_S3_CUSTOM_DOMAIN):
        return []
    return [
        checks.Warning(
            "Files are delivered by addresses that are not signed: what a link gave once can be "
            "read for ever.",
            hint="Set AWS_CLOUDFRONT_KEY_ID and AWS_CLOUDFRONT_KEY beside AWS_S3_CUSTOM_DOMAIN, "
            "leave AWS_QUERYSTRING_AUTH true, or set DELIVERY=proxy.",
            id="ferry.W006",
        )
    ]


@register(Tags.compatibility, deploy=True)
def redis_keeps_the_queue(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W008: a Redis that takes no messages now, or may evict them."""
    from downloads.queue import broker

    if not settings.REDIS_URL:
        return []  # the embedded one is not started yet
    found = broker.ask(settings.REDIS_URL)
    if not (said := found.fault or found.warning):
        return []
    return [checks.Warning(said, hint="See REDIS_URL and the server's settings.", id="ferry.W008")]


@register(Tags.database, deploy=True)
def database_answers_in_time(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W012: connections to PostgreSQL without time limits, or with absurd ones."""
    from downloads.queue.database_limits import database_limits, limits_warning

    try:
        said = limits_warning(database_limits())
    except DatabaseError:
        return []  # that it cannot be used is said by every command that needs it
    if not said:
        return []
    hint = "Without any in DATABASE_URL, role and pooler, Ferry's own limits hold."
    return [checks.Warning(said, hint=hint, id="ferry.W012")]


@register(Tags.database, deploy=True)
def search_has_its_index(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W014: searches without their index, as without the right to make pg_trgm."""
    from downloads.search import index

    try:
        said = index.missing()
    except DatabaseError:
        return []  # as above
    return [checks.Warning(said.text, hint=said.fix, id="ferry.W014")] if said else []


@register(Tags.files, deploy=True)
def storage_takes_files(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W009: a bucket that cannot be used, or less free space than is to be kept."""
    from downloads.engine.core.errors import StorageUnavailable
    from downloads.storage.media import media_storage
    from downloads.storage.storage import free_space

    said, hint = "", "Free some, or lower MIN_FREE_SPACE."
    free = free_space()
    if free is not None and free < settings.MIN_FREE_SPACE:
        said = f"{free} bytes are free, less than MIN_FREE_SPACE: downloads wait for room."
    try:
        media_storage().check_ready()
    except StorageUnavailable as error:
        said, hint = error.message, "The storage takes no file until then."
    return [checks.Warning(said, hint=hint, id="ferry.W009")] if said else []


@register(Tags.security, deploy=True)
def untrusted_input_is_confined(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check ferry.W010: the kernel lacks restrictions that the jail of yt-dlp and ffmpeg needs."""
    return unconfined(support().missing)


def unconfined(missing: Sequence[str]) -> Sequence[CheckMessage]:
    """Return the warning of what a program that is taken over could do: one, or none."""
    if not missing:
        return []
    return [
        checks.Warning(
            "This system cannot confine what parses untrusted input. A program that is taken "
            f"over by what it parses could {'; '.join(missing)}.",
            hint="Run the worker on Linux 6.7 or newer, x86_64 or arm64, with Landlock enabled "
            "(lsm=landlock,...) and with Landlock and seccomp allowed in its container.",
            id="ferry.W010",
        )
    ]
