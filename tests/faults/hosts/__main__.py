"""A worker that loses the database alone, for so many seconds (110), and what must come of it.

Within the namespace everything is on loopback; the database has an address of its own, from which
packets are dropped during the cut: neither end learns of it, as with a cable that is pulled.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.support.content import MIB, content, sha256
from tests.support.origin import Origin
from tests.support.stack import Stack, until

ADDRESS = "127.0.0.8"
DOWNLOADS = 6
SIZE = 12 * MIB
BEATS_WITHIN = 5.0  # seconds of the heal
WATCHED = 30.0  # seconds after the heartbeat is back in which no lease may be lost


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run one on ADDRESS; its URL. It is asked about over its socket in the folder, too."""
    (programs,) = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
    run("chown", "postgres", str(folder))
    user = ("runuser", "-u", "postgres", "--")
    run(*user, f"{programs}/initdb", "-D", f"{folder}/data", "-U", "ferry", "--auth=trust")
    control = (*user, f"{programs}/pg_ctl", "-D", f"{folder}/data", "-w")
    options = f"-c listen_addresses={ADDRESS} -k {folder} -c fsync=off"
    run(*control, "-l", f"{folder}/log", "-o", options, "start")
    try:
        yield f"postgres://ferry@{ADDRESS}:5432/postgres"
    finally:
        run(*control, "-m", "immediate", "stop")


@contextmanager
def cut() -> Iterator[None]:
    rule = ("from", ADDRESS, "blackhole", "pref", "50")
    run("ip", "rule", "add", *rule)
    try:
        yield
    finally:
        run("ip", "rule", "del", *rule)


def ask(folder: Path, question: str) -> Any:
    with psycopg.connect(host=str(folder), user="ferry", dbname="postgres") as connection:
        return connection.execute(question).fetchone()[0]  # type: ignore[index]


def main(seconds: float = 110.0) -> None:
    run("ip", "link", "set", "lo", "up")
    # The rule of local addresses comes first, and would hide the cut.
    run("ip", "rule", "add", "pref", "100", "lookup", "local")
    run("ip", "rule", "del", "pref", "0")
    with tempfile.TemporaryDirectory() as here:
        folder = Path(here) / "pg"
        folder.mkdir()
        Path(here).chmod(0o755)
        variables = {"WORKER_CONCURRENCY": "8", "FETCH_HOST_CONCURRENCY": "8"}
        with (
            postgresql(folder) as url,
            Origin() as origin,
            Stack(Path(here) / "data", database_url=url, **variables) as stack,
        ):
            _play(stack, origin, folder, seconds)


def _play(stack: Stack, origin: Origin, folder: Path, seconds: float) -> None:
    alice = stack.person("alice")
    asked = {}
    for number in range(DOWNLOADS):
        path, data = f"/{number}.bin", content(SIZE, number)
        file = origin.serve(path, data, rate=MIB // 128)
        asked[alice.ask(origin.url(path))["id"]] = (file, data)
    until(lambda: all(alice.download(pk)["bytesDone"] > 0 for pk in asked), 60)
    with cut():
        time.sleep(seconds)
    healed = time.monotonic()
    age = "SELECT extract(epoch FROM now() - max(heartbeat_at)) < 3 FROM downloads_worker"
    until(lambda: ask(folder, age), 60, 0.1)
    back = time.monotonic() - healed
    print(f"cut for {seconds:.0f} s: heartbeat {back:.1f} s after the heal", flush=True)
    assert back <= BEATS_WITHIN
    leased = "SELECT count(*) FROM downloads_rendition WHERE lease_expires_at > now()"
    until(lambda: ask(folder, leased) == DOWNLOADS, 30)
    lost = "SELECT count(*) FROM downloads_transition WHERE event = 'worker_lost'"
    before = ask(folder, lost)
    time.sleep(WATCHED)
    print(f"leases lost in the {WATCHED:.0f} s after: {ask(folder, lost) - before}", flush=True)
    assert ask(folder, lost) == before
    for file, _ in asked.values():
        file.rate = None
    for pk, (_, data) in asked.items():
        assert alice.wait_for(pk, "completed", 90)["sha256"] == sha256(data)
    most = ask(folder, "SELECT max(attempts) FROM downloads_rendition")
    print(f"all {DOWNLOADS} stored, in {most} attempts at most", flush=True)
    assert most <= 2


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    main(*map(float, sys.argv[1:]))
