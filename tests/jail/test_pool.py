"""Workers are kept warm, reused, and replaced when they are worn or were somebody's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from downloads.egress.jail import serve
from downloads.egress.jail.confinement import Confinement, JailFailed
from downloads.egress.jail.pool import WarmPool
from downloads.egress.jail.worker import JailedWorker
from tests.jail.conftest import eventually, marked, needs_linux
from tests.jail.test_worker import ANSWERING

pytestmark = needs_linux


@pytest.fixture
def pool(confinement: Confinement, marker: str) -> Iterator[WarmPool]:
    jailed = replace(confinement, read_paths=(ANSWERING, Path(serve.__file__)))
    argv = [sys.executable, "-I", ANSWERING, serve.__file__, marker]
    made = WarmPool(lambda: JailedWorker(argv, jailed), size=1, uses=3)
    yield made
    made.close()


def ask(pool: WarmPool, name: str, *, private: bool = False) -> dict[str, object]:
    with pool.worker(private=private) as worker:
        return worker.ask({"remember": name}, timeout=60)


def test_one_is_warm_before_it_is_needed(pool: WarmPool, marker: str) -> None:
    pool.warm()
    assert eventually(lambda: len(marked(marker)) == 1, 30)
    (pid,) = marked(marker)
    assert ask(pool, "Alice")["pid"] == pid


def test_a_worn_one_is_replaced(pool: WarmPool) -> None:
    pids = [ask(pool, name)["pid"] for name in ("Alice", "Bob", "Charlie", "Alice")]
    assert pids[0] != pids[-1] or len(set(pids)) > 1
    assert max(pids.count(pid) for pid in pids) <= 3


def test_one_that_misbehaves_is_replaced(pool: WarmPool) -> None:
    with pytest.raises(JailFailed), pool.worker() as worker:
        worker.ask({"misbehave": "die"}, timeout=60)
    assert ask(pool, "Bob")["remembered"] == ["Bob"]


def test_a_private_one_is_new_and_serves_nobody_after(pool: WarmPool, marker: str) -> None:
    for _ in range(2):
        ask(pool, "Alice")
    private = ask(pool, "Bob's cookies", private=True)
    assert private["remembered"] == ["Bob's cookies"]
    assert private["pid"] not in marked(marker)
    assert "Bob's cookies" not in ask(pool, "Charlie")["remembered"]


def test_there_is_no_queue(pool: WarmPool) -> None:
    with pool.worker() as one, pool.worker() as other:
        assert one is not other
        first, second = one.ask({}, timeout=60), other.ask({}, timeout=60)
    assert first["pid"] != second["pid"]


def test_the_surplus_ends(pool: WarmPool, marker: str) -> None:
    with pool.worker(), pool.worker(), pool.worker():
        pass
    assert eventually(lambda: len(marked(marker)) == 1, 30)


def test_closing_it_ends_all(pool: WarmPool, marker: str) -> None:
    ask(pool, "Alice")
    with pool.worker():
        pool.close()
    assert eventually(lambda: marked(marker) == [], 30)
