"""Bytes that go from socket to file inside the kernel: breaks there, and what they leave behind."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.exceptions import DiskFull
from downloads.transfer import kernel_pipe
from downloads.transfer.kernel_pipe import KernelPipe
from downloads.transfer.reactor import Reactor
from downloads.transfer.sinks.local import LocalSink
from tests.transfer.harness import Fetcher, in_background
from tests.transfer.origin import MIB, Origin, content

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="splice(2) is Linux's")

ROOT = Path(__file__).parents[2]
DATA = content(300_000)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    listener = socket.create_server(("127.0.0.1", 0))
    theirs = socket.create_connection(listener.getsockname())
    ours, _ = listener.accept()
    listener.close()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def pipe() -> Iterator[KernelPipe]:
    made = KernelPipe()
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    yield fd
    os.close(fd)


@pytest.fixture
def without_splice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file system without it says (FUSE, some network ones)."""
    real = os.splice

    def splice(source: int, target: int, count: int, **options: int) -> int:
        if "offset_dst" in options:
            raise OSError(errno.EINVAL, "Invalid argument")
        return real(source, target, count, **options)

    monkeypatch.setattr(kernel_pipe.os, "splice", splice)


def fill(pipe: KernelPipe, sock: socket.socket, count: int) -> int:
    """All that comes of ``count`` bytes within a moment."""
    taken, until = 0, time.monotonic() + 5
    while taken < count and time.monotonic() < until:
        more, ended = pipe.fill(sock.fileno(), count - taken)
        taken += more
        if ended:
            break
    return taken


def is_empty(pipe: KernelPipe) -> bool:
    try:
        os.read(pipe._out, 1)
    except BlockingIOError:
        return pipe._held == 0
    return False


def test_what_came_before_a_reset_is_good(
    pair: tuple[socket.socket, socket.socket], pipe: KernelPipe, file: int
) -> None:
    ours, theirs = pair
    theirs.sendall(DATA[:50_000])
    assert fill(pipe, ours, 50_000) == 50_000
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    time.sleep(0.05)
    with pytest.raises(ConnectionResetError):
        pipe.fill(ours.fileno(), 1000)
    pipe.pour(file, 0, 50_000)
    assert os.pread(file, 50_000, 0) == DATA[:50_000]
    assert is_empty(pipe)


def test_a_file_system_without_it_gets_the_same_bytes(
    pair: tuple[socket.socket, socket.socket],
    pipe: KernelPipe,
    file: int,
    without_splice: None,
) -> None:
    ours, theirs = pair
    theirs.sendall(DATA[:90_000])
    fill(pipe, ours, 90_000)
    pipe.pour(file, 4096, 90_000)
    assert os.pread(file, 90_000, 4096) == DATA[:90_000]
    assert is_empty(pipe)


@pytest.mark.parametrize("splices", [True, False])
def test_a_failed_write_leaves_a_pipe_that_can_be_emptied(
    pair: tuple[socket.socket, socket.socket],
    pipe: KernelPipe,
    splices: bool,
    request: pytest.FixtureRequest,
) -> None:
    """/dev/full takes nothing; the bytes that were read for it are in the pipe no more."""
    if not splices:
        request.getfixturevalue("without_splice")
    ours, theirs = pair
    theirs.sendall(DATA[:70_000])
    fill(pipe, ours, 70_000)
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(OSError, match="No space") as caught:
            pipe.pour(full, 0, 70_000)
    finally:
        os.close(full)
    assert caught.value.errno == errno.ENOSPC
    pipe.empty()
    assert is_empty(pipe)
    theirs.sendall(b"the next one's")
    assert fill(pipe, ours, 14) == 14
    assert os.read(pipe._out, 100) == b"the next one's"


def test_a_refused_size_means_a_small_pipe(
    monkeypatch: pytest.MonkeyPatch, origin: Origin, tmp_path: Path
) -> None:
    def refuse(fd: int, command: int, argument: int = 0) -> int:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(kernel_pipe.fcntl, "fcntl", refuse)
        reactor = Reactor()
        assert reactor.pipe is not None
    assert fcntl.fcntl(reactor.pipe._in, fcntl.F_GETPIPE_SZ) < kernel_pipe.SIZE
    monkeypatch.setattr("downloads.transfer.engine.shared_reactor", lambda: reactor)
    origin.serve("/a", content(5 * MIB))
    Fetcher(origin, tmp_path / "work").exact("/a")


