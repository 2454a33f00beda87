"""Workers are kept warm, reused, and replaced when they are worn or were for one use."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import InternalError, Stopped, StopReason
from downloads.engine.sandbox import serve
from downloads.engine.sandbox.confinement import Confinement, JailFailed, JailFailure
from downloads.engine.sandbox.pool import WarmPool
from downloads.engine.sandbox.worker import JailedWorker
from tests.engine.sandbox.conftest import eventually, marked, needs_linux
from tests.engine.sandbox.test_worker import ANSWERING

pytestmark = needs_linux


Make = Callable[..., WarmPool]


@pytest.fixture
def make(confinement: Confinement, marker: str) -> Iterator[Make]:
    jailed = replace(confinement, read_paths=(ANSWERING, Path(serve.__file__)))
    argv = [sys.executable, "-I", ANSWERING, serve.__file__, marker]
    with ExitStack() as stack:

        def made(**options: Any) -> WarmPool:
            pool = WarmPool(lambda: JailedWorker(argv, jailed), size=1, uses=3, **options)
            stack.callback(pool.close)
            return pool

        yield made


@pytest.fixture
def pool(make: Make) -> WarmPool:
    return make()


def ask(pool: WarmPool, text: str, *, user: str = "", private: bool = False) -> dict[str, object]:
    with pool.worker(user=user, private=private) as worker:
        return worker.ask({"remember": text}, timeout=60)


def test_one_is_warm_before_it_is_needed(pool: WarmPool, marker: str) -> None:
    pool.warm()
    assert eventually(lambda: len(marked(marker)) == 1, 30)
    (pid,) = marked(marker)
    assert ask(pool, "Alice")["pid"] == pid


def test_after_a_rest_none_is_left_until_there_is_work(pool: WarmPool, marker: str) -> None:
    pool.warm()
    ask(pool, "Alice")
    assert eventually(lambda: len(marked(marker)) == 2, 30)  # a used one, and the next
    pool.rest(after=3600.0)
    assert len(marked(marker)) == 2
    pool.rest(after=0.0)
    assert marked(marker) == []

    pool.warm()
    assert eventually(lambda: len(marked(marker)) == 1, 30)


def test_a_worn_one_is_replaced(pool: WarmPool) -> None:
    pids = [ask(pool, name)["pid"] for name in ("Alice", "Bob", "Charlie", "Alice")]
    assert pids[0] != pids[-1] or len(set(pids)) > 1
    assert max(pids.count(pid) for pid in pids) <= 3


def test_no_call_waits_for_the_successor_of_a_worn_one(pool: WarmPool, marker: str) -> None:
    pool.warm()
    assert eventually(lambda: len(marked(marker)) == 1, 30)
    first = ask(pool, "Alice")["pid"]
    assert eventually(lambda: len(marked(marker)) == 2, 30), "an unused one beside the used one"
    pids = [ask(pool, "Alice")["pid"] for _ in range(3)]
    assert pids[:2] == [first, first]
    assert pids[2] != first


def test_it_serves_one_user_and_nobody_else(pool: WarmPool) -> None:
    first = ask(pool, "a link of Alice", user="alice")
    again = ask(pool, "another of hers", user="alice")
    assert again["pid"] == first["pid"]
    other = ask(pool, "a link of Bob", user="bob")
    assert other["remembered"] == ["a link of Bob"]
    assert other["pid"] != first["pid"]


def test_two_users_in_turn_never_share_one(pool: WarmPool) -> None:
    pool.warm()
    served: dict[object, set[str]] = {}
    for turn in range(6):
        user = ("alice", "bob")[turn % 2]
        served.setdefault(ask(pool, f"{turn}", user=user)["pid"], set()).add(user)
    assert all(len(users) == 1 for users in served.values()), served


def test_a_request_starts_no_other_once_one_is_ready(pool: WarmPool, marker: str) -> None:
    pool.warm()
    ask(pool, "Alice")
    assert eventually(lambda: len(marked(marker)) == 2, 30)
    with pool.worker() as worker:
        worker.ask({}, timeout=60)
        assert not pool._filling
        assert len(marked(marker)) == 2


def test_one_that_misbehaves_is_replaced(pool: WarmPool) -> None:
    with pytest.raises(JailFailed), pool.worker() as worker:
        worker.ask({"misbehave": "die"}, timeout=60)
    assert ask(pool, "Bob")["remembered"] == ["Bob"]


def test_a_private_one_is_new_and_serves_no_other_after(pool: WarmPool, marker: str) -> None:
    for _ in range(2):
        ask(pool, "Alice")
    private = ask(pool, "Bob's cookies", private=True)
    assert private["remembered"] == ["Bob's cookies"]
    assert private["pid"] not in marked(marker)
    assert "Bob's cookies" not in ask(pool, "Charlie")["remembered"]


def test_no_call_waits_while_few_are_at_work(pool: WarmPool) -> None:
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


class Crowd:
    """Threads that want a worker each, and keep it until they are told to let go."""

    def __init__(self, pool: WarmPool, count: int) -> None:
        self._pool = pool
        self.go = threading.Event()
        self.served: list[int] = []
        self._threads = [threading.Thread(target=self._want) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _want(self) -> None:
        with self._pool.worker() as worker:
            self.served.append(int(worker.ask({}, timeout=60)["pid"]))
            self.go.wait(60)

    def end(self) -> None:
        self.go.set()
        for thread in self._threads:
            thread.join(60)


def test_no_more_than_so_many_are_at_work(make: Make, marker: str) -> None:
    pool = make(most=2)
    crowd = Crowd(pool, 5)
    assert eventually(lambda: len(crowd.served) == 2, 30)
    assert len(marked(marker)) == 2
    crowd.end()
    assert len(crowd.served) == 5


def test_the_wait_for_one_is_bounded_and_hears_the_stop(make: Make) -> None:
    stop, told = StopToken(), StopToken()
    told.stop(StopReason.SHUTDOWN)
    pool = make(most=1, patience=1.0)
    with pool.worker():
        with pytest.raises(InternalError) as raised, pool.worker(stop=stop):
            pass
        assert stop.idle_seconds < 1, "or the lease would be lost over it"
        with pytest.raises(Stopped), pool.worker(stop=told):
            pass
    assert "busy with other links" in raised.value.message
    assert ask(pool, "Alice"), "its turn was given back"


def test_a_turn_is_given_back_where_none_can_be_made() -> None:
    def make() -> JailedWorker:
        raise JailFailed(JailFailure.SETUP)

    pool = WarmPool(make, most=1, patience=0.3)
    for _ in range(3):
        with pytest.raises(JailFailed), pool.worker():
            pass


def test_a_renewed_pool_ends_what_is_unused_and_lets_go_on_what_is_not(
    pool: WarmPool, marker: str
) -> None:
    pool.warm()
    assert eventually(lambda: len(marked(marker)) == 1, 30)
    with pool.worker() as busy:
        old = busy.ask({"remember": "Alice"}, timeout=60)["pid"]
        assert eventually(lambda: len(marked(marker)) == 2, 30)
        (unused,) = set(marked(marker)) - {old}
        pool.renew()
        assert eventually(lambda: unused not in marked(marker), 30)
        assert busy.ask({"remember": "Alice"}, timeout=60)["pid"] == old
    assert eventually(lambda: old not in marked(marker), 30)
    assert ask(pool, "Alice")["pid"] not in (old, unused)
