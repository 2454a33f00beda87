"""A stored file by ``X-Accel-Redirect``, against the same file that nginx serves by itself.

    python -m benchmarks.nginx_delivery [--rounds 9]

nginx runs with the example of the docs, without TLS. Each round reads the file twice by each, one
after the other, in alternating order. Wall time is the client's, transfer time that since the first
byte; processor time is that of nginx, the web process and the client. Needs nginx.
"""

from __future__ import annotations

import argparse
import re
import socket
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.compare import Verdict, print_times, print_verdicts, write_json
from benchmarks.single_file import MEMORY, MIB
from config.server.supervisor.port import ReservedPort
from tests.support.nginx import Nginx, example
from tests.support.stack import Stack

SIZE = 8192 * MIB  # sparse; the web process takes some 10 ms before its first byte
GOAL = 1 / 0.95  # of the time, for 0.95 of the throughput
OWN = "nginx itself"
FERRY = "X-Accel-Redirect"
STORED = f"""
import os
from pathlib import Path
from django.core.files.storage import storages
from downloads.delivery import links
from downloads.models import Rendition
from tests.delivery.files import completed
download = completed(b"", name="film.mp4")
path = Path(storages["media"].path("film.mp4"))
os.truncate(path, {SIZE})
Rendition.objects.update(size={SIZE}, sha256="")
print(links.sign(download.pk, 36000, filename="film.mp4").path)
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one read: on the wall, of that since the first byte, and of processors."""

    wall: float
    transfer: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, default=Path("nginx_delivery.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, ExitStack() as stack:
        port = stack.enter_context(_Port()).number
        ferry = stack.enter_context(
            Stack(Path(folder) / "data", only="web", X_ACCEL_PREFIX="/_media")
        )
        target = ferry.shell(STORED).strip()
        nginx = Path(folder) / "nginx"
        nginx.mkdir()
        running = stack.enter_context(Nginx(nginx, _servers(ferry, port), port))
        tree = [psutil.Process(running.process.pid), ferry.one("daphne"), psutil.Process()]
        targets = {OWN: "/own/film.mp4", FERRY: target}
        spent = _rounds(targets, port, tree, options.rounds)
    _report(spent, options.json)


class _Port(ReservedPort):
    def __enter__(self) -> ReservedPort:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def _servers(ferry: Stack, port: int) -> str:
    site = example(
        listen=f"listen 127.0.0.1:{port};",
        upstream=f"127.0.0.1:{ferry.port}",
        files=f"{ferry.media}/",
    )
    site = re.sub(r".*ssl_certificate.*\n", "", site).replace("Host $host;", "Host 127.0.0.1;")
    own = f"location /own/ {{ alias {ferry.media}/; }}"
    return site.replace("location / {", f"{own}\n    location / {{")


def _rounds(
    targets: dict[str, str], port: int, tree: Sequence[psutil.Process], rounds: int
) -> dict[str, list[Spent]]:
    spent: dict[str, list[Spent]] = {name: [] for name in targets}
    for target in targets.values():  # what is made at the first request is no part of it
        _read(target, port, tree)
    for number in range(rounds):
        names = list(targets) if number % 2 else list(targets)[::-1]
        for name in names + names[::-1]:
            spent[name].append(_read(targets[name], port, tree))
    return spent


def _read(target: str, port: int, tree: Sequence[psutil.Process]) -> Spent:
    buffer = memoryview(bytearray(MIB))
    processor, began = _processor(tree), time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), 60) as client:
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        head, _, first = head.partition(b"\r\n\r\n")
        arrived = time.perf_counter()
        left = SIZE - len(first)
        while left and (size := client.recv_into(buffer)):
            left -= size
    if left or not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"{target} was not sent: {head.decode()}")
    ended = time.perf_counter()
    return Spent(ended - began, ended - arrived, _processor(tree) - processor)


def _processor(tree: Sequence[psutil.Process]) -> float:
    return sum(used.user + used.system for used in (each.cpu_times() for each in tree))


def _report(spent: dict[str, list[Spent]], path: Path) -> None:
    verdicts, times = [], {}
    for kind in ("wall", "transfer", "processor"):
        taken = {name: [getattr(one, kind) for one in all_] for name, all_ in spent.items()}
        print_times(f"{SIZE // MIB} MiB from nginx, {kind} time", taken)
        times |= {f"{kind}: {name}": seconds for name, seconds in taken.items()}
        # of neighbours in time, so that a machine that gets slower meanwhile favours neither
        ratio = statistics.median(x / y for x, y in zip(taken[FERRY], taken[OWN], strict=True))
        work = f"{SIZE // MIB} MiB by X-Accel-Redirect, {kind} time"
        verdicts.append(Verdict(work, OWN, round(GOAL, 3), ratio))
    print_verdicts(verdicts)
    write_json(path, times, verdicts)


if __name__ == "__main__":
    main()
