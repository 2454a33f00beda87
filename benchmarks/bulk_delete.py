"""A user's 200 downloads deleted by one request, on SQLite: ``python -m benchmarks.bulk_delete``.

The goal is one second. Nothing else runs: neither a worker nor Redis, which events wait for.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from pathlib import Path

from benchmarks.compare import Verdict, print_verdicts

MANY = 200
GOAL = 1.0  # seconds


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ferry-bench-") as folder:
        _configure(Path(folder))
        import django

        django.setup()
        print_verdicts([Verdict(f"{MANY} downloads deleted", "", GOAL, _measured(), "s")])


def _configure(folder: Path) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "LOG_LEVEL": "ERROR",
    }


def _measured() -> float:
    from django.core.management import call_command
    from rest_framework.test import APIClient

    from accounts.models import User
    from downloads import services

    call_command("migrate", verbosity=0)
    user = User.objects.create_user("alice")
    urls = (f"https://media.example/{number}.mp4" for number in range(MANY))
    ids = [str(services.request(user, url=url).download.pk) for url in urls]
    client = APIClient(HTTP_HOST="127.0.0.1")
    client.force_authenticate(user)
    began = time.monotonic()
    answer = client.post(
        "/api/v1/downloads/actions/", {"action": "delete", "ids": ids}, format="json"
    )
    took = time.monotonic() - began
    assert [each["error"] for each in answer.json()["results"]] == [None] * MANY
    return took


if __name__ == "__main__":
    main()
