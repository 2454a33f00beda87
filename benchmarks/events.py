"""The time of an event from a worker to a page, while 1,000 other sockets are held.

    python -m benchmarks.events [--sockets 1000] [--rounds 5] [--json PATH]

A real daphne and a real Redis, each a process of its own; so are the worker that sends events, the
1,000 idle clients of as many users, and the page that listens (this process). Measured is

publish  from the call that publishes a finished message to its receipt by the page
report   from the call with which the engine reports progress (a write, then a read of the
         database) to its receipt: the whole path in the product

Times are of one monotonic clock, which all processes of a host share.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.compare import Verdict, as_data
from config.server.supervisor.port import ReservedPort

ROOT = Path(__file__).parents[1]
EVENTS = 1000  # in one round
END = "round:end"
PACE = 0.005  # seconds between two events
DOWNLOADS = 60  # that report in turn, so that each stays under four events a second
GOAL = {"p50": 3.0, "p99": 25.0}  # milliseconds


@dataclass(frozen=True, slots=True)
class Round:
    """The results of one round, in milliseconds.

    ``count`` is below EVENTS if this machine was so late that two reports of one download fell into
    one quarter of a second.
    """

    count: int
    p50: float
    p99: float
    longest: float

    @classmethod
    def of(cls, latencies: list[float]) -> Round:
        cuts = statistics.quantiles(latencies, n=100)
        return cls(count=len(latencies), p50=cuts[49], p99=cuts[98], longest=max(latencies))


def main() -> None:
    options = _arguments()
    if options.role == "idle":
        asyncio.run(_hold_idle_sockets(json.load(sys.stdin)))
        return
    with tempfile.TemporaryDirectory(prefix="ferry-bench-") as folder:
        if options.role == "all":
            redis_port = ReservedPort()
            _configure(Path(folder), redis_port.number)
        import django

        django.setup()
        if options.role == "worker":
            _work()
        else:
            _measure(options)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=ROOT / "benchmarks/results/events.json")
    parser.add_argument("--role", choices=["all", "idle", "worker"], default="all", help="ours")
    return parser.parse_args()


def _configure(folder: Path, redis_port: int) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/ferry.sqlite3",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "REDIS_URL": f"redis://:{secrets.token_hex(8)}@127.0.0.1:{redis_port}/0",
        "LOG_LEVEL": "WARNING",
    }


# --- the measuring process ------------------------------------------------------------------


def _measure(options: argparse.Namespace) -> None:
    from django.conf import settings
    from django.core.management import call_command

    from tests.support.daphne import Daphne
    from tests.support.ledger import person
    from tests.support.redis_server import RedisServer
    from tests.support.socket_page import Page, cookie_of

    call_command("migrate", verbosity=0)
    rounds: dict[str, list[Round]] = {"publish": [], "report": []}
    with (
        RedisServer(settings.REDIS_URL, settings.DATA_DIR / "redis"),
        Daphne() as server,
        _idle_sockets(server, [cookie_of(user) for user in _people(options.sockets)]),
    ):
        listener = person("listener", max_active=2 * DOWNLOADS)
        with Page(server, listener) as page, _worker(listener.pk) as worker:
            for _ in range(options.rounds):
                for mode, found in rounds.items():
                    found.append(_round(page, worker, mode))
        memory = server.memory
    _print(rounds, options.sockets, memory)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    facts = {
        "sockets": options.sockets,
        "events_per_round": EVENTS,
        "goal_ms": GOAL,
        "daphne_rss_bytes": memory,
        "verdicts": as_data(_verdicts(rounds)),
        "rounds_ms": {mode: [asdict(one) for one in found] for mode, found in rounds.items()},
    }
    options.json.write_text(json.dumps(facts, indent=2) + "\n")


def _verdicts(rounds: dict[str, list[Round]]) -> list[Verdict]:
    """Return the verdicts on the report mode, which includes the database write."""
    found = rounds["report"]
    reached = {
        "p50": statistics.median(one.p50 for one in found),
        "p99": statistics.median(one.p99 for one in found),
    }
    return [
        Verdict(f"event to the page, {name}", "-", goal, reached[name], "ms")
        for name, goal in GOAL.items()
    ]


def _people(count: int) -> list[Any]:
    from django.contrib.auth import get_user_model

    people = get_user_model().objects
    people.bulk_create(people.model(username=f"idle{number}") for number in range(count))
    return list(people.filter(username__startswith="idle"))


def _round(page: Any, worker: subprocess.Popen[str], mode: str) -> Round:
    """Run one round and measure the milliseconds from sending to receipt of each event."""
    assert worker.stdin is not None
    worker.stdin.write(f"{mode}\n")
    worker.stdin.flush()
    latencies = []
    while True:
        text = page.socket.recv(60)
        received = time.monotonic_ns()
        message = json.loads(text)
        if message["event"] == "download:progress":
            latencies.append((received - message["data"]["bytesDone"]) / 1e6)
        elif message["event"] == END:
            return Round.of(latencies)


def _print(rounds: dict[str, list[Round]], sockets: int, memory: int) -> None:
    print(f"{sockets} idle sockets held, {EVENTS} events a round, {1 / PACE:.0f} a second")
    load = " ".join(f"{part:.1f}" for part in os.getloadavg())
    print(f"{os.cpu_count()} cores, load average {load}")
    print(f"daphne: {memory / 2**20:.0f} MiB resident")
    print(f"{'':8} {'':8} {'min':>8} {'median':>8} {'max':>8} {'goal':>8}   ms")
    for mode, found in rounds.items():
        for name in ("p50", "p99", "longest"):
            values = [getattr(one, name) for one in found]
            shown = (min(values), statistics.median(values), max(values))
            cells = " ".join(f"{value:8.2f}" for value in shown)
            print(f"{mode:8} {name:8} {cells} {GOAL.get(name, ''):>8}")


# --- the idle clients -----------------------------------------------------------------------


@contextmanager
def _idle_sockets(server: Any, cookies: list[str]) -> Iterator[None]:
    order = json.dumps({"url": server.url, "origin": server.origin, "cookies": cookies})
    clients = _child("idle")
    assert clients.stdin is not None
    assert clients.stdout is not None
    try:
        clients.stdin.write(order)
        clients.stdin.close()
        assert clients.stdout.readline() == "held\n"
        yield
    finally:
        clients.kill()
        clients.wait()


async def _hold_idle_sockets(order: dict[str, Any]) -> None:
    from websockets.asyncio.client import connect

    from tests.support.socket_page import cookie_header

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    some = asyncio.Semaphore(50)
    held = []

    async def hold(cookie: str) -> None:
        async with some:
            socket = await connect(
                order["url"],
                origin=order["origin"],
                additional_headers=cookie_header(cookie),
                compression=None,
                ping_interval=None,
                open_timeout=60,
            )
            await socket.recv()
            held.append(socket)

    await asyncio.gather(*(hold(cookie) for cookie in order["cookies"]))
    print("held", flush=True)
    await asyncio.Event().wait()


# --- the worker -----------------------------------------------------------------------------


@contextmanager
def _worker(user_id: int) -> Iterator[subprocess.Popen[str]]:
    worker = _child("worker", BENCHMARK_USER=str(user_id))
    assert worker.stdout is not None
    try:
        assert worker.stdout.readline() == "ready\n"
        yield worker
    finally:
        worker.kill()
        worker.wait()


def _work() -> None:
    """Send a round of events for each line on stdin, which names the mode."""
    from django.contrib.auth import get_user_model

    from downloads.events.outbound_event import OutboundEvent
    from downloads.events.publisher import publisher
    from tests.support.ledger import ask, claim_by, url
    from tests.support.ledger import worker as worker_row

    user = get_user_model().objects.get(pk=os.environ["BENCHMARK_USER"])
    for number in range(DOWNLOADS):
        ask(user, url(f"host{number}.example"))
    row = worker_row(concurrency=DOWNLOADS)
    leases = [claim_by(row) for _ in range(DOWNLOADS)]
    print("ready", flush=True)
    seq = 10**6
    for line in sys.stdin:
        due = time.monotonic()
        for number in range(EVENTS):
            due += PACE
            time.sleep(max(due - time.monotonic(), 0.0))
            if line.strip() == "report":
                _report(leases[number % DOWNLOADS])
            else:
                seq += 1
                _publish(user.pk, seq)
        time.sleep(0.5)  # until events that were held back are out
        publisher().send([OutboundEvent(user.pk, json.dumps({"event": END}))])


def _report(lease: Any) -> None:
    from downloads.queue.lease import report

    report(lease, phase="downloading", bytes_done=time.monotonic_ns(), bytes_total=2**62)


def _publish(user_id: int, seq: int) -> None:
    import uuid

    from downloads.events.outbound_event import OutboundEvent
    from downloads.events.publisher import publisher
    from downloads.schemas import Event, ProgressData

    download_id = uuid.UUID(int=seq)  # each is another download's first: none is held back
    data = ProgressData(
        download_id=download_id,
        progress=50.0,
        phase=None,
        bytes_done=time.monotonic_ns(),
        bytes_total=None,
        speed=0.0,
        eta=None,
    )
    event = Event(event="download:progress", data=data, seq=seq)
    publisher().send([OutboundEvent.of(user_id, event, download_id)])


def _child(role: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.events", "--role", role],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    main()
