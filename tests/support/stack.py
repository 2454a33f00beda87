"""Ferry as a person runs it: ``manage.py up`` in a folder of its own, seen from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import psutil
import requests

from config.server.supervisor.port import ReservedPort
from tests.support.migrated_file import copy_migrated_file
from tests.support.shell import ROOT, Shell

PASSWORD = "correct horse battery"
PATIENCE = 60.0  # seconds for whatever a start may take on a busy machine
FOR_TESTS = {
    "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    "MIN_FREE_SPACE": "0",
}
T = TypeVar("T")


def until(
    question: Callable[[], T | None], patience: float = 30.0, pause: float | None = None
) -> T:
    """The first answer that is true; fails where none comes in time.

    Without ``pause`` it grows from 0.05 to 0.15 s: most questions go through the whole of Ferry,
    and take from the processor what they wait for.
    """
    deadline, next_pause = time.monotonic() + patience, pause or 0.05
    while True:
        if answer := question():
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"nothing came of it in {patience} s; the last answer: {answer}")
        time.sleep(next_pause)
        if pause is None:
            next_pause = min(1.2 * next_pause, 0.15)


def clean_environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """Nothing of the caller's settings: an empty folder, no `.env`."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    folder = str(Path(sys.executable).parent)
    kept["PATH"] = os.pathsep.join([folder, kept.get("PATH", os.defpath)])
    return {**kept, "DATA_DIR": str(data_dir), "ENV_FILE": os.devnull, **variables}


