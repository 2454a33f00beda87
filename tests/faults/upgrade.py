"""A rolling upgrade from the commit before a version could be told, and its rollback, with
downloads under way: ``python -m tests.faults.upgrade``.

Old processes run; the new code migrates; a new web process and worker join; the old ones end by
SIGTERM; then an old worker joins again and the new one ends. Each download is stored once, exact.
Exits with 3 where the project's history is not here.
"""

from __future__ import annotations

import io
import os
import secrets
import subprocess
import sys
import tarfile
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.server.supervisor.port import ReservedPort
from tests.support.content import MIB, content, sha256
from tests.support.database import own_database
from tests.support.file import File
from tests.support.origin import Origin
from tests.support.redis_server import RedisServer
from tests.support.shell import ROOT
from tests.support.stack import Person, Stack, until

BEFORE: Final = "f2735fff4583f7c9d2eb519dd38d6817042b26c5"
NO_HISTORY: Final = 3
DOWNLOADS: Final = 3
SIZE: Final = 8 * MIB
RATE: Final = MIB // 64  # bytes a second of each connection: none ends before it is told to
FACTS: Final = """
from downloads.models import Transition
counts = {}
for event in Transition.objects.filter(rendition__downloads__in=%r).values_list("event", flat=True):
    counts[event] = counts.get(event, 0) + 1
print(counts)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Downloads under way: their source's files and bytes by the id of each."""

    files: dict[str, tuple[File, bytes]]

    def speed_up(self) -> None:
        for file, _ in self.files.values():
            file.rate = None


def main() -> None:
    with tempfile.TemporaryDirectory() as here, ExitStack() as ends:
        folder = Path(here)
        old_code = folder / "old"
        _unpack(BEFORE, old_code)
        url = ends.enter_context(own_database()) or f"sqlite:///{folder / 'ferry.sqlite3'}"
        redis_url = f"redis://:{secrets.token_hex(8)}@127.0.0.1:{ReservedPort().number}/0"
        ends.enter_context(RedisServer(redis_url, folder / "redis"))
        shared = {
            "REDIS_URL": redis_url,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "STORAGE_PATH": str(folder / "media"),
            "WORKER_CONCURRENCY": str(DOWNLOADS),
        }

        def host(name: str, only: str, root: Path = ROOT) -> Stack:
            return Stack(folder / name, database_url=url, only=only, root=root, **shared)

        origin = ends.enter_context(Origin())
        old_worker = host("old-worker", "worker,scheduler", old_code)
        old_web = host("old-web", "web", old_code)
        new_worker, new_web = host("new-worker", "worker,scheduler"), host("new-web", "web")
        back = host("back-worker", "worker,scheduler", old_code)
        _play(ends, origin, old_worker, old_web, new_worker, new_web, back)


def _play(
    ends: ExitStack,
    origin: Origin,
    old_worker: Stack,
    old_web: Stack,
    new_worker: Stack,
    new_web: Stack,
    back: Stack,
) -> None:
    with old_web:
        with old_worker:
            alice = old_web.person("alice")
            asked = _ask(origin, alice, "upgrade")
            _migrate(old_worker.environment)
            before = {pk: alice.download(pk)["bytesDone"] for pk in asked.files}
            until(lambda: all(alice.download(pk)["bytesDone"] > before[pk] for pk in before), 60)
            _tell("migrated by the new code, the old worker fetches on")
            ends.enter_context(new_worker)
            _tell("a new worker joined")
        _tell("the old worker ended by SIGTERM")
        ends.enter_context(new_web)
    alice = new_web.person("alice")
    _finish(new_web, alice, asked)

    asked = _ask(origin, alice, "rollback")
    ends.enter_context(back)
    until(lambda: "older version" in new_web.shell(_WARNING), 30)
    _tell("rolled back: an old worker joined on the newer database, and is told of")
    new_worker.stop()
    _finish(new_web, alice, asked)


_WARNING = "from downloads.queue.version_skew import version_warning; print(version_warning())"


def _unpack(commit: str, folder: Path) -> None:
    """Write the code of a commit into the folder, or exit."""
    archived = subprocess.run(
        ["git", "-C", str(ROOT), "archive", commit], capture_output=True, check=False
    )
    if archived.returncode:
        said = archived.stderr.decode(errors="replace").strip()
        print(
            f"The commit {commit[:7]} is not in this clone ({said}): the upgrade is not tried."
            " Fetch the whole history: git fetch --unshallow"
        )
        sys.exit(NO_HISTORY)
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as archive:
        archive.extractall(folder, filter="data")


def _migrate(environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True
    )


def _ask(origin: Origin, alice: Person, name: str) -> Asked:
    """Ask for downloads; return them once all are under way."""
    files = {}
    for number in range(DOWNLOADS):
        path, data = f"/{name}-{number}.bin", content(SIZE, 10 * len(name) + number)
        file = origin.serve(path, data, rate=RATE)
        files[alice.ask(origin.url(path))["id"]] = (file, data)
    until(lambda: all(alice.download(pk)["bytesDone"] > 0 for pk in files), 60)
    return Asked(files)


def _finish(stack: Stack, alice: Person, asked: Asked) -> None:
    """Assert that another worker resumed all of them, and that each was stored once, exact."""
    ids = list(asked.files)
    until(lambda: _counts(stack, ids).get("started", 0) == 2 * DOWNLOADS, 60)
    asked.speed_up()
    for pk, (_, data) in asked.files.items():
        alice.wait_for(pk, "completed", 120)
        assert sha256(alice.get(f"downloads/{pk}/file/").content) == sha256(data)
    counts = _counts(stack, ids)
    assert counts["handed_back"] == counts["stored"] == DOWNLOADS, counts
    assert not {"failed", "worker_lost", "retry_later"} & set(counts), counts
    _tell(f"{DOWNLOADS} of {DOWNLOADS} taken over, stored once, exact")


def _counts(stack: Stack, ids: list[str]) -> dict[str, int]:
    found: dict[str, int] = eval(stack.shell(FACTS % ids))
    return found


def _tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    main()
