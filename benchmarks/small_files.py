"""The cost of a small file, from its POST to the stored file, and the number of them a second.

    python -m benchmarks.small_files [--files 200] [--workers 1,2,3] [--against FOLDER]
    python -m benchmarks.small_files --posts 480 --clients 40 [--against FOLDER]

Files of 1 MB from a source on loopback, each posted by itself over connections that are kept, to
a web process and workers as ``manage.py up`` starts them. On SQLite, or with ``DATABASE_URL`` (a
PostgreSQL on which databases may be made). Counted is the processor time of each process with its
threads and children, in user and kernel mode; the client and the source are other processes.

Then one file is fetched within one process, and its statements are counted by kind. With
``--posts`` new links are posted by many clients at once instead, and timed; the worker is at work.
``--against`` has a checkout of other code measured beside it, in turns.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg

from benchmarks.compare import Verdict, as_data, print_verdicts
from tests.support.shell import ROOT
from tests.support.stack import Stack, until

SIZE = 1_000_000
CLIENTS = 4  # that post the files
WARM = 20  # files before the first round: imports, connections
GOAL_WORKER, GOAL_RATE, GOAL_P95 = 30.0, 25.0, 1.5

_STORED = "from downloads.models import Rendition as R; print(R.objects.filter(status='stored')"
_COUNT = f"{_STORED}.count())"
_LAST = f"{_STORED}.latest('stored_at').stored_at.timestamp())"
# One file, from the POST's service to its end, in this process: its statements on standard output.
_STATEMENTS = """
import json, re
from collections import Counter
from django.db import connection
from accounts.models import User
from downloads import services
from downloads.engine.core.media import Quality
from downloads.jobs import runner
from downloads.queue.worker import WorkerProcess
seen = []
def note(execute, sql, params, many, context):
    seen.append(sql)
    return execute(sql, params, many, context)
def kinds():
    found = Counter()
    for sql in seen:
        verb = sql.split(None, 1)[0].strip('"').upper()
        table = re.search(r'(?:FROM|INTO|UPDATE|TABLE)\\s+"?(\\w+)"?', sql)
        found[f"{verb} {table.group(1) if table else ''}".strip()] += 1
    seen.clear()
    return found
user = User.objects.get(username="alice")
process = WorkerProcess()
for number in range(2):  # the first pays for what is read once
    with connection.execute_wrapper(note):
        services.request(user, url=URL + str(number), quality=Quality("auto"))
        posted = kinds()
        with process.claim() as job:
            runner.run(job.lease, job.stop)
        fetched = kinds()
print(json.dumps([posted, fetched]))
"""


@dataclass
class Installation:
    """A web process and workers of one code, on a database of its own."""

    name: str
    stack: Stack
    token: str
    source: str
    workers: list[psutil.Process]
    database: psutil.Process | None
    figures: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.web = self.stack.one("daphne")
        self.numbers = count()

    def urls(self, many: int) -> list[str]:
        return [f"{self.source}?{next(self.numbers)}" for _ in range(many)]

    def stored(self) -> int:
        return int(self.stack.shell(_COUNT))

    def post(self, urls: Sequence[str], clients: int) -> list[float]:
        """Post the links, shared out over so many connections. Return the seconds of each."""
        taken: list[float] = []
        threads = [
            threading.Thread(target=self._post, args=(urls[number::clients], taken))
            for number in range(clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(taken) != len(urls):
            raise SystemExit(f"{len(urls) - len(taken)} of {len(urls)} requests failed")
        return taken

    def _post(self, urls: Sequence[str], taken: list[float]) -> None:
        client = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        for url in urls:
            began = time.perf_counter()
            client.request("POST", "/api/v1/downloads/", json.dumps({"url": url}), headers)
            answer = client.getresponse()
            if answer.read() and answer.status == 201:
                taken.append(time.perf_counter() - began)

    def fetch(self, many: int, *, counts: bool = True) -> None:
        """Post so many files, wait until they are stored, and note what one took."""
        before, spent, began = self.stored(), self._spent(), time.time()
        self.post(self.urls(many), CLIENTS)
        until(lambda: self.stored() >= before + many, 600, pause=0.5)
        if not counts:
            return
        took = float(self.stack.shell(_LAST)) - began
        for name, seconds in self._spent().items():
            self.note(f"{name}, ms a file", (seconds - spent[name]) / many * 1000)
        self.note("files a second", many / took)

    def note(self, name: str, figure: float) -> None:
        self.figures.setdefault(name, []).append(figure)

    def _spent(self) -> dict[str, float]:
        spent = {"web": _tree(self.web), "worker": sum(_tree(each) for each in self.workers)}
        return spent if self.database is None else spent | {"database": _tree(self.database)}


def _tree(process: psutil.Process) -> float:
    """Return the seconds of processor of a process, its children, and those that it waited for."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            total += sum(each.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=200, help="of one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", default="1,2,3", help="numbers of workers, each measured")
    parser.add_argument("--posts", type=int, default=0, help="new links by many clients, instead")
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--against", type=Path, help="a checkout of other code")
    parser.add_argument("--json", type=Path, default=Path("small_files.json"))
    options = parser.parse_args()
    verdicts: list[Verdict] = []
    data: dict[str, object] = {}
    for workers in [1] if options.posts else map(int, options.workers.split(",")):
        with _installations(options.against, workers) as found:
            for each in found:
                each.fetch(WARM * workers, counts=False)
            for number in range(options.rounds):
                for each in found if number % 2 else found[::-1]:
                    _measure(each, options)
        _print(found, workers)
        data[f"{workers} workers"] = {each.name: each.figures for each in found}
        verdicts += _verdicts(found[0].figures, workers)
    if not options.posts:
        data["statements"] = _print_statements(options.against)
    print_verdicts(verdicts)
    options.json.write_text(json.dumps(data | {"verdicts": as_data(verdicts)}, indent=2) + "\n")


