"""Threads of requests: as many as there are at once; connections that outlast a request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import connection, connections

from config.server import request_threads
from config.server.request_threads import RequestThreads, keep_connections

ALL_THREADS = 5


def run(calls: Callable[[RequestThreads], Any]) -> Any:
    async def main() -> Any:
        return await calls(threads)

    threads = RequestThreads()
    return asyncio.run(main())


def alive(threads: list[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threads if thread.is_alive()]


def test_one_after_the_other_has_the_same_thread() -> None:
    async def calls(threads: RequestThreads) -> set[int]:
        return {await threads.run(threading.get_ident) for _ in range(20)}

    assert len(run(calls)) == 1


def test_as_many_as_there_are_requests_and_none_waits() -> None:
    together = threading.Barrier(ALL_THREADS)

    async def calls(threads: RequestThreads) -> list[int]:
        waits = (threads.run(together.wait, 30) for _ in range(ALL_THREADS))
        return await asyncio.gather(*waits)

    assert sorted(run(calls)) == list(range(ALL_THREADS))


def test_an_idle_thread_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_threads, "IDLE", 0.01)

    async def calls(threads: RequestThreads) -> threading.Thread:
        return await threads.run(threading.current_thread)

    thread = run(calls)
    thread.join(30)
    assert not thread.is_alive()


def test_a_few_idle_threads_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the server runs, that is: a loop that has ended asks nothing more."""
    monkeypatch.setattr(request_threads, "IDLE", 0.01)
    together = threading.Barrier(ALL_THREADS)

    def work() -> threading.Thread:
        together.wait(30)
        return threading.current_thread()

    async def calls(threads: RequestThreads) -> None:
        found = await asyncio.gather(*(threads.run(work) for _ in range(ALL_THREADS)))
        async with asyncio.timeout(30):
            while len(alive(found)) > 2:
                await asyncio.sleep(0.01)
        assert len(alive(found)) == 2
        monkeypatch.setattr(request_threads, "KEPT_FOR", 0.01)
        last = await threads.run(threading.current_thread)
        assert last in found
        await asyncio.to_thread(last.join, 30)
        assert not last.is_alive()

    asyncio.run(calls(RequestThreads(kept=2)))


def test_an_error_is_the_callers() -> None:
    async def calls(threads: RequestThreads) -> None:
        await threads.run(int, "no number")

    with pytest.raises(ValueError, match="no number"):
        run(calls)


def test_the_end_waits_for_what_runs() -> None:
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(30)
        done.set()

    async def calls(threads: RequestThreads) -> RequestThreads:
        task = asyncio.ensure_future(threads.run(work))
        await asyncio.to_thread(begun.wait, 30)
        task.cancel()  # as the server does with all that it runs
        return threads

    threads = run(calls)
    threading.Timer(0.05, go_on.set).start()
    threads.finish()
    assert done.is_set()


@pytest.mark.django_db(transaction=True)
def test_a_connection_outlasts_a_request_but_not_its_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_threads, "IDLE", 0.01)
    made: list[Any] = []

    def ask(query: str) -> Any:
        connections["default"].cursor().execute(query)
        keep_connections()
        connection.close_if_unusable_or_obsolete()  # as Django does at a request's end
        made.append(connections["default"].connection)
        return threading.current_thread()

    async def calls(threads: RequestThreads) -> Any:
        monkeypatch.setattr(request_threads, "IDLE", 30)
        await threads.run(ask, "SELECT 1")
        await threads.run(ask, "SELECT 1")
        with pytest.raises(Exception, match="syntax"):
            await threads.run(ask, "no query")
        await threads.run(keep_connections)
        monkeypatch.setattr(request_threads, "IDLE", 0.01)
        return await threads.run(ask, "SELECT 1")

    run(calls).join(30)
    first, second, third = made
    assert first is second
    assert third is not first  # one that reported an error is closed
    with pytest.raises(Exception, match="closed"):
        third.execute("SELECT 1")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread keeps it for as long as a minute: the database may have started again since."""

    def ask() -> int:
        request_started.send(sender=RequestThreads)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        keep_connections()
        return int(pid)

    async def calls(threads: RequestThreads) -> None:
        first, second = await threads.run(ask), await threads.run(ask)
        await asyncio.to_thread(end, first)
        third = await threads.run(ask)
        assert first == second != third

    def end(pid: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        connection.close()

    monkeypatch.setattr(request_threads, "IDLE", 0.01)
    monkeypatch.setattr(request_threads, "KEPT_FOR", 0.5)
    asyncio.run(calls(RequestThreads(kept=1)))
