"""Of files, a jailed program has its own folder and what it needs to run, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from downloads.engine.sandbox.confinement import ProgramResult
from tests.engine.sandbox.conftest import (
    HOSTILE,
    got_nothing,
    needs_landlock,
    needs_seccomp,
    outcome,
)

Attempt = Callable[..., ProgramResult]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of Ferry's beside the job's folder."""
    path = tmp_path / "secret.sqlite3"
    path.write_text("secret")
    path.chmod(0o600)
    os.utime(path, (1e9, 1e9))
    return path


def is_untouched(secret: Path) -> bool:
    found = secret.stat()
    return (secret.read_text(), found.st_mode & 0o777, found.st_mtime) == ("secret", 0o600, 1e9)


def test_its_own_folder_is_its_own(attempt: Attempt, work_dir: Path) -> None:
    assert outcome(attempt("write", work_dir / "mine"))["got"] == "written"
    assert outcome(attempt("read", "mine"))["got"] == "hostile"
    assert outcome(attempt("list_folder", "."))["got"] == ["mine"]
    assert outcome(attempt("unlink", "mine"))["got"] == "gone"


@needs_landlock
@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/shadow", "/proc/self/environ", "/dev/kmsg"])
def test_the_system_is_closed(attempt: Attempt, path: str) -> None:
    assert got_nothing(attempt("read", path))


@needs_landlock
def test_the_database_is_closed(attempt: Attempt) -> None:
    database = Path(settings.DATA_DIR) / "db.sqlite3"
    database.touch()
    assert got_nothing(attempt("read", database))
    assert got_nothing(attempt("append", database))


@needs_landlock
@pytest.mark.parametrize(
    "folder", [Path(__file__).parents[3], Path("/tmp"), Path("/"), Path.home()]
)
def test_no_other_folder_can_even_be_listed(attempt: Attempt, folder: Path) -> None:
    assert got_nothing(attempt("list_folder", folder))


@needs_landlock
@pytest.mark.parametrize("how", ["read", "read_through_own_symlink", "hard_link", "move_in"])
def test_a_file_of_ours_cannot_be_read(attempt: Attempt, secret: Path, how: str) -> None:
    assert got_nothing(attempt(how, secret))
    assert is_untouched(secret)


@needs_landlock
@pytest.mark.parametrize("how", ["write", "append", "unlink", "truncate", "move_out"])
def test_a_file_of_ours_cannot_be_changed(attempt: Attempt, secret: Path, how: str) -> None:
    assert got_nothing(attempt(how, secret))
    assert is_untouched(secret)


@needs_seccomp
@pytest.mark.parametrize("how", ["chmod", "utime", "setxattr"])
def test_what_landlock_lets_through_is_closed_too(attempt: Attempt, secret: Path, how: str) -> None:
    assert got_nothing(attempt(how, secret))
    assert is_untouched(secret)


@needs_seccomp
def test_what_it_may_read_it_may_not_change(attempt: Attempt, secret: Path) -> None:
    finished = attempt("chmod_through_a_descriptor", secret, read_paths=(secret, HOSTILE))
    assert got_nothing(finished)
    assert is_untouched(secret)


@needs_landlock
def test_what_it_may_read_it_may_read(attempt: Attempt, secret: Path) -> None:
    finished = attempt("read", secret, read_paths=(secret, HOSTILE))
    assert outcome(finished)["got"] == "secret"


@needs_landlock
@pytest.mark.parametrize("how", ["leave_a_symlink", "leave_a_pipe"])
def test_it_leaves_nothing_that_leads_its_owner_elsewhere(
    attempt: Attempt, work_dir: Path, how: str
) -> None:
    arguments = ["/etc/passwd"] if how == "leave_a_symlink" else []
    assert got_nothing(attempt(how, *arguments))
    assert list(work_dir.iterdir()) == []


@needs_landlock
def test_it_runs_no_other_program(attempt: Attempt) -> None:
    assert got_nothing(attempt("run", "/bin/true", processes=4))


@needs_landlock
def test_a_program_that_it_was_given_runs(attempt: Attempt) -> None:
    finished = attempt("run", "/bin/true", processes=4, executables=(Path("/bin/true"),))
    assert outcome(finished)["got"] == 0


@needs_landlock
def test_what_it_wrote_does_not_run(attempt: Attempt) -> None:
    assert outcome(attempt("run_own_program", processes=4)).get("got", "") == ""


@needs_seccomp
def test_it_learns_no_names_by_watching(attempt: Attempt, tmp_path: Path) -> None:
    """inotify needs no permission: Landlock does not see it."""
    assert got_nothing(attempt("watch_names", tmp_path))
