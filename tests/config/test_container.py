"""The image's entry point and health check: users, umask, and what is started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config.server.container import ContainerUser, command_of, user_of
from config.server.healthcheck import process_of
from config.server.supervisor import procfile
from config.start_error import StartError
from tests.support.shell import ROOT
from tests.support.stack import clean_environment

PROCESSES = procfile.parse((ROOT / "Procfile").read_text())


@pytest.mark.parametrize(
    ("told", "started_as", "user"),
    [
        ({}, (0, 0), ContainerUser(10001, 10001, 0o022)),
        ({"PUID": "1000"}, (0, 0), ContainerUser(1000, 10001, 0o022)),
        (
            {"PUID": " 1000 ", "PGID": "100", "UMASK": "002"},
            (0, 0),
            ContainerUser(1000, 100, 0o002),
        ),
        ({}, (1000, 1000), ContainerUser(1000, 1000, 0o022)),
        (
            {"PUID": "1000", "PGID": "1000", "UMASK": "77"},
            (1000, 1000),
            ContainerUser(1000, 1000, 0o77),
        ),
    ],
)
def test_the_user_of_a_container(
    told: dict[str, str], started_as: tuple[int, int], user: ContainerUser
) -> None:
    uid, gid = started_as
    assert user_of(told, uid=uid, gid=gid) == user


@pytest.mark.parametrize(
    ("told", "started_as", "said"),
    [
        ({"PUID": "0"}, 0, "does not run as root"),
        ({"PGID": "0"}, 0, "does not run as root"),
        ({"PUID": "me"}, 0, 'PUID must be the number of a user or group, not "me".'),
        ({"PGID": "-1"}, 0, "PGID must be"),
        ({"PUID": str(2**32 - 1)}, 0, "PUID must be"),
        ({"UMASK": "999"}, 0, "UMASK must be a mode in octal"),
        ({"UMASK": "1777"}, 0, "UMASK must be"),
        ({"PUID": "1000"}, 1001, "Leave out PUID and PGID, or leave out --user."),
    ],
)
def test_users_that_cannot_be(told: dict[str, str], started_as: int, said: str) -> None:
    with pytest.raises(StartError, match=said.replace("(", r"\(")):
        user_of(told, uid=started_as, gid=started_as)


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], ["python", "manage.py", "up"]),
        (["up", "--no-sample"], ["python", "manage.py", "up", "--no-sample"]),
        (["web"], ["/bin/sh", "-c", f"exec {PROCESSES['web']}"]),
        (["release"], ["/bin/sh", "-c", f"exec {PROCESSES['release']}"]),
        (["python", "manage.py", "check"], ["python", "manage.py", "check"]),
    ],
)
def test_what_a_container_starts(arguments: list[str], command: list[str]) -> None:
    assert command_of(arguments, PROCESSES) == command


def test_a_process_takes_no_arguments() -> None:
    with pytest.raises(StartError, match=r"worker takes no arguments\. Leave out -c 4\."):
        command_of(["worker", "-c", "4"], PROCESSES)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "config.server.container", "wep"],
        cwd=ROOT,
        env=clean_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith('"wep" cannot be run (')


@pytest.mark.parametrize("name", ["up", "web", "worker", "scheduler"])
def test_what_the_health_check_finds(name: str) -> None:
    first = ["/sbin/docker-init", "--", "dumb-init", "-c", "--", "python", "-m"]
    assert process_of([*first, "config.server.container", name]) == name


@pytest.mark.parametrize(
    "arguments", [[], ["pause"], ["python", "-m", "config.server.container", "sh"]]
)
def test_a_container_of_which_nothing_is_known(arguments: list[str]) -> None:
    with pytest.raises(StartError, match="Name what is to be checked: up, web, worker, scheduler"):
        process_of(arguments)


def test_a_web_process_that_is_away_is_one_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "config.server.healthcheck", "web"],
        cwd=ROOT,
        env=clean_environment(tmp_path, PORT="1"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("http://127.0.0.1:1/healthz is not responding (")
    assert ended.stderr.count("\n") == 1
