"""Build the image and run it: the main job, each process by itself, the end, users and modes."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests

from config.server.supervisor.port import ReservedPort
from tests.image.build import Image, build, make_base, mounted
from tests.image.container import Container
from tests.support.content import MIB, content, sha256
from tests.support.origin import Origin
from tests.support.redis_server import RedisServer
from tests.support.stack import until

UID = 10001
OTHER = 4321
PASSWORD = "correct horse battery"
SMALL_ENOUGH = 900 * MIB
WITHIN = 8 * 60.0  # seconds for all of it


def main(*options: str) -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as here:
        folder = Path(here)
        folder.chmod(0o755)
        if "--built" not in options:
            make_base(folder)
            build()
            _say(began, "built")
        with mounted() as image:
            size = image.size
            print(f"image: {size / MIB:.0f} MiB with its base", flush=True)
            assert size <= SMALL_ENOUGH
            _the_main_job(image, _folders(folder / "one", UID))
            _say(began, "the main job done, ended by SIGTERM")
            _a_process_each(image, _folders(folder / "several", UID))
            _say(began, "web, worker and scheduler by themselves")
            _users_and_modes(image, _folders(folder / "users", 0))
            _say(began, "PUID, PGID, UMASK")
    assert time.monotonic() - began <= WITHIN


def _say(began: float, what: str) -> None:
    print(f"image: {what} after {time.monotonic() - began:.0f} s", flush=True)


def _folders(folder: Path, uid: int) -> Path:
    for name in ("data", "downloads"):
        (folder / name).mkdir(parents=True)
        os.chown(folder / name, uid, uid)
    return folder


@contextmanager
def _variables(folder: Path) -> Iterator[dict[str, str]]:
    secret = folder / "data" / "password"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o444)
    port = ReservedPort()
    yield {
        "PORT": str(port.number),
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "MIN_FREE_SPACE": "0",
        "DJANGO_SUPERUSER_PASSWORD_FILE": "/data/password",
    }
    port.release()


class Admin:
    """The first admin, over HTTP."""

    def __init__(self, port: str) -> None:
        self._api = f"http://127.0.0.1:{port}/api/v1/"
        self._session = requests.Session()
        until(self._answers, 60)
        told = self.post("auth/login/", username="admin", password=PASSWORD)
        self._session.headers["Authorization"] = f"Bearer {told['token']}"

    def _answers(self) -> bool:
        try:
            return self._session.get(self._api + "../../healthz", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    def get(self, path: str) -> Any:
        answer = self._session.get(self._api + path, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self._session.post(self._api + path, json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def fetched(self, **body: Any) -> tuple[dict[str, Any], bytes]:
        """Ask for it; the completed download, and the bytes of its file."""
        pk = self.post("downloads/", **body)["id"]

        def ended() -> dict[str, Any] | None:
            now = self.get(f"downloads/{pk}/")
            return now if now["status"] not in ("queued", "running") else None

        download = until(ended, 120)
        assert download["status"] == "completed", download
        return download, self._session.get(f"{self._api}downloads/{pk}/file/", timeout=60).content


def _the_main_job(image: Image, folder: Path) -> None:
    """As an unprivileged user: the sample's film by ffmpeg in the jail, a file by several
    connections, its health, and its end within 10 s."""
    data = content(12 * MIB, 1)
    with (
        _variables(folder) as variables,
        Origin() as origin,
        Container(image, folder, uid=UID, **variables) as ferry,
    ):
        origin.serve("/film.mp4", data)
        ferry.wait_for_line("Ferry is ready")
        admin = Admin(variables["PORT"])
        _, stored = admin.fetched(url=origin.url("/film.mp4"))
        assert sha256(stored) == sha256(data)
        sample = until(lambda: _ready(admin.get("content/")["results"]), 120)
        film, stored = admin.fetched(contentId=sample["id"], quality="480p")
        assert film["size"] == len(stored) > 100_000
        assert film["resolvedQuality"] == "480p"
        health = ferry.run(*image.health)
        assert health.returncode == 0, health.stderr
        assert ferry.first.name() == "dumb-init"
        assert ferry.stop() in (0, 143), ferry.lines[-20:]
    assert list((folder / "downloads").rglob("*.mp4"))


def _ready(contents: list[dict[str, Any]]) -> dict[str, Any] | None:
    films = [each for each in contents if any(q["quality"] == "480p" for q in each["qualities"])]
    return films[0] if films else None


def _a_process_each(image: Image, folder: Path) -> None:
    """Web, worker and scheduler, each a container of its own, which share SQLite and a Redis.
    Started by root, they and their health checks leave nothing of root's behind."""
    data = content(3 * MIB, 2)
    port = ReservedPort()
    url = f"redis://:secret@127.0.0.1:{port.number}/0"
    with _variables(folder) as told, RedisServer(url, folder / "redis"), Origin() as origin:
        variables = {**told, "REDIS_URL": url, "SECRET_KEY": "k" * 20 + "ferry" * 8}
        release = Container(image, folder, "release", uid=UID, **variables)
        with release:
            assert release.wait(120) == 0, release.lines
        made = ("python", "manage.py", "first_admin")
        with Container(image, folder, *made, uid=UID, **variables) as first_admin:
            assert first_admin.wait(60) == 0, first_admin.lines
        with ExitStack() as ends:
            processes = {
                name: ends.enter_context(Container(image, folder, name, uid=0, **variables))
                for name in ("web", "worker", "scheduler")
            }
            origin.serve("/film.mp4", data)
            _, stored = Admin(variables["PORT"]).fetched(url=origin.url("/film.mp4"))
            assert sha256(stored) == sha256(data)
            for name, process in processes.items():
                health = process.run(*image.health)
                assert health.returncode == 0, (name, health.stderr)
                assert process.run(*image.health[:3], "id", "-u").stdout == f"{UID}\n"
            for name, process in processes.items():
                assert process.stop() in (0, 143), (name, process.lines[-20:])
        kept = [path for path in (folder / "data").rglob("*") if path.name != "password"]
        assert {path.stat().st_uid for path in kept} == {UID}


def _users_and_modes(image: Image, folder: Path) -> None:
    """Started by root: it is PUID from the start, and owns what is mounted."""
    (folder / "data" / "old").write_text("of root")
    shown = "id -u; id -g; umask; touch /data/new; touch /app/new 2>&1 || true"
    variables = {"PUID": str(OTHER), "PGID": str(OTHER), "UMASK": "027"}
    with Container(image, folder, "sh", "-c", shown, uid=0, **variables) as run:
        assert run.wait() == 0, run.lines
    assert run.lines[:3] == [str(OTHER), str(OTHER), "0027"]
    assert "Read-only file system" in run.lines[3] or "denied" in run.lines[3], run.lines
    for name in ("old", "new"):
        assert (folder / "data" / name).stat().st_uid == OTHER
    assert stat.S_IMODE((folder / "data" / "new").stat().st_mode) == 0o640
    with Container(image, folder, "up", uid=0, PUID="0") as refused:
        assert refused.wait() == 1
    assert "does not run as root" in refused.lines[-1]


if __name__ == "__main__":
    main(*sys.argv[1:])
