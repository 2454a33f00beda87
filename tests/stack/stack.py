"""Ferry as a person runs it: ``manage.py up`` in a folder of its own, seen from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import psutil
import requests

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
T = TypeVar("T")


def until(question: Callable[[], T | None], patience: float = 30.0, pause: float = 0.05) -> T:
    """The first answer that is true; fails where none comes in time."""
    deadline = time.monotonic() + patience
    while True:
        if answer := question():
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"nothing came of it in {patience} s; the last answer: {answer}")
        time.sleep(pause)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stack:
    """``database_url`` empty: SQLite in the folder. Sources are reached on loopback only."""

    def __init__(self, folder: Path, *, database_url: str = "", **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.log_path = folder / "up.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name in _KEPT},
            "ENV_FILE": os.devnull,
            "DATA_DIR": str(folder / "var"),
            "PORT": str(self.port),
            "DATABASE_URL": database_url,
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
            "MIN_FREE_SPACE": "0",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def media(self) -> Path:
        return self.folder / "var" / "media"

    def start(self) -> None:
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--no-sample"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            until(self._ready, 60)
        except BaseException:
            print(self.log_path.read_text()[-20_000:])
            self.stop()
            raise

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log_path.read_text()
        try:
            ready = requests.get(f"{self.url}/readyz", timeout=2)
        except requests.RequestException:
            return False
        return ready.ok and bool(self.processes("celery"))

    def stop(self) -> None:
        """Ctrl-C."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(15)
            self._process = None

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        finally:
            if error is not None:
                print(self.log_path.read_text()[-20_000:])

    # --- processes ----------------------------------------------------------------------

    def processes(self, word: str) -> list[psutil.Process]:
        """The processes under ``up`` whose command line has this word."""
        assert self._process is not None
        found = []
        for child in psutil.Process(self._process.pid).children(recursive=True):
            try:
                if any(word in argument for argument in child.cmdline()):
                    found.append(child)
            except psutil.NoSuchProcess:
                continue
        return found

    def process(self, word: str) -> psutil.Process:
        return until(lambda: self.processes(word))[0]

    def kill_worker(self) -> None:
        """With -9; ``up`` starts the next one."""
        process = self.process("celery")
        process.kill()
        until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)

    def hold_redis(self) -> None:
        """Kill the embedded Redis; ``up`` is frozen meanwhile, so that it does not come back."""
        assert self._process is not None
        redis = self.process("valkey-server")
        self._process.send_signal(signal.SIGSTOP)
        redis.kill()

    def release_redis(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    # --- people -------------------------------------------------------------------------

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def person(self, name: str) -> Person:
        """Signed in by a token; made where there is none yet."""
        self.manage(
            "shell",
            "-c",
            "from django.contrib.auth import get_user_model as m;"
            f"m().objects.filter(username={name!r}).exists() or "
            f"m().objects.create_user({name!r}, password={PASSWORD!r}, max_active=50)",
        )
        return Person(self, name)

    @property
    def admin(self) -> Person:
        return Person(self, "admin")


class Person:
    """Somebody with a token."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.stack = stack
        self._session = requests.Session()
        answer = self.post("auth/login/", username=name, password=PASSWORD)
        assert answer.ok, answer.text
        self._session.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if path.startswith("http") else f"{self.stack.url}/api/v1/{path}"
        return self._session.request(method, url, timeout=options.pop("timeout", 30), **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **body: Any) -> requests.Response:
        return self.request("POST", path, json=body)

    def ask(self, url: str, **wish: Any) -> dict[str, Any]:
        answer = self.post("downloads/", url=url, **wish)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    def download(self, pk: str) -> dict[str, Any]:
        return dict(self.get(f"downloads/{pk}/").json())

    def wait_for(self, pk: str, status: str, patience: float = 60.0) -> dict[str, Any]:
        """The download once it has this status; fails at once where it can no longer come."""

        def there() -> dict[str, Any] | None:
            now = self.download(pk)
            ended = {"completed", "failed", "cancelled", "expired"}
            assert now["status"] == status or now["status"] not in ended, now
            return now if now["status"] == status else None

        return until(there, patience)

    def timeline(self, pk: str) -> list[str]:
        return [line["event"] for line in self.get(f"downloads/{pk}/events/").json()["results"]]


_KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}
