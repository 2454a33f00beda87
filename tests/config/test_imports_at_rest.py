"""Modules of web and worker, loaded before either has work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from downloads.engine.core.optional_packages import not_loading
from tests.support.shell import ROOT

WORKER = """
import celery.bin.celery, config.celery
config.celery.app.loader.import_default_modules()
import downloads.tasks
"""
# They are listed at the start.
MIGRATIONS = "from downloads.queue.schema import known_migrations; known_migrations()"
# Each is of use somewhere, and loaded there: by a child in the jail, for a bucket, with a message
# to a webhook, for the schema, with OTEL_EXPORTER_OTLP_ENDPOINT or SENTRY_DSN set.
NEITHER = {
    "av", "boto3", "botocore.client", "botocore.endpoint", "jinja2", "mutagen",
    "opentelemetry.sdk", "requests", "sentry_sdk", "websockets", "yt_dlp",
}  # fmt: skip
OF_THE_WEB = {"daphne", "twisted", "rest_framework.serializers", "drf_spectacular.plumbing"}
OF_ANOTHER_DATABASE = {"psycopg"}


def _loaded(code: str, folder: Path) -> set[str]:
    """Return the modules that a process has after this code; DATA_DIR is a fresh one."""
    asked = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "DATA_DIR": str(folder),
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "a key for a process that only loads",
            # as `up` has it
            "PYTHONPATH": str(ROOT / "config" / "server" / "stand_ins"),
            "AUTOBAHN_USE_NVX": "0",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert asked.returncode == 0, asked.stderr
    return set(asked.stdout.split())


def test_the_web_process(tmp_path: Path) -> None:
    loaded = _loaded(
        f"import daphne.cli, config.asgi\n{MIGRATIONS}\n"
        "from config.server.lean_imports import load_rest_framework\n"
        "load_rest_framework()\n"
        "from django.urls import get_resolver\n"
        "get_resolver().url_patterns",
        tmp_path,
    )
    assert "downloads.api.downloads" in loaded
    assert loaded & (NEITHER | OF_ANOTHER_DATABASE | {"OpenSSL", "pycparser"}) == set()


def test_the_worker(tmp_path: Path) -> None:
    loaded = _loaded(f"{WORKER}\n{MIGRATIONS}", tmp_path)
    assert "downloads.jobs.runner" in loaded
    assert (
        loaded & (NEITHER | OF_ANOTHER_DATABASE | OF_THE_WEB | {"prompt_toolkit", "pygments"})
        == set()
    )


def test_a_package_that_is_left_out_can_be_loaded_later() -> None:
    sys.modules.pop("this", None)
    with not_loading("this"), pytest.raises(ImportError):
        import this  # noqa: F401
    assert "this" not in sys.modules


def test_what_is_loaded_stays() -> None:
    with not_loading("os"):
        import os as again
    assert again is os
