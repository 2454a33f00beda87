"""Ports that are reserved for a server, and the address of the embedded Redis."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from config import datadir
from config.server.supervisor import redis
from config.server.supervisor.port import LOOPBACK, ReservedPort

linux = pytest.mark.skipif(sys.platform != "linux", reason="a port is held on Linux alone")


def test_nothing_listens_there() -> None:
    reserved = ReservedPort()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, reserved.number), 5)


@linux
def test_only_a_server_that_names_it_gets_it() -> None:
    reserved = ReservedPort()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((LOOPBACK, reserved.number))  # as the kernel does where any port will do
    for _ in range(2):  # and again, after it has stopped
        with socket.create_server((LOOPBACK, reserved.number)):
            socket.create_connection((LOOPBACK, reserved.number), 5).close()


def test_a_port_in_use_is_not_reserved() -> None:
    with socket.create_server((LOOPBACK, 0)) as server, pytest.raises(OSError, match="in use"):
        ReservedPort(server.getsockname()[1])


def test_the_address_of_the_last_start_is_kept_while_its_port_is_free(tmp_path: Path) -> None:
    first = redis.reserve_port(tmp_path)
    address = datadir.read(datadir.redis_url_file(tmp_path))
    first.release()
    again = redis.reserve_port(tmp_path)
    assert (again.number, datadir.read(datadir.redis_url_file(tmp_path))) == (first.number, address)
    with socket.create_server((LOOPBACK, again.number)):
        elsewhere = redis.reserve_port(tmp_path)
        assert elsewhere.number != again.number
        assert f":{elsewhere.number}/" in datadir.read(datadir.redis_url_file(tmp_path))
