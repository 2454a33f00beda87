"""``kill -9`` of a real process in mid-upload; another host, with the database alone, ends it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.s3_server import BUCKET, Door, S3Server, environment

ROOT = Path(__file__).parents[3]
SIZE = 80 * MIB

PREPARE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.support.ledger import ask, person
ask(person("alice"), sys.argv[1])
"""
RUN = """
from datetime import timedelta
from django.db.models.functions import Now
from downloads.jobs import runner
from downloads.models import Rendition
from downloads.queue.reaper import reap
from downloads.engine.core.cancellation import StopToken
from tests.support.ledger import claim_by, worker
lapsed = Rendition.objects.filter(lease_token__isnull=False)
lapsed.update(lease_expires_at=Now() - timedelta(seconds=1))
reap()
runner.run(claim_by(worker()), StopToken())
row = Rendition.objects.get()
print(row.status, row.size, row.error_detail)
"""
SETUP = "import sys, django\ndjango.setup()\n"


class Host:
    """A machine with a DATA_DIR of its own; database and bucket are shared."""

    def __init__(self, folder: Path, name: str, endpoint: str) -> None:
        (folder / name).mkdir()
        self._environment = {
            **os.environ,
            **environment(endpoint),
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "ENV_FILE": os.devnull,
            "DATA_DIR": str(folder / name),
            "DATABASE_URL": f"sqlite:///{folder / 'shared.sqlite3'}",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "SECRET_KEY": "x" * 50,
            "AWS_STORAGE_BUCKET_NAME": BUCKET,
            "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
            "MIN_FREE_SPACE": "0",
        }

    def start(self, code: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", SETUP + code, *arguments],
            cwd=ROOT, env=self._environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, code: str, *arguments: str) -> str:
        process = self.start(code, *arguments)
        out, err = process.communicate(timeout=90)
        assert process.returncode == 0, err
        return out


@pytest.fixture
def _redis_for_all() -> None:
    """None is needed."""


def test_killed_twice_and_ended_elsewhere(door: Door, server: S3Server, tmp_path: Path) -> None:
    data = content(SIZE)
    origin = Origin()
    file = origin.serve("/a.mp4", data, rate=3 * MIB)
    hosts = [Host(tmp_path, name, door.endpoint) for name in ("one", "two", "three")]
    hosts[0].run(PREPARE, origin.url("/a.mp4"))
    chance = random.Random()
    for host, parts in zip(hosts, (4, 10), strict=False):
        process = host.start(RUN)
        while door.count("UploadPart") < parts and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.random() / 4)
        process.kill()
        process.communicate()
        door.settle()
        assert server.objects == []
    file.rate = None
    origin.settle()
    done = hosts[2].run(RUN)
    origin.settle()
    assert done.split()[:2] == ["stored", str(SIZE)], done
    (name,) = server.objects
    assert (server.folder / name).read_bytes() == data
    assert server.open_uploads() == []
    # at most what two kills had in their buffers: 8 connections each with a part, and those
    # that were on their way
    assert origin.sent < SIZE + 2 * 24 * 5 * MIB
    work = [path for folder in tmp_path.glob("*/work") for path in folder.iterdir()]
    assert not [path for path in work if path.is_file()]
    origin.close()
