"""The one place that reads the environment, and `.env`. Every variable stands here once.

A wrong value raises :class:`StartError`: one line with the variable's name and the fix.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from config import datadir, parsing
from config.start_error import StartError

T = TypeVar("T")

_GIB = 2**30
_NONE: tuple[str, ...] = ()
_SECRET = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"}  # values that no message may quote


@dataclass(frozen=True, slots=True)
class Environment:
    """Sizes are in bytes, rates in bytes per second, times in seconds; None: no limit."""

    port: int
    host: str
    data_dir: Path
    secret_key: str
    debug: bool
    log_level: str
    allowed_hosts: tuple[str, ...]
    csrf_trusted_origins: tuple[str, ...]
    cors_allowed_origins: tuple[str, ...]
    behind_https_proxy: bool
    request_max_bytes: int
    metrics_token: str
    database_url: str
    redis_url: str
    redis_embedded: bool
    storage_path: Path
    aws_bucket: str
    aws_endpoint_url: str
    aws_region: str
    aws_access_key_id: str
    aws_secret_access_key: str
    aws_location: str
    fetch_allowed_networks: str
    fetch_connections: int
    fetch_host_concurrency: int
    fetch_max_bytes: int
    fetch_deadline: float
    fetch_min_rate: int
    fetch_rate_limit: int | None
    storage_name_template: str
    delivery: str
    ffmpeg: str
    min_free_space: int
    worker_concurrency: int
    user_max_active: int
    user_storage_quota: int | None
    default_expires_in_days: int | None
    signup_open: bool
    superuser_username: str
    superuser_email: str
    superuser_password: str


class _Reader:
    """The environment, and below it the file."""

    def __init__(self, named: str) -> None:
        """``named``: the file, where it is not the usual one. Raises StartError."""
        file = Path(named) if named else datadir.BASE_DIR / ".env"
        try:
            if file.is_file():
                from dotenv import load_dotenv  # not where there is no such file

                load_dotenv(file)  # what is set already stays
            elif named and not file.exists():
                raise StartError(f"ENV_FILE: there is no {file}. Make it, or unset ENV_FILE.")
        except (OSError, UnicodeDecodeError) as error:
            fix = "Give this user the right to read it, and write it in UTF-8."
            raise StartError(f"{file} cannot be read ({type(error).__name__}). {fix}") from None

    def text(self, name: str) -> str:
        """The variable's value; set to nothing is the same as not set."""
        return os.environ.get(name, "").strip()

    def read(self, name: str, parse: Callable[[str], T], default: T) -> T:
        text = self.text(name)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            quoted = "" if name in _SECRET else f', not "{text[:60]}"'
            fix = "Set it in the environment or in .env."
            raise StartError(f"{name} {error}{quoted}. {fix}") from None


def _networks(text: str) -> str:
    from downloads.engine.egress.policy import parse_allowed_networks  # no Django below this line

    try:
        parse_allowed_networks(text)
    except ValueError as error:
        raise StartError(f"FETCH_ALLOWED_NETWORKS: {error}") from None
    return text


def _name_template(text: str) -> str:
    from downloads.engine.core.storage_names import check_template  # no Django below this line

    check_template(text)
    return text


def _ffmpeg(text: str) -> str:
    from downloads.engine.media.config import find_ffmpeg  # no Django below this line

    return str(find_ffmpeg(text))


def _log_level(text: str) -> str:
    return parsing.choice("debug", "info", "warning", "error")(text).upper()


def load() -> Environment:
    """Read everything. Raises StartError for the first variable that is wrong."""
    source = _Reader(os.environ.get("ENV_FILE", ""))
    data_dir = datadir.absolute(source.text("DATA_DIR") or "var")
    datadir.make_writable(data_dir, "DATA_DIR")
    return Environment(
        data_dir=data_dir,
        secret_key=source.text("SECRET_KEY") or datadir.read(datadir.secret_key_file(data_dir)),
        redis_url=_redis_url(source, data_dir),
        redis_embedded=not source.text("REDIS_URL"),
        storage_path=datadir.absolute(source.text("STORAGE_PATH") or str(data_dir / "media")),
        database_url=_database_url(source, data_dir),
        **_web(source),
        **_aws(source),
        **_limits(source),
    )


def _redis_url(source: _Reader, data_dir: Path) -> str:
    """The Redis asked for, else the embedded one that `up` wrote down, else nothing."""
    parse = parsing.address("redis", "rediss")
    return source.read("REDIS_URL", parse, "") or datadir.read(datadir.redis_url_file(data_dir))


def _database_url(source: _Reader, data_dir: Path) -> str:
    parse = parsing.choice_of_scheme("postgres", "postgresql", "sqlite")
    return source.read("DATABASE_URL", parse, f"sqlite:///{data_dir / 'ferry.sqlite3'}")


