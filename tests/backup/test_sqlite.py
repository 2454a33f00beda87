"""A SQLite file is copied as it is at one moment, while it is written to."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from downloads.backup import sqlite
from downloads.backup.errors import BackupError


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "100% ?#.sqlite3"  # a name that URIs would read otherwise
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE one (n INTEGER)")
        connection.execute("CREATE TABLE two (n INTEGER)")
    return path


def test_a_copy_holds_whole_transactions_and_holds_up_no_writer(
    database: Path, tmp_path: Path
) -> None:
    ended, writes = threading.Event(), []

    def write() -> None:
        with closing(sqlite3.connect(database, timeout=0.5, isolation_level=None)) as connection:
            while not ended.is_set():
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT INTO one VALUES (?)", [(n,) for n in range(50)])
                connection.executemany("INSERT INTO two VALUES (?)", [(n,) for n in range(50)])
                connection.execute("COMMIT")
                writes.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(10):
            before = len(writes)
            sqlite.save(database, tmp_path / str(number))
            with sqlite.snapshot(tmp_path / str(number)) as cursor:
                counts = [
                    cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                    for table in ("one", "two")
                ]
            assert counts[0] == counts[1]
            assert counts[0] >= 50 * before
    finally:
        ended.set()
        writer.join()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.isdigit()) == [
        str(number) for number in range(10)
    ]


def test_what_was_there_is_kept_whole(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    sqlite.save(database, copy)
    late = sqlite3.connect(database)
    late.execute("INSERT INTO one VALUES (7)")
    late.commit()
    kept = sqlite.load(copy, database)
    late.close()
    assert kept is not None
    for path, count in ((kept, 1), (database, 0)):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM one").fetchone() == (count,), path
    assert sqlite.load(copy, tmp_path / "fresh" / "ferry.sqlite3") is None


def test_a_damaged_database_is_not_backed_up(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executemany("INSERT INTO one VALUES (?)", [(n,) for n in range(5000)])
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = bytearray(database.read_bytes())
    pages[2 * 4096 + 200 : 6 * 4096] = bytes(4 * 4096 - 200)
    database.write_bytes(pages)
    with pytest.raises((BackupError, sqlite3.DatabaseError)):
        sqlite.save(database, tmp_path / "copy")