def test_exact_bytes_without_splice(without_splice: None, origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(8 * MIB), cut_after=700_000, cuts=4)
    fetcher.exact("/a")


def test_exact_bytes_while_segments_are_taken_from_each_other(
    origin: Origin, tmp_path: Path
) -> None:
    """Many small shares: what a pipe holds beyond a cut is thrown away, never written."""
    reactor_files = [content(6 * MIB, seed) for seed in range(3)]
    fetchers = []
    for number, data in enumerate(reactor_files):
        origin.serve(f"/{number}", data, cut_after=150_000, cuts=15, rate=30e6)
        fetcher = Fetcher(origin, tmp_path / str(number))
        fetcher.limit(connections=8, initial_connections=8, min_segment=64 * 1024)
        fetchers.append(fetcher)
    working = [
        in_background(lambda n=n, each=each: each.exact(f"/{n}"))  # type: ignore[misc]
        for n, each in enumerate(fetchers)
    ]
    for thread, raised in working:
        thread.join(60)
        assert not thread.is_alive()
        assert raised == []


class Failing(LocalSink):
    """Its writes fail after a while, with a part of the bytes still in the pipe."""

    poured = 0

    def pour_at(self, offset: int, pipe: KernelPipe, count: int) -> None:
        self.poured += count
        if self.poured > MIB:
            super().pour_at(offset, pipe, count // 2)
            raise DiskFull("ENOSPC")
        super().pour_at(offset, pipe, count)


def test_what_one_transfer_leaves_in_the_pipe_gets_into_no_other(
    origin: Origin, tmp_path: Path
) -> None:
    origin.serve("/good", content(12 * MIB, seed=1), rate=20e6)
    origin.serve("/bad", content(12 * MIB, seed=2))
    good = Fetcher(origin, tmp_path / "good")
    working, raised = in_background(lambda: good.exact("/good"))
    while working.is_alive():
        bad = Fetcher(origin, tmp_path / "bad")
        bad.sink = Failing(bad.directory, 1, bad.stop)
        with pytest.raises(DiskFull):
            bad.fetch("/bad")
    assert raised == []


LIMITED = """
import pathlib, resource, sys, threading, time
from downloads.transfer.__main__ import main

def shrink(part, limit):
    while not part.exists() or part.stat().st_size < limit:
        time.sleep(0.01)
    time.sleep(0.2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

if sys.argv[1] != "0":
    target = pathlib.Path(sys.argv[4])
    part = target.with_name("." + target.name + ".part")
    arguments = (part, int(sys.argv[1]))
    threading.Thread(target=shrink, args=arguments, daemon=True).start()
sys.exit(main(sys.argv[2:]))
"""


def test_no_space_while_pouring(origin: Origin, tmp_path: Path) -> None:
    """The limit comes when the space was reserved already, as a quota may; the part is kept, and
    with space again the same command goes on."""
    data = content(12 * MIB)
    origin.serve("/a", data, rate=6e6)
    target = tmp_path / "a.bin"

    def run(limit: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", LIMITED, str(limit), origin.url("/a"), "-o", str(target),
             "--connections", "1", "--allow-network", "127.0.0.0/8"],
            cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    failed = run(5 * MIB)
    assert failed.returncode == 1
    assert "(disk_full)" in failed.stderr
    assert failed.stderr.count("\n") == 1
    origin.files["/a"].rate = None
    origin.settle()
    sent = origin.sent
    done = run(0)
    assert (done.returncode, done.stderr) == (0, "")
    assert target.read_bytes() == data
    assert origin.sent - sent < len(data)


def test_where_splice_is_forbidden_bytes_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    assert kernel_pipe.kernel_pipe() is not None
    monkeypatch.setattr(os, "splice", refuse)
    assert kernel_pipe.kernel_pipe() is None
