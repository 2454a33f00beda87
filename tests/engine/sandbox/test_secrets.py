"""Nothing of ours is handed down by accident."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from downloads.engine.sandbox.confinement import Confinement, ProgramResult
from downloads.engine.sandbox.process import JailedProcess
from tests.engine.sandbox.conftest import command, eventually, marked, needs_linux, outcome

Attempt = Callable[..., ProgramResult]


def test_the_environment_is_scrubbed(
    attempt: Attempt, work_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("LD_PRELOAD", "")
    found = outcome(attempt("environment", environment=(("https_proxy", "http://127.0.0.1"),)))
    assert found["got"] == {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(work_dir),
        "TMPDIR": str(work_dir),
        "MALLOC_ARENA_MAX": "1",
        "https_proxy": "http://127.0.0.1",
        **{name: value for name, value in found["got"].items() if name == "LC_CTYPE"},
    }


@needs_linux
def test_no_secret_of_ours_is_with_the_launcher(
    confinement: Confinement, marker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")
    process = JailedProcess(command(marker, "stay"), confinement)
    try:
        assert eventually(lambda: len(marked(marker)) == 1, 30)
        assert b"SECRET_KEY" not in Path(f"/proc/{process.launcher}/environ").read_bytes()
    finally:
        process.kill()


def test_no_descriptor_but_the_pipes_is_open(attempt: Attempt) -> None:
    kept = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(kept, True)
    try:
        assert outcome(attempt("descriptors"))["got"] == [0, 1, 2]
    finally:
        os.close(kept)