def _web(source: _Reader) -> dict[str, Any]:
    return {
        "port": source.read("PORT", parsing.whole_number(1, 65535), 8000),
        "host": source.read("HOST", parsing.listen_host, "127.0.0.1"),
        "debug": source.read("DEBUG", parsing.boolean, False),
        "log_level": source.read("LOG_LEVEL", _log_level, "INFO"),
        "allowed_hosts": source.read("ALLOWED_HOSTS", parsing.host_names, _NONE),
        "csrf_trusted_origins": source.read("CSRF_TRUSTED_ORIGINS", parsing.origins, _NONE),
        "cors_allowed_origins": source.read("CORS_ALLOWED_ORIGINS", parsing.origins_or_any, _NONE),
        "behind_https_proxy": source.read("BEHIND_HTTPS_PROXY", parsing.boolean, False),
        "request_max_bytes": source.read("REQUEST_MAX_BYTES", parsing.byte_size(1024), 2**20),
        "metrics_token": source.text("METRICS_TOKEN"),
        "signup_open": source.read("SIGNUP_OPEN", parsing.boolean, False),
        "superuser_username": source.read("DJANGO_SUPERUSER_USERNAME", parsing.user_name, "admin"),
        "superuser_email": source.read("DJANGO_SUPERUSER_EMAIL", parsing.email, ""),
        "superuser_password": source.text("DJANGO_SUPERUSER_PASSWORD"),
    }


def _aws(source: _Reader) -> dict[str, Any]:
    """django-storages' own names. Without keys boto3 finds those of the machine's role."""
    key, secret = source.text("AWS_ACCESS_KEY_ID"), source.text("AWS_SECRET_ACCESS_KEY")
    if bool(key) != bool(secret):
        missing = "AWS_SECRET_ACCESS_KEY" if key else "AWS_ACCESS_KEY_ID"
        raise StartError(f"{missing} must be set too: the two AWS keys only work as a pair.")
    endpoint = parsing.address("https", "http")
    return {
        "aws_bucket": source.text("AWS_STORAGE_BUCKET_NAME"),
        "aws_endpoint_url": source.read("AWS_S3_ENDPOINT_URL", endpoint, ""),
        "aws_region": source.text("AWS_S3_REGION_NAME"),
        "aws_access_key_id": key,
        "aws_secret_access_key": secret,
        "aws_location": source.text("AWS_LOCATION").strip("/"),
        "delivery": source.read("DELIVERY", parsing.choice("redirect", "proxy"), "redirect"),
    }


def _limits(source: _Reader) -> dict[str, Any]:
    days = parsing.optional(parsing.whole_number(1, 36500), "never")
    quota = parsing.optional(parsing.byte_size(), "unlimited")
    rate = parsing.optional(parsing.byte_size(1024), "unlimited")
    template = "{title} [{quality}] {id8}.{ext}"
    return {
        "fetch_allowed_networks": source.read("FETCH_ALLOWED_NETWORKS", _networks, ""),
        "fetch_connections": source.read("FETCH_CONNECTIONS", parsing.whole_number(1, 64), 8),
        "fetch_host_concurrency": source.read(
            "FETCH_HOST_CONCURRENCY", parsing.whole_number(1, 1000), 4
        ),
        "fetch_max_bytes": source.read("FETCH_MAX_BYTES", parsing.byte_size(1), 100 * _GIB),
        "fetch_deadline": source.read("FETCH_DEADLINE", parsing.duration, 12 * 3600.0),
        "fetch_min_rate": source.read("FETCH_MIN_RATE", parsing.byte_size(), 1024),
        "fetch_rate_limit": source.read("FETCH_RATE_LIMIT", rate, None),
        "storage_name_template": source.read("STORAGE_NAME_TEMPLATE", _name_template, template),
        "ffmpeg": source.read("FFMPEG_PATH", _ffmpeg, ""),
        "min_free_space": source.read("MIN_FREE_SPACE", parsing.byte_size(), _GIB),
        "worker_concurrency": source.read("WORKER_CONCURRENCY", parsing.whole_number(1, 256), 4),
        "user_max_active": source.read("USER_MAX_ACTIVE", parsing.whole_number(1, 1000), 3),
        "user_storage_quota": source.read("USER_STORAGE_QUOTA", quota, None),
        "default_expires_in_days": source.read("DEFAULT_EXPIRES_IN_DAYS", days, None),
    }


def require_secret_key(environment: Environment) -> None:
    """Raise StartError where no SECRET_KEY is set or kept in DATA_DIR."""
    if not environment.secret_key:
        raise StartError(
            f"SECRET_KEY is not set, and {environment.data_dir} holds none. "
            "Run `manage.py up` once, which makes one, or set it in the environment or in .env."
        )
