"""A backup of a Ferry that works, and its restore into another folder."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.content import MIB, content
from tests.support.database import own_database
from tests.support.origin import Origin
from tests.support.s3_fixtures import server
from tests.support.s3_server import BUCKET, S3Server, environment
from tests.support.shared_stack import stack
from tests.support.shell import ROOT
from tests.support.stack import Stack, clean_environment, until

__all__ = ["server", "stack"]

_STATES = (
    "from downloads.models import Download, Worker; from django.conf import settings;"
    "from downloads.search import index;"
    "print(sorted((str(d.pk), d.status) for d in Download.objects.with_status()),"
    " Worker.objects.count(), settings.SECRET_KEY, index.missing())"
)


def manage(variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=90,
    )


@pytest.mark.stack
def test_a_backup_while_all_runs_and_a_restore_into_another_folder(
    stack: Stack, origin: Origin, server: S3Server, tmp_path: Path
) -> None:
    alice = stack.person("alice")
    origin.serve("/whole.bin", content(MIB, 1))
    done = alice.wait_for(alice.ask(origin.url("/whole.bin"))["id"], "completed")
    slow = origin.serve("/slow.bin", content(4 * MIB, 2), rate=MIB // 128, hold_at=3 * MIB)
    running = alice.ask(origin.url("/slow.bin"))["id"]
    until(lambda: alice.download(running)["bytesDone"] > 0)

    backup = tmp_path / "backup"
    made = manage(stack.environment, "backup", str(backup))
    slow.rate = slow.hold_at = None

    assert made.returncode == 0, made.stderr
    assert "complete" in made.stdout
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in backup.iterdir()} == {0o600}
    files = [json.loads(line) for line in (backup / "files.jsonl").read_text().splitlines()]
    listed = {file["name"]: (file["size"], file["sha256"]) for file in files}
    assert listed[done["filename"]] == (done["size"], done["sha256"])
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []
    refused = manage(stack.environment, "restore", "--replace", str(backup))
    assert "Ferry is running: `manage.py up`" in refused.stderr

    with own_database() as url:
        elsewhere = clean_environment(
            tmp_path / "elsewhere", DATABASE_URL=url, STORAGE_PATH=str(stack.media)
        )
        restored = manage(elsewhere, "restore", str(backup))
        assert restored.returncode == 0, restored.stderr
        assert "Back in the queue, as they ran then: 1." in restored.stdout
        assert done["filename"] not in restored.stdout
        states = manage(elsewhere, "shell", "-v0", "-c", _STATES).stdout
        assert f"('{done['id']}', 'completed')" in states
        assert f"('{running}', 'queued')" in states
        kept_key = (stack.data_dir / "secret_key").read_text().strip()
        assert states.split("] ")[1].split() == ["0", kept_key, "None"]

        alice.wait_for(running, "completed")  # which the backup did not hold up
        again = manage(elsewhere, "restore", str(backup))
        assert again.returncode == 1
        assert "not empty" in again.stderr
        (server.folder / "not of this [1080p] 0f3c2a1b.mp4").touch()
        bucket = {**elsewhere, **environment(server.endpoint), "AWS_STORAGE_BUCKET_NAME": BUCKET}
        replaced = manage(bucket, "restore", "--replace", str(backup))
        assert replaced.returncode == 0, replaced.stderr
        assert "Missing from the storage: " in replaced.stdout
        assert "unknown to the backup: 1 (not of this [1080p]" in replaced.stdout
        assert f"Copy missing files to {BUCKET}" in replaced.stdout