class Stack:
    """``with Stack(tmp_path) as stack`` starts everything and waits until the site answers.

    ``database_url`` empty: SQLite in the folder. Sources are reached on loopback only; ``bare``:
    nothing is configured but where it listens and keeps its data, and no database prepared.
    ``only``: a part of it, for one of several hosts; ``within``: the command that enters such a
    host; ``root``: another version's code.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        database_url: str = "",
        sample: bool = False,
        bare: bool = False,
        only: str = "",
        within: tuple[str, ...] = (),
        root: Path = ROOT,
        **variables: str,
    ) -> None:
        self.data_dir = data_dir
        self._reserved = ReservedPort()  # also while its web process is away
        self.port = self._reserved.number
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        configured = {**({} if bare else FOR_TESTS), "DATABASE_URL": database_url, **variables}
        configured["PORT"] = str(self.port)
        self.environment = clean_environment(data_dir, **configured)
        self._only = only
        self._root = root
        self._command = [*within, sys.executable, "manage.py", "up"]
        if only:
            self._command += ["--only", only]
        if not sample:  # making it costs seconds of both cores
            self._command.append("--no-sample")
        self._seen: set[psutil.Process] = set()
        self._shell = Shell(self.environment, root)
        self._migrated = not (bare or database_url) and root == ROOT

    @property
    def media(self) -> Path:
        return self.data_dir / "media"

    def start(self) -> Stack:
        after = len(self.lines)
        if self._migrated and not (file := self.data_dir / "ferry.sqlite3").exists():
            copy_migrated_file(file)
        self.process = subprocess.Popen(
            self._command,
            cwd=self._root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            with_web = not self._only or "web" in self._only
            self.wait_for_line("Ferry is ready" if with_web else "Ready.", after=after)
            if not self._only or "worker" in self._only:
                self.one("celery")
        except BaseException:
            self.stop()
            raise
        return self

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.decode(errors="replace").rstrip("\n"))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for_line(self, text: str, *, after: int = 0, seconds: float = PATIENCE) -> None:
        """Wait for a line with this text, among those after so many lines."""
        deadline = time.monotonic() + seconds
        while not any(text in line for line in self.lines[after:]):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"no line with {text!r} in:\n{self.output}")
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send the signal (Ctrl-C), wait for the end; the exit status."""
        self._shell.close()
        if self.process.poll() is None:
            self.children()
            self.process.send_signal(number)
        try:
            status = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reader.join(timeout=5)
        return status

    def __enter__(self) -> Stack:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        finally:
            self._reserved.release()
            if error is not None:
                print(self.output[-20_000:])

    # --- processes ----------------------------------------------------------------------

    def children(self) -> list[psutil.Process]:
        """Every process below `up`, remembered, so that a survivor is found later."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        self._seen.update(found)
        return found

    def survivors(self) -> list[psutil.Process]:
        """Return those that `children()` has ever seen and that still run."""
        return [process for process in self._seen if runs(process)]

    def processes(self, word: str) -> list[psutil.Process]:
        """The processes under ``up`` whose command line has this word."""
        found = []
        for child in self.children():
            try:
                if any(word in argument for argument in child.cmdline()):
                    found.append(child)
            except psutil.NoSuchProcess:
                continue
        return found

    def one(self, word: str) -> psutil.Process:
        """The first of them, once it is there: daphne, celery, valkey-server."""
        return until(lambda: self.processes(word))[0]

    def kill_worker(self) -> None:
        """With -9; ``up`` starts the next one."""
        worker = self.one("celery")
        worker.kill()
        until(lambda: not runs(worker))

    def hold_redis(self) -> None:
        """Kill the embedded Redis; ``up`` is frozen meanwhile, so that it does not come back."""
        redis = self.one("valkey-server")
        self.process.send_signal(signal.SIGSTOP)
        redis.kill()

    def release_redis(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    # --- people -------------------------------------------------------------------------

    def shell(self, code: str) -> str:
        """Return the output of this code within Django, beside the stack."""
        return self._shell.run(code)

    def person(self, name: str) -> Person:
        """Signed in by a token; made where there is none yet."""
        return Person(self, self.token(name))

    @property
    def admin(self) -> Person:
        return self.person("admin")

    def sign_in(self, name: str, password: str = PASSWORD) -> Person:
        """Sign in as a program does. Whom ``person`` gives costs no hash of a password."""
        answer = requests.post(
            f"{self.url}/api/v1/auth/login/", json={"username": name, "password": password}
        )
        assert answer.ok, answer.text
        return Person(self, answer.json()["token"])

    def token(self, name: str) -> str:
        return self.shell(f"name, password = {name!r}, {PASSWORD!r}{_MADE}{_TOKEN}").strip()

    def session(self, name: str) -> str:
        """Return the value of the cookie that signs a browser in."""
        return self.shell(f"name, password = {name!r}, {PASSWORD!r}{_MADE}{_SESSION}").strip()

    def calm_down(self) -> None:
        """Cancel whatever is unfinished, and wait until nothing works on it any more."""
        self.shell(_CALM_DOWN)


def runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class Person:
    """A user with a token."""

    def __init__(self, stack: Stack, token: str) -> None:
        self.stack = stack
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if path.startswith("http") else f"{self.stack.url}/api/v1/{path}"
        return self._session.request(method, url, timeout=options.pop("timeout", 30), **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **body: Any) -> requests.Response:
        return self.request("POST", path, json=body)

    def ask(self, url: str, **fields: Any) -> dict[str, Any]:
        answer = self.post("downloads/", url=url, **fields)
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


_KEPT = ("HOME", "LANG", "PATH", "PYTHONDONTWRITEBYTECODE", "TMPDIR", "VIRTUAL_ENV")
# The password's hash is of one round only: a sign-in with it makes a real one of that.
_MADE = """
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
user = get_user_model().objects.filter(username=name).first()
if user is None:
    hashed = PBKDF2PasswordHasher().encode(password, "salt", 1)
    user = get_user_model().objects.create(username=name, password=hashed, max_active=50)
"""
_TOKEN = """
from accounts.tokens import make_room
from knox.models import get_token_model
make_room(user)
print(get_token_model().objects.create(user=user)[1])
"""
_SESSION = """
from django.test import Client
client = Client()
client.force_login(user)
print(client.cookies["sessionid"].value)
"""
_CALM_DOWN = """
import time
from downloads import services
from downloads.models import Download, Rendition
from downloads.querysets import TABS
for left in Download.objects.with_status().filter(status__in=TABS["active"]):
    try:
        services.cancel(left.user, left.pk)
    except (services.InvalidState, Download.DoesNotExist):
        pass  # it has come to its end meanwhile
for _ in range(200):
    if not Rendition.objects.filter(lease_token__isnull=False).exists():
        break
    time.sleep(0.05)
"""
