"""The cost of a large ledger: ``python -m benchmarks.ledger [--waiting 100000] [--kept 100000]``.

On SQLite, or where ``DATABASE_URL`` says (an empty PostgreSQL database). A claim with 100 and with
``--waiting`` downloads in line, of 50 users at 5 hosts; the lists of a user who has half of all
that waits and half of all that is kept, by the API and as pages, and their searches for words that
many have, few, and none; ``--only`` one of both. Wall and processor time of one process, medians;
on SQLite the second includes the database's work.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.compare import Verdict, print_verdicts

USERS, HOSTS = 50, 5
ROUNDS = 15
SLICE = 2000  # rows of one INSERT
LISTS = ("?tab=active", "?tab=failed", "?tab=completed")
SEARCHES = ("ferry", "4242", "nowhere", "ferry+4242")  # of a fifth, of few, of none
WORDS = ("river", "mountain", "harbour", "ferry", "bridge")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--kept", type=int, default=100_000)
    parser.add_argument("--only", choices=("claims", "lists"), help="a part of it")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with _installation():
        verdicts = _measured(options.waiting, options.kept, options.only)
    print_verdicts(verdicts)
    if options.json:
        options.json.write_text(json.dumps({"verdicts": [vars_of(each) for each in verdicts]}))


def vars_of(verdict: Verdict) -> dict[str, Any]:
    names = ("work", "against", "goal", "reached", "unit")
    return {name: getattr(verdict, name) for name in names}


@contextmanager
def _installation() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="ferry-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "ENV_FILE": os.devnull,
            "DATA_DIR": folder,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "LOG_LEVEL": "ERROR",
            "FETCH_HOST_CONCURRENCY": "1000",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield


def _measured(waiting: int, kept: int, only: str | None) -> list[Verdict]:
    from django.db import connection

    from accounts.models import User

    where = connection.vendor
    users = [User.objects.create(username=f"user{n}", max_active=10_000) for n in range(USERS)]
    own = users[0]
    fill(100, "queued", lambda number: users[number % USERS])
    few = None if only == "lists" else _timed(_claim_by(), 30)
    fill(waiting // 2, "queued", lambda _: own)
    fill(waiting // 2, "queued", lambda number: users[number % USERS])
    fill(kept // 2, "stored", lambda _: own)
    fill(kept // 2, "stored", lambda number: users[number % USERS])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if where == "postgresql" else "ANALYZE")
    found = [] if few is None else list(_claims(where, waiting, few))
    if only != "claims":
        found += _lists(where, own)
    return found


def _claims(where: str, waiting: int, few: tuple[float, float]) -> Iterator[Verdict]:
    many, many_cpu = _timed(_claim_by(), 30)
    limit = 8.0 if where == "postgresql" else 5.0
    yield Verdict(f"claim, {waiting} waiting", where, limit, many, "ms")
    yield Verdict(f"the same, against 100 ({few[0]:.1f} ms)", where, 1.25, many / few[0], "x")
    work = f"its processor time, against 100 ({few[1]:.1f})"
    yield Verdict(work, where, 1.25, many_cpu / few[1])


def _lists(where: str, user: Any) -> Iterator[Verdict]:
    for work, goal, call in _reads(user):
        wall, cpu = _timed(call, ROUNDS)
        yield Verdict(f"{work} ({cpu:.1f} ms cpu)", where, goal, wall, "ms")


def fill(
    many: int, status: str, owner: Callable[[int], Any], at: str = "https://host{}.example"
) -> None:
    """Have ``many`` more, the newest last. ``at``: their sources, of which there are HOSTS."""
    from django.utils import timezone

    from downloads.models import Content, Download, Rendition
    from downloads.querysets import BEGINS_AS
    from downloads.queue import ledger_check

    now, name = timezone.now(), secrets.token_hex(4)
    for start in range(0, many, SLICE):
        numbers = range(start, min(start + SLICE, many))
        contents = [
            Content(
                source_url=f"{at.format(n % HOSTS + 1)}/{name}/{n}.bin",
                url_key=f"{name}{n}",
                title=f"Film {n} of the great {WORDS[n % len(WORDS)]}",
                probe_status="ready",
            )
            for n in numbers
        ]
        stored = {"size": 1000} if status == "stored" else {}
        renditions = [
            Rendition(
                content=content,
                quality="auto",
                host=urlsplit(content.source_url).hostname,
                status=status,
                queued_at=now,
                next_attempt_at=now,
                waits_since=now,
                **stored,
                **({"storage_name": f"{name}{n}.mp4"} if stored else {}),
            )
            for n, content in zip(numbers, contents, strict=True)
        ]
        rows = [
            Download(
                user=owner(n),
                content=rendition.content,
                rendition=rendition,
                quality="auto",
                **BEGINS_AS[status],
            )
            for n, rendition in zip(numbers, renditions, strict=True)
        ]
        for model, some in ((Content, contents), (Rendition, renditions), (Download, rows)):
            model._default_manager.bulk_create(some)
    ledger_check.repair_unfinished()


def _claim_by() -> Callable[[], object]:
    from downloads.models import Worker
    from downloads.queue.claim import claim

    by = Worker.objects.create(hostname="bench", pid=1, process_started_at=0, concurrency=10_000)
    return lambda: claim(by) or _missing()


def _missing() -> None:
    raise AssertionError("nothing to claim")


def _reads(user: Any) -> Iterator[tuple[str, float, Callable[[], object]]]:
    """Yield each list, page and search, its goal in ms, and the call."""
    from django.test import Client

    from accounts.models import User
    from downloads.models import Download

    client, staff = Client(HTTP_HOST="127.0.0.1"), Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    staff.force_login(User.objects.create(username="staff", is_staff=True, is_superuser=True))
    one = Download.objects.of(user).values_list("pk", flat=True).first()
    goals = {f"/api/v1/downloads/{query}": 20.0 for query in LISTS}
    goals |= {f"/api/v1/downloads/?search={word}": 60.0 for word in SEARCHES}
    goals |= {f"/api/v1/downloads/{one}/": 5.0, "/api/v1/queue/": 20.0}
    goals |= {f"/?tab={tab}": 20.0 for tab in ("active", "completed")}
    for path, goal in goals.items():
        work = path.replace(str(one), "ID")
        yield f"GET {work}", goal, lambda path=path: _ok(client.get(path))
    yield "GET /queue/, of staff", 20.0, lambda: _ok(staff.get("/queue/"))


def _ok(response: Any) -> None:
    assert response.status_code == 200, response.status_code


def _timed(call: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the median wall and processor time of a call, in ms."""
    call()
    walls, processor = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append(1000 * (time.perf_counter() - wall))
        processor.append(1000 * (time.process_time() - cpu))
    return statistics.median(walls), statistics.median(processor)


if __name__ == "__main__":
    main()
