"""A long line while workers die: ``python -m benchmarks.long_line [--waiting 100000]``.

Two workers on one database (SQLite, or one of its own on the PostgreSQL that ``DATABASE_URL``
names), a web process, files of 20 kB at five addresses of loopback, 50 users who came one
after the other and wait for as many each; the last 2,000 are asked through the API. For
``--seconds`` the workers are killed with -9 in turns, one every ``--pause`` seconds, while a person
looks at their lists. Printed are the files that came, how evenly over the users (Jain's index: 1 is
even), whether each came whole and once, and the time that the lists took.
"""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from benchmarks.compare import Verdict, as_data, print_verdicts
from benchmarks.ledger import USERS
from config.server.supervisor.port import ReservedPort
from tests.support.database import own_database
from tests.support.origin import Origin
from tests.support.redis_server import RedisServer
from tests.support.request import Request
from tests.support.stack import Person, Stack, runs

SIZE: Final = 20_000  # bytes of a file
ASKED: Final = 2_000  # of the downloads, through the API
PAGES: Final = ("/?tab=active", "/api/v1/downloads/?tab=active", "/api/v1/queue/")
ROWS: Final = """
from accounts.models import User
from benchmarks.ledger import USERS, fill
users = [User.objects.get(username=f"user{number}") for number in range(USERS)]
fill(MANY, "queued", lambda number: users[number * USERS // MANY], "http://127.0.0.{}:PORT")
"""
FOUND: Final = """
import json
from pathlib import Path
from django.conf import settings
from django.db.models import Count
from downloads.models import Download, Rendition, Transition
from downloads.queue.ledger_check import differences
came = Download.objects.filter(state="completed").order_by()
by_user = came.values("user").annotate(count=Count("pk"))
stored = Rendition.objects.filter(status="stored")
ends = Transition.objects.filter(to_status="stored").order_by().values("rendition")
named = set(stored.values_list("storage_name", flat=True))
print(json.dumps({
    "by_user": list(by_user.values_list("count", flat=True)),
    "came": came.count(),
    "not whole": stored.exclude(size=SIZE).count(),
    "stored twice": ends.annotate(count=Count("pk")).filter(count__gt=1).count(),
    "without a file": sum(not Path(settings.STORAGE_PATH, name).is_file() for name in named),
    "failed": Download.objects.filter(state="failed").count(),
    "told wrongly": len(list(differences())),
}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--pause", type=float, default=5.0)
    parser.add_argument("--json", type=Path, default=Path("long_line.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ferry-bench-") as folder, ExitStack() as ends:
        web, workers, source = _site(ends, Path(folder))
        people = [web.person(f"user{number}") for number in range(USERS)]
        rows = ROWS.replace("MANY", str(options.waiting - ASKED))
        web.shell(rows.replace("PORT", str(source.port)))
        asked = [
            people[number % USERS].ask(f"http://127.0.0.1:{source.port}/asked/{number}.bin")
            for number in range(ASKED)
        ]
        assert len({each["id"] for each in asked}) == ASKED
        for worker in workers:
            ends.enter_context(worker)
        cookie = {"sessionid": web.session("user0")}  # for the page; the API takes the token
        kills, looks = _strike(workers, people[0], cookie, options.seconds, options.pause)
        for worker in workers:
            worker.stop()
        found = json.loads(web.shell(FOUND.replace("SIZE", str(SIZE))))
    _report(found, kills, looks, options.seconds, options.json)


def _site(ends: ExitStack, folder: Path) -> tuple[Stack, list[Stack], Origin]:
    url = ends.enter_context(own_database()) or f"sqlite:///{folder / 'ferry.sqlite3'}"
    redis_url = f"redis://:{secrets.token_hex(8)}@127.0.0.1:{ReservedPort().number}/0"
    ends.enter_context(RedisServer(redis_url, folder / "redis"))
    shared = {
        "REDIS_URL": redis_url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "STORAGE_PATH": str(folder / "media"),
        "FETCH_HOST_CONCURRENCY": "1000",
        "LOG_LEVEL": "warning",
    }

    def host(name: str, only: str) -> Stack:
        return Stack(folder / name, database_url=url, only=only, **shared)

    web = ends.enter_context(host("web", "web"))
    return web, [host("one", "worker"), host("two", "worker")], ends.enter_context(_Source())


class _Source(Origin):
    """A file at every path, each with bytes of its own."""

    def __init__(self) -> None:
        super().__init__(handle=self._file, host="0.0.0.0")  # so at all of 127.0.0.0/8

    def _file(self, asked: Request) -> bytes:
        data = (asked.target.encode() * SIZE)[:SIZE]
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
        return f"{head}Content-Length: {SIZE}\r\n\r\n".encode() + data


def _strike(
    workers: Sequence[Stack], person: Person, cookie: dict[str, str], seconds: float, pause: float
) -> tuple[int, dict[str, list[float]]]:
    """Kill them in turns. Return how often, and the seconds that each look at a list took."""
    over = threading.Event()
    looks: dict[str, list[float]] = defaultdict(list)

    def look() -> None:
        while not over.wait(1.0):
            for path in PAGES:
                began = time.perf_counter()
                answer = person.get(
                    f"{person.stack.url}{path}", cookies=cookie, allow_redirects=False
                )
                assert answer.status_code == 200, answer.text
                looks[path].append(time.perf_counter() - began)

    looking = threading.Thread(target=look)
    looking.start()
    kills, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(pause)
        for process in workers[kills % len(workers)].processes("celery"):
            if runs(process):
                process.kill()
        kills += 1
    over.set()
    looking.join()
    return kills, looks


def _jain(counts: Sequence[int]) -> float:
    """Return the index of fairness: 1 if all have as many, 1/n if one has all."""
    return sum(counts) ** 2 / (USERS * sum(count * count for count in counts))


def _report(
    found: dict[str, Any], kills: int, looks: dict[str, list[float]], seconds: float, path: Path
) -> None:
    counts = found.pop("by_user")
    print(f"{found.pop('came')} came in {seconds:.0f} s, {kills} kills; Jain {_jain(counts):.3f}")
    verdicts = [Verdict("unevenly over the users (1 - Jain)", "", 0.05, 1 - _jain(counts), "")]
    verdicts += [Verdict(name, "", 0, count, "") for name, count in found.items()]
    for page, took in looks.items():
        middle, tail = statistics.median(took), sorted(took)[int(len(took) * 0.95)]
        work = f"GET {page}, p50; p95 {1000 * tail:.0f} ms"
        verdicts.append(Verdict(work, "", 20, 1000 * middle, "ms"))
    print_verdicts(verdicts)
    path.write_text(json.dumps({"kills": kills, "verdicts": as_data(verdicts)}, indent=2) + "\n")


if __name__ == "__main__":
    main()
