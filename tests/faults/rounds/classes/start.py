"""Start: of several at once, with another key, and a rotation of the key that is killed."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site
from tests.support.database import own_database
from tests.support.shell import ROOT
from tests.support.stack import clean_environment, until

KEY = "a key of three hosts that is long enough to be one and the same"
PATIENCE = 90.0  # seconds for all of them on a busy machine
SECRETS = 3000


def manage(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Start a command of another host, with DATA_DIR in ``folder``."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean_environment(folder, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end_of(command: subprocess.Popen[str]) -> tuple[int, str]:
    """Return exit status and output."""
    output, _ = command.communicate(timeout=PATIENCE)
    return command.returncode, output


def three_at_once(site: Site, download: str) -> None:
    """Three `up` on an empty database, each in a folder of its own."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        url = ends.enter_context(own_database()) or f"sqlite:///{folder / 'ferry.sqlite3'}"
        shared = {"DATABASE_URL": url, "SECRET_KEY": KEY, "REDIS_URL": "redis://127.0.0.1:9/0"}
        ups = [
            manage(folder / f"host{number}", "up", "--no-sample", "--only", "scheduler", **shared)
            for number in range(3)
        ]
        try:
            for each in ups:
                assert each.stdout is not None
                said: list[str] = []
                while not any("Ready." in line for line in said[-1:]):
                    said.append(each.stdout.readline())
                    assert said[-1], f"it ended: {''.join(said)[-800:]}"
        finally:
            for each in ups:
                each.send_signal(signal.SIGINT)
            statuses = [end_of(each)[0] for each in ups]
        assert statuses == [0, 0, 0]


def another_key(site: Site, download: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = site.database_url or f"sqlite:///{site.stack.data_dir / 'ferry.sqlite3'}"
        status, output = end_of(
            manage(Path(folder), "scheduler", DATABASE_URL=url, SECRET_KEY=KEY[::-1])
        )
    assert status == 1, output
    assert output.startswith("SECRET_KEY is not the one"), output
    assert output.count("\n") == 1, output


_FILL = f"""
from downloads.models import HostRule
from downloads.network.encryption import encrypt
from downloads.network.host_rules import context_of
from downloads.network.installation_key import check_key
check_key()
rows = [HostRule(host=f"host{{n}}.example") for n in range({SECRETS})]
for n, row in enumerate(rows):
    row.ciphertext = encrypt(f"secret {{n}}", context_of(row))
HostRule.objects.bulk_create(rows)
"""
_READ = f"""
from downloads.models import HostRule
from downloads.network.encryption import decrypt
from downloads.network.host_rules import context_of
found = {{decrypt(row.ciphertext, context_of(row)) for row in HostRule.objects.all()}}
assert found == {{f"secret {{n}}" for n in range({SECRETS})}}, len(found)
print("all read")
"""


def rotation_killed(site: Site, download: str) -> None:
    """Kill it half way, repeat it, and read everything by the new key alone."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        url = ends.enter_context(own_database()) or f"sqlite:///{folder / 'ferry.sqlite3'}"
        old = {"DATABASE_URL": url, "SECRET_KEY": KEY}
        new = {"DATABASE_URL": url, "SECRET_KEY": KEY[::-1]}
        both = {**new, "SECRET_KEY_FALLBACKS": KEY}
        _succeeds(folder, "migrate", "-v0", **old)
        _succeeds(folder, "shell", "-v0", "-c", _FILL, **old)
        killed = manage(folder, "rotate_key", **both)
        _wait_until_it_writes(killed, folder, url)
        killed.kill()
        status, output = end_of(killed)
        assert status == -signal.SIGKILL, f"it ended before: {output[-800:]}"
        _succeeds(folder, "shell", "-v0", "-c", _READ, **both)  # either key, as yet
        assert f"{SECRETS} secrets" in _succeeds(folder, "rotate_key", **both)
        assert "all read" in _succeeds(folder, "shell", "-v0", "-c", _READ, **new)


def _succeeds(folder: Path, *arguments: str, **variables: str) -> str:
    status, output = end_of(manage(folder, *arguments, **variables))
    assert status == 0, output[-800:]
    return output


def _wait_until_it_writes(rotation: subprocess.Popen[str], folder: Path, url: str) -> None:
    """Return in the middle of its transaction."""
    busy = _postgresql_is_written if url.startswith("postgres") else _sqlite_is_written
    where = url if url.startswith("postgres") else str(folder / "ferry.sqlite3")
    until(lambda: rotation.poll() is not None or busy(where), PATIENCE, 0.005)
    rotation.send_signal(signal.SIGSTOP)  # a busy machine may be late with the rest


def _sqlite_is_written(file: str) -> bool:
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
    return False


def _postgresql_is_written(url: str) -> bool:
    import psycopg

    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND query LIKE 'UPDATE \"downloads_hostrule\"%'"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(asked).fetchone() != (0,)


FAULTS = (
    Fault("three `up` at once", three_at_once, seconds=20),
    Fault("another SECRET_KEY", another_key, seconds=5),
    Fault("kill -9 of rotate_key", rotation_killed, seconds=20),
)
