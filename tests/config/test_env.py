"""The environment: one line that names the variable, for every way to start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import datadir, env
from config.start_error import StartError
from tests.support.shell import ROOT
from tests.support.stack import clean_environment

STARTS = {
    "manage.py": [sys.executable, "manage.py", "migrate"],
    "up": [sys.executable, "manage.py", "up"],
    "daphne": ["daphne", "config.asgi:application"],
    "celery": ["celery", "-A", "config", "worker"],
}


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A fresh machine: no variable set, an empty folder as DATA_DIR."""
    for name in list(os.environ):
        if name not in {"PATH", "HOME"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("ENV_FILE", os.devnull)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var"


def _start(how: str, data_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        STARTS[how],
        cwd=ROOT,
        env=clean_environment(data_dir, **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("how", STARTS)
def test_a_wrong_value_stops_every_start_with_one_line(how: str, tmp_path: Path) -> None:
    ended = _start(how, tmp_path, PORT="abc")
    assert ended.returncode != 0
    assert ended.stderr == (
        'PORT must be a whole number from 1 to 65535, not "abc". '
        "Set it in the environment or in .env.\n"
    )


@pytest.mark.parametrize("how", ["manage.py", "daphne", "celery"])
def test_without_a_secret_every_start_says_what_to_do(how: str, tmp_path: Path) -> None:
    ended = _start(how, tmp_path)
    assert ended.returncode != 0
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("SECRET_KEY is not set")
    assert "manage.py up" in ended.stderr


def test_a_worker_without_redis_says_what_to_do(tmp_path: Path) -> None:
    ended = _start("celery", tmp_path, SECRET_KEY="x")
    assert ended.returncode != 0
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("REDIS_URL is not set")


def test_a_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    ended = _start("up", tmp_path, DATABASE_URL="postgres://ferry:hush@127.0.0.1:1/ferry")
    assert ended.returncode != 0
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("DATABASE_URL: ")
    assert "hush" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", "not a host"),
        ("DEBUG", "perhaps"),
        ("LOG_LEVEL", "loud"),
        ("ALLOWED_HOSTS", "https://a.example"),
        ("CSRF_TRUSTED_ORIGINS", "a.example"),
        ("CORS_ALLOWED_ORIGINS", "a.example"),
        ("DATABASE_URL", "mysql://root@localhost/ferry"),
        ("REDIS_URL", "localhost:6379"),
        ("AWS_S3_ENDPOINT_URL", "minio:9000"),
        ("DELIVERY", "post"),
        ("STORAGE_NAME_TEMPLATE", "{nonsense}"),
        ("MIN_FREE_SPACE", "much"),
        ("FETCH_ALLOWED_NETWORKS", "10.0.0.0/99"),
        ("FETCH_CONNECTIONS", "0"),
        ("FETCH_HOST_CONCURRENCY", "-1"),
        ("FETCH_MAX_BYTES", "100 GuB"),
        ("FETCH_DEADLINE", "later"),
        ("FETCH_MIN_RATE", "slow"),
        ("FETCH_RATE_LIMIT", "fast"),
        ("PO_TOKEN_URL", "https://127.0.0.1:4416"),
        ("PO_TOKEN_URL", "localhost:4416"),
        ("WORKER_CONCURRENCY", "many"),
        ("USER_MAX_ACTIVE", "0"),
        ("USER_STORAGE_QUOTA", "some"),
        ("DEFAULT_EXPIRES_IN_DAYS", "0"),
        ("SIGNUP_OPEN", "ajar"),
        ("REQUEST_MAX_BYTES", "1"),
        ("DJANGO_SUPERUSER_USERNAME", "the admin"),
        ("DJANGO_SUPERUSER_EMAIL", "admin"),
    ],
)
def test_the_message_names_the_variable(
    clean: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StartError, match=f"^{name}[ :]") as caught:
        env.load()
    assert "\n" not in str(caught.value)


def test_a_password_in_a_wrong_address_is_not_repeated(
    clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "rediss:/:hush@host")
    with pytest.raises(StartError) as caught:
        env.load()
    assert "hush" not in str(caught.value)


def test_one_aws_key_without_the_other_is_named(
    clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    with pytest.raises(StartError, match=r"^AWS_SECRET_ACCESS_KEY "):
        env.load()


def test_a_folder_that_cannot_be_written_is_one_line(
    clean: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "below"))
    with pytest.raises(StartError, match=r"^DATA_DIR: the folder \S+ cannot be written to"):
        env.load()


def test_the_defaults_are_the_contract(clean: Path) -> None:
    environment = env.load()
    assert (environment.host, environment.port) == ("127.0.0.1", 8000)
    assert environment.database_url == f"sqlite:///{clean / 'ferry.sqlite3'}"
    assert environment.storage_path == clean / "media"
    assert environment.fetch_max_bytes == 100 * 2**30
    assert environment.fetch_deadline == 12 * 3600
    assert (environment.fetch_min_rate, environment.fetch_rate_limit) == (1024, None)
    assert (environment.fetch_connections, environment.fetch_host_concurrency) == (8, 4)
    assert (environment.worker_concurrency, environment.user_max_active) == (4, 3)
    assert (environment.user_storage_quota, environment.default_expires_in_days) == (None, None)
    assert (environment.delivery, environment.min_free_space) == ("redirect", 2**30)
    assert environment.storage_name_template == "{title} [{quality}] {id8}.{ext}"
    assert not environment.debug
    assert not environment.signup_open


def test_a_provider_of_po_tokens_is_an_address(
    clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PO_TOKEN_URL", "http://Pot:4416/")
    assert env.load().po_token_url == "http://pot:4416"


def test_set_to_nothing_is_not_set(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    assert env.load().port == 8000


def test_the_environment_wins_over_the_file(
    clean: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "env"
    file.write_text("PORT=9001\nHOST=0.0.0.0\n")
    monkeypatch.setenv("ENV_FILE", str(file))
    monkeypatch.setenv("PORT", "9002")
    environment = env.load()
    assert (environment.port, environment.host) == (9002, "0.0.0.0")


@pytest.mark.parametrize("written", [None, b"PORT=\xff\xfe"], ids=["missing", "not a text"])
def test_a_file_that_was_named_has_to_be_readable(
    clean: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: bytes | None
) -> None:
    file = tmp_path / "env"
    if written is not None:
        file.write_bytes(written)
    monkeypatch.setenv("ENV_FILE", str(file))
    with pytest.raises(StartError, match=str(file)):
        env.load()


def test_the_secret_and_redis_are_found_through_the_folder(clean: Path) -> None:
    datadir.make_secret_key(clean)
    made = datadir.read(datadir.secret_key_file(clean))
    datadir.write_private(datadir.redis_url_file(clean), "redis://:pw@127.0.0.1:7777/0")
    environment = env.load()
    assert environment.secret_key == made
    assert environment.redis_url == "redis://:pw@127.0.0.1:7777/0"
    datadir.make_secret_key(clean)
    assert datadir.read(datadir.secret_key_file(clean)) == made
    assert datadir.secret_key_file(clean).stat().st_mode & 0o777 == 0o600


def test_a_wrong_ffmpeg_is_one_line(tmp_path: Path) -> None:
    ended = _start("manage.py", tmp_path, FFMPEG_PATH="/nowhere/ffmpeg", SECRET_KEY="x")
    assert ended.returncode != 0
    assert ended.stderr == (
        'FFMPEG_PATH must be the path of an ffmpeg that can be run, not "/nowhere/ffmpeg". '
        "Set it in the environment or in .env.\n"
    )


def test_a_secret_may_stand_in_a_file(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = clean.parent / "key"
    file.write_text("a secret of some length\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    assert env.load().secret_key == "a secret of some length"


@pytest.mark.parametrize(
    ("content", "beside", "said"),
    [
        (None, "", "cannot be read (FileNotFoundError)"),
        (b"\xff\xfe\xff", "", "cannot be read (UnicodeDecodeError)"),
        (b" \n", "", "is empty"),
        (b"from the file", "from the environment", "are both set"),
    ],
)
def test_a_file_of_a_secret_that_cannot_be_used(
    content: bytes | None, beside: str, said: str, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = clean.parent / "token"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("METRICS_TOKEN", beside)
    monkeypatch.setenv("METRICS_TOKEN_FILE", str(file))
    with pytest.raises(StartError) as caught:
        env.load()
    assert "METRICS_TOKEN_FILE" in str(caught.value)
    assert said in str(caught.value)
    assert "from the file" not in str(caught.value)


def test_what_is_no_secret_is_read_from_no_file(
    clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT_FILE", "/nowhere")
    assert env.load().port == 8000
