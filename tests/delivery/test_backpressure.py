"""A client that does not read costs next to nothing, and no other waits for it.

Each of these is red where ``config.server.backpressure.install()`` is not called.
"""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.delivery.daphne_process import (
    MESSAGE,
    MESSAGES,
    UPGRADE,
    DaphneProcess,
    body,
    read_all,
    request,
    until,
)
from tests.support.length import some

KERNEL_COUNTS = pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the kernel has no TCP_USER_TIMEOUT"
)
BACKLOGS = some([("/file", 10), ("/file", 1), ("/blocks", 10)], 2)


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("served") / "film.mp4"
    with path.open("wb") as file:
        file.truncate(2 * 2**30)
    return path


@pytest.fixture(scope="module")
def server(sparse: Path) -> Iterator[DaphneProcess]:
    with DaphneProcess(SERVED_FILE=str(sparse)) as server:
        yield server


@pytest.mark.parametrize(("path", "clients"), BACKLOGS)
def test_frozen_clients_cost_no_memory(server: DaphneProcess, path: str, clients: int) -> None:
    with ExitStack() as frozen:
        for _ in range(clients):
            frozen.enter_context(server.ask(path))
        server.assert_stays_small()
    until(lambda: server.open_files() == 0)  # and each was let go of, file and all


def test_more_clients_than_threads_at_once_each_get_every_byte(tmp_path: Path) -> None:
    content = os.urandom(4 * 2**20)
    served = tmp_path / "film.mp4"
    served.write_bytes(content * 2)
    with DaphneProcess(SERVED_FILE=str(served)) as server, ThreadPoolExecutor(20) as clients:

        def read(number: int) -> bool:
            with server.ask("/file", f"Range: bytes={number}-", "Connection: close") as client:
                return body(read_all(client)) == (content * 2)[number:]

        assert all(clients.map(read, range(40)))
        until(lambda: server.open_files() == 0)


def test_a_file_that_shrinks_breaks_the_answer_off(tmp_path: Path) -> None:
    """Its length was promised, so the client must not take what came for all of it."""
    served = tmp_path / "film.mp4"
    served.write_bytes(bytes(64 * 2**20))
    with DaphneProcess(SERVED_FILE=str(served)) as server, server.ask("/file") as client:
        client.recv(2**16)
        os.truncate(served, 2**20)
        with pytest.raises(ConnectionResetError):
            read_all(client)
        until(lambda: server.open_files() == 0)


def test_a_frozen_client_that_pipelines(server: DaphneProcess) -> None:
    with server.connect() as client:
        client.sendall(request("/file", "Range: bytes=0-2097151") * 100)
        server.assert_stays_small()


def test_a_frozen_websocket(server: DaphneProcess) -> None:
    with server.ask("/socket", *UPGRADE) as client:
        server.assert_stays_small()
        assert server.open_files() > 0
        received = 0
        while received < len(MESSAGE) * MESSAGES:
            received += len(client.recv(2**20))


def test_a_slow_reader_gets_every_byte(tmp_path: Path) -> None:
    content = os.urandom(20 * 2**20)
    served = tmp_path / "film.mp4"
    served.write_bytes(content)
    with DaphneProcess(SERVED_FILE=str(served)) as server:
        starts = (0, 1, 2**20 - 1, 11 * 2**20 + 7, len(content) - 1)
        for path, start in [("/file", start) for start in starts] + [("/blocks", 1)]:
            headers = (f"Range: bytes={start}-", "Connection: close")
            with server.ask(path, *headers, receive_buffer=2**15) as client:
                time.sleep(0.2)
                answer = body(read_all(client, at_once=2**14))
            assert hashlib.sha256(answer).digest() == hashlib.sha256(content[start:]).digest()


def test_a_connection_goes_on_after_a_frozen_answer(server: DaphneProcess) -> None:
    with server.connect() as client:
        client.sendall(request("/file", "Range: bytes=0-9999999"))
        time.sleep(0.5)
        client.sendall(request("/hello", "Connection: close"))
        assert body(read_all(client)).endswith(b"5\r\nhello\r\n0\r\n\r\n")


@KERNEL_COUNTS
def test_who_takes_nothing_for_too_long_is_cut_off_and_who_is_slow_is_not(sparse: Path) -> None:
    with (
        DaphneProcess(SERVED_FILE=str(sparse), STALL_AFTER="1") as server,
        server.ask("/file"),
        server.ask("/file", receive_buffer=2**16) as slow,
    ):
        until(lambda: slow.recv(2**16) and server.open_files() == 2)  # a socket and its file
        for _ in range(30):
            assert slow.recv(2**16)
            time.sleep(0.1)
        assert server.open_files() == 2


@KERNEL_COUNTS
def test_who_takes_nothing_of_a_finished_answer_is_cut_off(sparse: Path) -> None:
    """Of these sizes some just fit into the buffers, so that the reply ends and its tail waits."""
    with DaphneProcess(SERVED_FILE=str(sparse), STALL_AFTER="1") as server, ExitStack() as frozen:
        for size in range(2 * 2**20, 5 * 2**20, 2**16):
            headers = (f"Range: bytes=0-{size}", "Connection: close")
            frozen.enter_context(server.ask("/file", *headers))
        until(lambda: server.open_files() > 0)
        until(lambda: server.open_files() == 0)


def test_cut_off_where_the_kernel_does_not_count(sparse: Path, tmp_path: Path) -> None:
    with (
        DaphneProcess(SERVED_FILE=str(sparse), unix=tmp_path / "socket", STALL_AFTER="1") as server,
        server.ask("/file"),
    ):
        until(lambda: server.open_files() == 2)
        until(lambda: server.open_files() == 0)


@pytest.mark.parametrize("time", ["first", "second"])
def test_an_answer_that_breaks_off_is_cut_off(server: DaphneProcess, time: str) -> None:
    """Twice, because the first one used to end the loop that looks after connections."""
    with server.ask("/breaks-off") as client, pytest.raises(ConnectionResetError):
        assert body(read_all(client)) == b"half"


def test_frozen_clients_do_not_hold_up_the_end(sparse: Path) -> None:
    with (
        DaphneProcess(SERVED_FILE=str(sparse)) as server,
        server.ask("/file"),
        server.ask("/socket", *UPGRADE),
    ):
        until(lambda: server.open_files() > 2)
        server.process.terminate()
        server.process.wait(10)


def test_a_reader_that_leaves_is_noticed_at_once(server: DaphneProcess) -> None:
    client = server.ask("/file")
    client.recv(2**16)
    until(lambda: server.open_files() == 2)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
    client.close()
    until(lambda: server.open_files() == 0)
