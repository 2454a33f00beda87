"""Hosts that start at once on one empty database, and one whose key is another."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from downloads.management.commands.migrate import MIGRATE_LOCK
from tests.support.database import own_database
from tests.support.shell import ROOT
from tests.support.stack import clean_environment, until

KEY = "a key of three hosts, long enough to be one and the same"


def manage(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean_environment(folder, **variables),
        capture_output=True,
        text=True,
        timeout=90,
    )


@pytest.mark.stack
def test_three_migrations_at_once(tmp_path: Path) -> None:
    with own_database() as server, ThreadPoolExecutor(3) as hosts:
        url = server or f"sqlite:///{tmp_path / 'ferry.sqlite3'}"
        starts = [
            hosts.submit(
                manage, tmp_path / str(number), "migrate", "-v", "0",
                DATABASE_URL=url, SECRET_KEY=KEY,
            )
            for number in range(3)
        ]  # fmt: skip
        ends = [start.result() for start in starts]
    assert [end.returncode for end in ends] == [0, 0, 0], [end.stderr[-500:] for end in ends]


@pytest.mark.stack
@pytest.mark.postgresql
def test_a_migration_waits_for_a_long_one(tmp_path: Path) -> None:
    """Longer than a request may wait for a lock."""
    import psycopg

    impatient = "?options=-c%20lock_timeout%3D200ms%20-c%20statement_timeout%3D500ms"
    with own_database() as url, psycopg.connect(url) as other, ThreadPoolExecutor(1) as host:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATE_LOCK])
        waiting = host.submit(
            manage, tmp_path, "migrate", "-v", "0",
            DATABASE_URL=url + impatient, SECRET_KEY=KEY,
        )  # fmt: skip
        waits = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND query LIKE 'SELECT pg_try_advisory_lock%' AND pid <> pg_backend_pid()"
        )
        with psycopg.connect(url, autocommit=True) as asking:
            until(lambda: asking.execute(waits).fetchone() == (1,), 60)
        time.sleep(1)
        other.rollback()
        end = waiting.result()
    assert end.returncode == 0, end.stderr[-500:]


@pytest.mark.stack
def test_a_database_that_is_not_migrated_is_one_clear_line(tmp_path: Path) -> None:
    with own_database() as url:
        told = {"DATABASE_URL": url or f"sqlite:///{tmp_path / 'ferry.sqlite3'}"}
        refused = manage(tmp_path, "scheduler", SECRET_KEY=KEY, **told)
        examined = manage(tmp_path, "doctor", SECRET_KEY=KEY, **told)
    for end, said in ((refused, refused.stderr), (examined, examined.stdout)):
        assert end.returncode == 1
        assert "The database is older than this" in said
        assert "manage.py migrate" in said
    assert refused.stderr.count("\n") == 1


@pytest.mark.stack
def test_another_key_is_one_clear_line(tmp_path: Path) -> None:
    with own_database() as url:
        shared = {"DATABASE_URL": url or f"sqlite:///{tmp_path / 'ferry.sqlite3'}"}
        assert manage(tmp_path, "migrate", "-v", "0", SECRET_KEY=KEY, **shared).returncode == 0
        first = manage(tmp_path, "rotate_key", SECRET_KEY=KEY, **shared)
        assert first.returncode == 0, first.stderr
        refused = manage(tmp_path, "scheduler", SECRET_KEY=KEY[::-1], **shared)
    assert refused.returncode == 1
    assert refused.stderr.startswith("SECRET_KEY is not the one")
    assert refused.stderr.count("\n") == 1
