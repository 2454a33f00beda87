"""Bytes through pipes: exact, none left behind for the next, and no descriptor lost."""

from __future__ import annotations

import os
import resource
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from downloads.engine.transfer.block import Block
from downloads.engine.transfer.pipe import MOST_OPEN, SIZE, Pipes
from downloads.engine.transfer.writer import Writer
from tests.engine.transfer.harness import Fetcher
from tests.support.content import content
from tests.support.origin import Origin

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="splice is Linux's")
MIB = 1024 * 1024


class Body(NamedTuple):
    sock: socket.socket


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MIB)
    yield ours, theirs
    ours.close()
    theirs.close()


def opened() -> Pipes:
    pipes = Pipes.open()
    assert pipes is not None
    return pipes


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("flags", [0, os.O_APPEND], ids=["spliced", "where none can be spliced to"])
def test_bytes_come_to_their_offset(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path, flags: int
) -> None:
    ours, theirs = pair
    data = content(100_000)
    path = tmp_path / "file"
    path.write_bytes(b"before")
    fd = os.open(path, os.O_RDWR | flags)
    pipes = opened()
    theirs.sendall(data)
    assert pipes.fill(ours, 60_000) == 60_000
    pipes.write_to(fd, 6, 60_000)
    assert pipes.are_empty
    assert pipes.fill(ours, SIZE) == 40_000
    pipes.write_to(fd, 60_006, 40_000)
    assert path.read_bytes() == b"before" + data
    with pytest.raises(BlockingIOError):
        pipes.fill(ours, SIZE)
    theirs.close()
    assert pipes.fill(ours, SIZE) == 0
    pipes.close()
    os.close(fd)


def test_what_was_not_accepted_does_not_come_before_the_next(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    ours, theirs = pair
    body: Any = Body(ours)
    block = Block()
    theirs.sendall(b"kept dropped")
    assert block.fill(body, SIZE, by_pipe=True) == (12, False)
    fd = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    assert isinstance(block.data, Pipes)
    block.data.write_to(fd, 0, 4)
    block.clear()
    theirs.sendall(b" next")
    assert block.fill(body, SIZE, by_pipe=True) == (5, False)
    assert isinstance(block.data, Pipes)
    block.data.write_to(fd, 4, 5)
    assert (tmp_path / "file").read_bytes() == b"kept next"
    block.close()
    os.close(fd)


def test_without_pipes_it_reads_into_memory(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    body: Any = Body(ours)
    block, before = Block(), descriptors()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(ours.fileno())
    os.close(free)
    theirs.sendall(b"bytes")
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, hard))
        assert block.fill(body, SIZE, by_pipe=True) == (5, False)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert block.data == b"bytes"
    assert descriptors() == before


def test_a_process_leaves_pipes_for_other_programs() -> None:
    held: list[Pipes] = []
    while (pipes := Pipes.open()) is not None:
        held.append(pipes)
        assert len(held) <= MOST_OPEN
    for pipes in held:
        pipes.close()
    again = opened()
    again.close()


def test_a_writer_closes_the_pipes_of_its_blocks(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    before = descriptors()
    with Writer() as writer:
        idle, late = writer.take(lambda: None), writer.take(lambda: None)
        assert idle is not None
        assert late is not None
        theirs.sendall(b"12")
        body: Any = Body(ours)
        assert idle.fill(body, 1, by_pipe=True) == (1, False)
        assert late.fill(body, 1, by_pipe=True) == (1, False)
        writer.give_back(idle)
    writer.give_back(late)
    assert descriptors() == before


def test_a_file_takes_the_short_way(
    origin: Origin, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write_to = Pipes.write_to

    def note(pipes: Pipes, fd: int, offset: int, length: int) -> None:
        written.append(length)
        write_to(pipes, fd, offset, length)

    monkeypatch.setattr(Pipes, "write_to", note)
    origin.serve("/a", content(8 * MIB))
    fetcher.exact("/a")
    assert sum(written) > 7 * MIB, "all but what was read with the head"
