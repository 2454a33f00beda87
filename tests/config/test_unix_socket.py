"""The Unix socket beside the port: who may have its path, and who may connect."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import parsing
from config.server import unix_socket
from config.server.backpressure import with_backlog
from config.server.unix_socket import UnixSocket
from config.start_error import StartError


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A path that is short enough for a socket; its locks end with the test."""
    monkeypatch.setattr(unix_socket, "_locks", locks := [])
    yield tmp_path / "web.sock"
    for lock in locks:
        lock.close()


def left_behind(path: Path) -> None:
    """A socket of which nothing listens: its process was killed."""
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))


def refusal(path: Path) -> str:
    with pytest.raises(StartError) as raised:
        UnixSocket(path, 0o660).claim()
    assert str(path) in str(raised.value)
    return str(raised.value)


def test_a_path_that_is_free(place: Path) -> None:
    UnixSocket(place, 0o660).claim()
    assert not place.exists()


def test_what_a_killed_process_left_is_removed(place: Path) -> None:
    left_behind(place)
    UnixSocket(place, 0o660).claim()
    assert not place.exists()


def test_a_socket_of_another_program_stays(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(place))
        other.listen(1)
        assert "in use by another process" in refusal(place)
        assert place.exists()


def test_two_that_start_at_once_do_not_take_it_from_each_other(place: Path) -> None:
    UnixSocket(place, 0o660).claim()
    left_behind(place)  # say the first has bound it, and does not listen yet
    assert "in use by another process" in refusal(place)
    assert place.exists()


def test_a_file_of_that_name_stays(place: Path) -> None:
    place.write_text("a film")
    assert "is no socket" in refusal(place)
    assert place.read_text() == "a film"


def test_a_folder_that_is_not_there(place: Path) -> None:
    assert "cannot be listened on" in refusal(place / "none" / "web.sock")


def test_its_description_for_the_server() -> None:
    endpoint = UnixSocket(Path("/run/ferry/web.sock"), 0o660).endpoint
    assert endpoint == "unix:/run/ferry/web.sock:mode=660:lockfile=0"
    assert with_backlog(endpoint).endswith(":lockfile=0:backlog=1024")


def test_a_group_that_it_cannot_have(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    UnixSocket(place, 0o660, os.getegid()).claim()
    with pytest.raises(StartError, match=r"UNIX_SOCKET_GROUP: .* not in group 4711"):
        UnixSocket(place, 0o660, 4711).claim()


def test_what_its_variables_may_be() -> None:
    assert parsing.socket_path("/run/ferry/web.sock") == "/run/ferry/web.sock"
    assert parsing.file_mode("0660") == parsing.file_mode("660") == 0o660
    assert parsing.group("root") == parsing.group("0") == 0
    assert parsing.group("") is None
    assert parsing.listen_host("[::1]") == parsing.listen_host("::1") == "::1"
    assert parsing.host_names("::1, a.example") == ("[::1]", "a.example")
    found = parsing.trusted_proxies("unix, ::1, fd00::/8, 127.0.0.1")
    assert found.unix
    assert len(found.networks) == 3
    assert not parsing.trusted_proxies("")
    for parse, text in (
        (parsing.socket_path, "web.sock"),
        (parsing.socket_path, "/run/a:b"),
        (parsing.socket_path, f"/{'x' * 101}"),
        (parsing.file_mode, "999"),
        (parsing.file_mode, "rw"),
        (parsing.group, "no such group"),
        (parsing.trusted_proxies, "unix:/run"),
    ):
        with pytest.raises(ValueError, match=r"^must be "):
            parse(text)  # type: ignore[operator]