def _measure(installation: Installation, options: argparse.Namespace) -> None:
    if not options.posts:
        installation.fetch(options.files)
        return
    before = installation.stored()
    taken = sorted(installation.post(installation.urls(options.posts), options.clients))
    installation.note("POST by all at once, p50 s", statistics.median(taken))
    installation.note("POST by all at once, p95 s", taken[int(len(taken) * 0.95)])
    until(lambda: installation.stored() >= before + options.posts, 600, pause=0.5)


def _verdicts(figures: dict[str, list[float]], workers: int) -> list[Verdict]:
    where = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    where = f"{where}, workers: {workers}"
    reached = {name: statistics.median(each) for name, each in figures.items()}
    if (p95 := reached.get("POST by all at once, p95 s")) is not None:
        return [Verdict("new links by many clients, p95", where, GOAL_P95, p95, "s")]
    spent, rate = reached["worker, ms a file"], reached["files a second"]
    found = [Verdict("1 MB file, worker's processor time", where, GOAL_WORKER, spent, "ms")]
    if workers > 1:
        found.append(Verdict("time of 25 such files", where, 1.0, GOAL_RATE / rate, "s"))
    return found


# --- what is measured -----------------------------------------------------------------------


@contextmanager
def _installations(other: Path | None, workers: int) -> Iterator[list[Installation]]:
    roots = {"this code": ROOT} | ({"other code": other.resolve()} if other else {})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ferry-bench-")))
        source = stack.enter_context(_source(folder / "source"))
        yield [
            stack.enter_context(_installation(folder, name, root, source, workers))
            for name, root in roots.items()
        ]


@contextmanager
def _installation(
    folder: Path, name: str, root: Path, source: str, workers: int
) -> Iterator[Installation]:
    with ExitStack() as exit_stack:
        database = exit_stack.enter_context(_database())
        stack = Stack(
            folder / name.replace(" ", "-"),
            database_url=database,
            only="redis,web" + (",worker" if workers else ""),
            root=root,
            FETCH_HOST_CONCURRENCY="100",
        )
        exit_stack.enter_context(stack)
        found = [exit_stack.enter_context(_worker(stack, root)) for _ in range(workers - 1)]
        if workers:
            found.append(stack.one("celery"))
        token = stack.token("alice")
        yield Installation(name, stack, token, source, found, _server_of(database))


@contextmanager
def _worker(stack: Stack, root: Path) -> Iterator[psutil.Process]:
    """Start another worker beside that of ``up``."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker"]
    worker = subprocess.Popen(
        command,
        cwd=root,
        env=stack.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(worker.pid)
    finally:
        worker.terminate()
        worker.wait(30)


@contextmanager
def _source(folder: Path) -> Iterator[str]:
    """Serve one file under any query: each is another link."""
    folder.mkdir(parents=True)
    (folder / "file.bin").write_bytes(secrets.token_bytes(SIZE))
    command = [sys.executable, "-m", "benchmarks.origin", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/file.bin"
        finally:
            process.terminate()


@contextmanager
def _database() -> Iterator[str]:
    """Yield the address of a new database, empty for SQLite."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        yield ""
        return
    name = f"small_files_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _server_of(database: str) -> psutil.Process | None:
    """Return the server's first process if it runs on this machine, None on SQLite."""
    if not database:
        return None
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        return psutil.Process(row[0]).parent()


# --- what is told ---------------------------------------------------------------------------


def _print(found: Sequence[Installation], workers: int) -> None:
    print(f"\n{f'workers: {workers}':<44}{'min':>8}{'median':>8}{'max':>8}")
    for name in found[0].figures:
        for each in found:
            some = each.figures[name]
            figures = (min(some), statistics.median(some), max(some))
            row = f"{name}, {each.name}"
            print(f"{row:<44}" + "".join(f"{figure:>8.2f}" for figure in figures))


def _print_statements(other: Path | None) -> dict[str, object]:
    """Count the statements of one file by kind, with no other worker at work."""
    data: dict[str, object] = {}
    with _installations(other, 0) as found:
        for each in found:
            code = f"URL = {each.source + '?one'!r}\n{_STATEMENTS}"
            counts = [Counter(some) for some in json.loads(each.stack.shell(code))]
            data[each.name] = counts
            for name, some in zip(("POST", "worker"), counts, strict=True):
                print(f"\nstatements, {name}, {each.name}: {sum(some.values())}")
                for kind, times in some.most_common():
                    print(f"{times:>6}  {kind}")
    return data


if __name__ == "__main__":
    main()
