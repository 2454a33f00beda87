"""``manage.py fetch`` of one form into a fresh folder.

In this process by default: the command's own code, without the start of an interpreter. With
``FIELD_PROCESSES=1`` each is a process of its own, as a person runs it.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.field.support.expected import Outcome
from tests.field.support.kind import Form
from tests.support.shell import ROOT

TIME_LIMIT = 60  # seconds for one fetch: beyond it, it hangs
_ERROR = re.compile(r"(?m)^(.*) \((\w+)\)$")
_SUBTITLES = (".vtt", ".srt")


def fetch(url: str, form: Form, folder: Path) -> Outcome:
    """Run ``manage.py fetch`` and gather what came of it."""
    given = [url, "-o", f"{folder / 'out'}/"]
    given += ["--quality", form.quality] if form.quality else []
    given += ["--subtitles", form.subtitles] if form.subtitles else []
    (folder / "out").mkdir()
    run = _by_process if os.environ.get("FIELD_PROCESSES") == "1" else _here
    status, log = run(given, _environment(folder))
    return _outcome(status, log, folder / "out")


def _outcome(status: int, log: str, folder: Path) -> Outcome:
    files = sorted(path for path in folder.iterdir() if path.name[:1] != ".")
    beside = tuple(path for path in files if path.suffix in _SUBTITLES and len(files) > 1)
    media = [path for path in files if path not in beside]
    assert len(media) <= 1, media
    errors = _ERROR.findall(log)
    message, code = errors[-1] if status and errors else ("", "")
    assert (status == 0) != bool(code), f"status {status}: {log}"
    return Outcome(media[0] if media else None, beside, code, message, note=log, log=log)


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder / "var"),
        "DATABASE_URL": "postgres://absent@127.0.0.1:1/none",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "PORT": "1",
    }


def _by_process(given: list[str], environment: dict[str, str]) -> tuple[int, str]:
    command = [sys.executable, str(ROOT / "manage.py"), "fetch", *given]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT
    )
    return done.returncode, done.stderr


def _here(given: list[str], environment: dict[str, str]) -> tuple[int, str]:
    from config import env
    from downloads.cli import fetch as command

    said = io.StringIO()
    with _only(environment):
        loaded = env.load()
    with _handlers_kept(), contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        status = command.main(given, loaded)
    assert status is not None
    return status, said.getvalue()


@contextlib.contextmanager
def _only(environment: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _handlers_kept() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
