"""The processor time of a request in one web process, on SQLite.

    python -m benchmarks.web [--rounds 5] [--requests 100] [--against FOLDER]

Starts the web process and its Redis as ``manage.py up`` does, and asks by token over one connection
that is kept, one request after the other: a download, a list of 50, a link that the user has
already, a new link. Counted is what the web process takes, all its threads together, in user and
kernel mode; the client and Redis are other processes. ``--against`` has a checkout of other code
measured beside it, in turns. Prints min, median and max over the rounds, and writes JSON.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil

from benchmarks.compare import Verdict, as_data, print_verdicts
from tests.support.shell import ROOT
from tests.support.stack import Stack

GOALS = {"GET one": 5.0, "GET list of 50": 9.0, "POST known": 7.0, "POST new": 14.0}
WARM = 30  # requests of each kind before the first round
KNOWN = "https://media.example/1.mp4"
ROWS = """
from accounts.models import User
from tests.support.ledger import ask, claim_by, stored, worker
user = User.objects.get(username="alice")
busy = worker(concurrency=1000)
user.max_active = 1000
user.save()
for number in range(30):
    ask(user, f"https://host{number}.example/{number}.mp4")
    stored(claim_by(busy))
for number in range(29):
    ask(user, f"https://media.example/later/{number}.mp4")
print(ask(user, "https://media.example/1.mp4").pk)
busy.delete()
"""


@dataclass
class Server:
    """A web process that is asked by one user."""

    name: str
    stack: Stack
    token: str
    download: str
    spent: dict[str, list[float]] = field(default_factory=dict)  # ms of processor a request
    waited: dict[str, list[float]] = field(default_factory=dict)  # ms of wall time a request

    def __post_init__(self) -> None:
        self.process: psutil.Process = self.stack.one("daphne")
        self.client = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=60)
        self._numbers = count()

    def run(self, kind: str, requests: int, *, counts: bool = True) -> None:
        bodies = list(self._requests(kind, requests))
        processor, began = _processor(self.process), time.perf_counter()
        for method, path, body in bodies:
            self._ask(method, path, body)
        took = time.perf_counter() - began
        if counts:
            used = _processor(self.process) - processor
            self.spent.setdefault(kind, []).append(used / requests * 1000)
            self.waited.setdefault(kind, []).append(took / requests * 1000)

    def _requests(self, kind: str, requests: int) -> Iterator[tuple[str, str, str | None]]:
        for _ in range(requests):
            match kind:
                case "GET one":
                    yield "GET", f"downloads/{self.download}/", None
                case "GET list of 50":
                    yield "GET", "downloads/", None
                case "POST known":
                    yield "POST", "downloads/", json.dumps({"url": KNOWN})
                case _:
                    url = f"https://new.example/{next(self._numbers)}.mp4"
                    yield "POST", "downloads/", json.dumps({"url": url})

    def _ask(self, method: str, path: str, body: str | None) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.client.request(method, f"/api/v1/{path}", body, headers)
        answer = self.client.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            raise SystemExit(f"{method} {path}: {answer.status} {text.decode()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--against", type=Path, help="a checkout of other code")
    parser.add_argument("--json", type=Path, default=Path("web.json"))
    options = parser.parse_args()
    roots = {"this code": ROOT}
    if options.against:
        roots["other code"] = options.against.resolve()
    with tempfile.TemporaryDirectory(prefix="ferry-bench-") as folder, ExitStack() as stack:
        servers = [_start(stack, Path(folder), name, root) for name, root in roots.items()]
        for server in servers:
            for kind in GOALS:
                server.run(kind, WARM, counts=False)
        for number in range(options.rounds):
            for kind in GOALS:
                for server in servers if number % 2 else servers[::-1]:
                    server.run(kind, options.requests)
    _report(servers, options.json)


def _start(exit_stack: ExitStack, folder: Path, name: str, root: Path) -> Server:
    stack = Stack(folder / name.replace(" ", "-"), only="redis,web", root=root)
    exit_stack.enter_context(stack)
    token = stack.token("alice")
    return Server(name, stack, token, stack.shell(ROWS).strip())


def _processor(process: psutil.Process) -> float:
    """Return the seconds of processor that a process has taken."""
    used = process.cpu_times()
    return float(used.user + used.system)


def _report(servers: list[Server], path: Path) -> None:
    print(f"{'milliseconds a request':<34}{'min':>8}{'median':>8}{'max':>8}{'wall':>8}")
    for kind in GOALS:
        for server in servers:
            spent, wall = server.spent[kind], statistics.median(server.waited[kind])
            figures = (min(spent), statistics.median(spent), max(spent), wall)
            print(f"{kind + ', ' + server.name:<34}" + "".join(f"{one:>8.2f}" for one in figures))
    own = servers[0].spent
    verdicts = [
        Verdict(f"{kind}, processor time", "-", goal, statistics.median(own[kind]), "ms")
        for kind, goal in GOALS.items()
    ]
    print_verdicts(verdicts)
    data = {
        "processor": {server.name: server.spent for server in servers},
        "wall": {server.name: server.waited for server in servers},
        "verdicts": as_data(verdicts),
    }
    path.write_text(json.dumps(data, indent=2) + "\n")


if __name__ == "__main__":
    main()
