"""A client that reads a stored file whole, again and again, and what that takes the servers."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

from benchmarks.compare import Verdict, print_times
from benchmarks.single_file import MIB
from config.server.supervisor.port import ReservedPort


@dataclass(frozen=True, slots=True)
class Target:
    """A path at a port. ``processes``: those whose processor time counts."""

    port: int
    path: str
    processes: Sequence[psutil.Process]


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one read: on the wall, of that since the first byte, and of processors."""

    wall: float
    transfer: float
    processor: float


class Port(ReservedPort):
    """A port for the time of a block."""

    def __enter__(self) -> ReservedPort:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def rounds(targets: Mapping[str, Target], size: int, count: int) -> dict[str, list[Spent]]:
    """Return what each read took; every round reads each target twice, in alternating order."""
    spent: dict[str, list[Spent]] = {name: [] for name in targets}
    for target in targets.values():  # what is made at the first request is no part of it
        read(target, size)
    for number in range(count):
        names = list(targets) if number % 2 else list(targets)[::-1]
        for name in names + names[::-1]:
            spent[name].append(read(targets[name], size))
    return spent


def read(target: Target, size: int) -> Spent:
    """Read ``size`` bytes. Raises SystemExit if they do not come."""
    buffer = memoryview(bytearray(MIB))
    processor, began = _processor(target.processes), time.perf_counter()
    with socket.create_connection(("127.0.0.1", target.port), 60) as client:
        request = f"GET {target.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        client.sendall(request.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        head, _, first = head.partition(b"\r\n\r\n")
        arrived = time.perf_counter()
        left = size - len(first)
        while left and (length := client.recv_into(buffer)):
            left -= length
    if left or not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"{target.path} was not sent: {head.decode()}")
    ended = time.perf_counter()
    return Spent(ended - began, ended - arrived, _processor(target.processes) - processor)


def judge(
    work: str, spent: Mapping[str, list[Spent]], ours: str, peer: str, goals: Mapping[str, float]
) -> tuple[dict[str, list[float]], list[Verdict]]:
    """Print the times. Return them, and a verdict for each of ``goals``: a field of Spent, and at
    most how many times the peer's."""
    times, verdicts = {}, []
    for kind, goal in goals.items():
        taken = {name: [getattr(one, kind) for one in all_] for name, all_ in spent.items()}
        print_times(f"{work}, {kind} time", taken)
        times |= {f"{kind}: {name}": seconds for name, seconds in taken.items()}
        # of neighbours in time, so that a machine that gets slower meanwhile favours neither
        ratio = statistics.median(x / y for x, y in zip(taken[ours], taken[peer], strict=True))
        verdicts.append(Verdict(f"{work} {ours}, {kind} time", peer, round(goal, 3), ratio))
    return times, verdicts


def _processor(processes: Sequence[psutil.Process]) -> float:
    return sum(used.user + used.system for used in (each.cpu_times() for each in processes))
