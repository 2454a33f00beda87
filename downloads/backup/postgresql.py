"""A PostgreSQL ledger into one file by ``pg_dump``, while it is written to, and back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from downloads.backup.errors import BackupError
from downloads.queue.schema import OURS
from downloads.search import postgresql as search_indexes

FILE: Final = "database.dump"
DEBIAN: Final = Path("/usr/lib/postgresql")
_HEAD: Final = 60  # lines of a dump in which settings of the session stand
# Parameters of a connection, and the variables by which the programs know them.
_VARIABLES: Final = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "channel_binding": "PGCHANNELBINDING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}


def server_major() -> int:
    """Return the server's major version. Raises DatabaseError."""
    connection.ensure_connection()
    return int(connection.pg_version) // 10_000  # type: ignore[attr-defined]


def program(name: str, least: int) -> str:
    """Return the path of a client program, the newest that is here. Raises BackupError if it is
    missing, or older than major version ``least``."""
    package = f"postgresql-client-{least} (Debian, Ubuntu) or postgresql{least} (Fedora, Alpine)"
    found = [str(path) for path in DEBIAN.glob(f"*/bin/{name}")]
    found += filter(None, [shutil.which(name)])
    versions = {path: _major(path) for path in found}
    if not versions:
        raise BackupError(f"{name} is not installed here. Install the package {package}.")
    newest = max(versions, key=lambda path: versions[path])
    if versions[newest] < least:
        raise BackupError(
            f"{name} is of version {versions[newest]}, too old for PostgreSQL {least}. Install the"
            f" package {package}."
        )
    return newest


def _major(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"(\d+)", said.stdout.partition(")")[2])
    return int(match[1]) if match else 0


@contextmanager
def snapshot() -> Iterator[tuple[Any, str]]:
    """Yield a cursor on the database as it is at one moment, and the name by which ``save`` reads
    the same."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # The dump may take longer than any request: the limits of those would end it.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (name,) = cursor.fetchone()
        yield cursor.connection.cursor(), name


def save(name: str, dump: Path) -> None:
    """Dump the database of a snapshot of this name. Raises BackupError."""
    found = program("pg_dump", server_major())
    _run(
        [found, "--format=custom", "--no-owner", "--no-privileges", "--no-comments",
         f"--snapshot={name}", f"--file={dump}"]
    )  # fmt: skip
    dump.chmod(0o600)


def load(dump: Path, work: Path) -> None:
    """Replace all tables of Ferry by those of the dump, in one transaction. ``work``: a private
    folder for the dump as SQL. Raises BackupError."""
    server = server_major()
    restore, psql = program("pg_restore", server), program("psql", server)
    script, wanted = work / "database.sql", work / "wanted.list"
    wanted.write_text(_without_search(_run([restore, "--list", str(dump)])))
    _run(
        [restore, "--no-owner", "--no-privileges", f"--use-list={wanted}", f"--file={script}",
         str(dump)]
    )  # fmt: skip
    tables = ", ".join(connection.ops.quote_name(name) for name in own_tables())
    connection.close()
    dropping = [f"--command=DROP TABLE IF EXISTS {tables} CASCADE"] if tables else []
    _run(
        [psql, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
         *dropping, f"--file={_for_server(script, server)}"]
    )  # fmt: skip


def own_tables() -> list[str]:
    """Return the tables of Ferry in the database, those of a newer version among them."""
    known = {
        *connection.introspection.django_table_names(),
        MigrationRecorder.Migration._meta.db_table,
    }
    ours = tuple(f"{app}_" for app in OURS)
    found = connection.introspection.table_names()
    return [name for name in found if name in known or name.startswith(ours)]


def _without_search(contents: str) -> str:
    """Return a dump's list of contents without the extension of the search and its indexes: this
    server may lack the one, and the migrations after it build the others."""
    lines = contents.splitlines(keepends=True)
    return "".join(line for line in lines if not _is_of_search(set(line.split())))


def _is_of_search(words: set[str]) -> bool:
    """Return whether an entry of a dump's contents, given its words, is the search's alone."""
    if "INDEX" in words:
        return not words.isdisjoint(search_indexes.INDEXES)
    return {"EXTENSION", "pg_trgm"} <= words


def _for_server(script: Path, server: int) -> Path:
    """Return the script without a setting that newer programs write and older servers refuse."""
    if server >= 17:
        return script
    fitting = script.with_suffix(".fitting.sql")
    with script.open("rb") as read, fitting.open("wb") as written:
        for number, line in enumerate(read):
            if number > _HEAD or not line.startswith(b"SET transaction_timeout"):
                written.write(line)
    return fitting


def _run(command: list[str]) -> str:
    """Return what the program writes. Raises BackupError."""
    done = subprocess.run(
        command, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise BackupError(f"{Path(command[0]).name} failed: {said[0][:500]}")
    return done.stdout.decode()


def _environment() -> dict[str, str]:
    """Return the environment of a client program; a password in its arguments would be seen."""
    connection.ensure_connection()
    info = connection.connection.info
    told = info.get_parameters()
    found = {_VARIABLES[name]: str(told[name]) for name in _VARIABLES if told.get(name)}
    if info.password:
        found["PGPASSWORD"] = info.password
    return {**os.environ, **found, "PGCONNECT_TIMEOUT": "10"}
