"""Programs that fetch a URL: curl, ffmpeg and Ferry."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from benchmarks.peers import verdicts
from benchmarks.peers.rows import LIMIT, Ask, Trial
from benchmarks.peers.verdicts import REFUSED, Cell
from tests.field.support.expected import Body
from tests.field.support.fetching import fetch
from tests.field.support.measure import measure

CURL = "curl -fgL --compressed -b '' --max-time 30 -OJ URL"
FFMPEG = "ffmpeg -i URL -c copy -sn OUT.mkv"
FERRY = "manage.py fetch URL"


@contextmanager
def curl() -> Iterator[Ask]:
    yield _curl


def _curl(trial: Trial) -> Cell:
    """Fetch with the usual options for a file: redirects, cookies and codings on, globbing off."""
    wanted = verdicts.good(trial.form.expected)
    # -OJ refuses URLs without any name.
    named = isinstance(wanted, Body) and bool(wanted.names)
    target = ["-OJ"] if named else ["-o", "file"]
    command = ["curl", "-sS", "-fgL", "--compressed", "-b", "", "-m", str(LIMIT), *target]
    done = subprocess.run(
        [*command, trial.url.strip()], cwd=trial.folder, check=False, capture_output=True
    )
    files = list(trial.folder.iterdir())
    if done.returncode or not files:
        return verdicts.of_refusal(trial.form.expected)
    return verdicts.of_file(trial.form.expected, files[0], files[0].name, trial.clips)


@contextmanager
def ffmpeg() -> Iterator[Ask]:
    yield _ffmpeg


def _ffmpeg(trial: Trial) -> Cell:
    """Copy the best streams into Matroska, which takes any codec."""
    if trial.form.quality:
        return verdicts.NOT_ASKED
    made = trial.folder / "out.mkv"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", trial.url, "-c", "copy", "-sn", str(made)]
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return verdicts.of_refusal(trial.form.expected)
    if done.returncode or not made.exists():
        return verdicts.of_refusal(trial.form.expected)
    return verdicts.of_film(trial.form.expected, measure(made), trial.clips)


@contextmanager
def ferry() -> Iterator[Ask]:
    yield _ferry


def _ferry(trial: Trial) -> Cell:
    try:
        with _limited():
            outcome = fetch(trial.url, trial.form, trial.folder)
    except TimeoutError:
        return Cell(REFUSED.verdict, f"not in {LIMIT} s")
    return verdicts.of_outcome(trial.form.expected, outcome, trial.clips)


@contextmanager
def _limited() -> Iterator[None]:
    """Raise TimeoutError in here after LIMIT seconds."""

    def end(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
