"""Writers of one SQLite file: threads in the order of asking, processes one after the other."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from django.db.utils import OperationalError

from config.sqlite import writer_queue
from config.sqlite.base import DatabaseWrapper
from config.sqlite.fair_lock import FairLock
from tests.support.shell import ROOT

OPTIONS = {"transaction_mode": "IMMEDIATE", "timeout": 5}


def waiting(lock: FairLock) -> int:
    return len(lock._waiting)


def connection(path: Path) -> DatabaseWrapper:
    made = DatabaseWrapper(
        {
            "NAME": str(path),
            "OPTIONS": OPTIONS,
            "AUTOCOMMIT": True,
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": False,
            "TIME_ZONE": None,
            "TEST": {},
        }
    )
    made.inc_thread_sharing()
    return made


@pytest.fixture
def file(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    path = tmp_path / "ferry.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE line (who TEXT)")
    made.close()
    with django_db_blocker.unblock():
        yield path


def test_the_lock_is_had_in_the_order_of_asking() -> None:
    lock, order = FairLock(), []
    assert lock.acquire(1)

    def write(number: int) -> None:
        assert lock.acquire(10)
        order.append(number)
        lock.release()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for number, thread in enumerate(threads):
        thread.start()
        while waiting(lock) <= number:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join(10)
    assert order == list(range(20))


def test_one_who_gives_up_leaves_the_line() -> None:
    lock = FairLock()
    assert lock.acquire(1)
    assert not lock.acquire(0.05)
    assert waiting(lock) == 0
    lock.release()
    assert lock.acquire(0.05)


def write_in(connection: DatabaseWrapper, who: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO line VALUES (%s)", [who])


@pytest.mark.parametrize("ending", ["commit", "rollback", "close"])
def test_a_transaction_holds_the_turn_until_its_end(file: Path, ending: str) -> None:
    first, second = connection(file), connection(file)
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    write_in(first, "first")
    done = threading.Event()

    def write() -> None:
        write_in(second, "second")
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert not done.wait(0.2)
    getattr(first, ending)()
    assert done.wait(60)
    thread.join(60)
    second.close()


def test_no_turn_is_an_error_of_the_database(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_queue, "PATIENCE", 0.05)
    first, second = connection(file), connection(file)
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with pytest.raises(OperationalError, match="no turn"):
        write_in(second, "second")
    with second.cursor() as cursor:  # reading waits for nobody
        assert cursor.execute("SELECT count(*) FROM line").fetchone() == (0,)
    first.rollback()
    write_in(second, "second")


WRITERS = 4  # threads of the busy process
BUSY = """
import sys, threading
from django.conf import settings
from django.db import connection, transaction
options = {"transaction_mode": "IMMEDIATE", "timeout": 30}
database = {"ENGINE": "config.sqlite", "NAME": sys.argv[1], "OPTIONS": options}
settings.configure(DATABASES={"default": database})
def write():
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO line VALUES ('busy')")
            sum(range(1_000_000))  # some ten milliseconds
        print("busy", flush=True)
for _ in range(int(sys.argv[2])):
    threading.Thread(target=write, daemon=True).start()
sys.stdin.read()
"""


@pytest.mark.processes
def test_a_busy_process_lets_another_in(file: Path) -> None:
    command = [sys.executable, "-c", BUSY, str(file), str(WRITERS)]
    busy = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    try:
        assert busy.stdout is not None
        assert busy.stdout.readline() == "busy\n"
        own, seen = connection(file), []
        for _ in range(10):
            with own.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM line WHERE who = 'busy'")
                seen.append(cursor.fetchone()[0])
            write_in(own, "other")
        own.close()
    finally:
        busy.kill()
        busy.communicate()
    with sqlite3.connect(file) as counted:
        lines = [who for (who,) in counted.execute("SELECT who FROM line ORDER BY rowid")]
    counted.close()
    places = [place for place, who in enumerate(lines) if who == "other"]
    pairs = zip(places, seen, strict=True)
    waited = [lines[:place].count("busy") - before for place, before in pairs]
    # In turn: without the queue one of the two writes again and again while the other waits. The
    # median: a busy machine may hold up either for a while.
    assert 1 <= median(waited) <= 2 * WRITERS, waited
