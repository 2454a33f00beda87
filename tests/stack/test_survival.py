"""The main promise: a URL becomes a stored, exact file, and survives ``kill -9``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.content import MIB, content, sha256
from tests.support.file import File
from tests.support.files import files_below
from tests.support.length import figure
from tests.support.origin import Origin
from tests.support.stack import Person, Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]


@pytest.fixture
def alice(stack: Stack) -> Person:
    return stack.person("alice")


@pytest.fixture
def bob(stack: Stack) -> Person:
    return stack.person("bob")


def checkpoint_ranges(stack: Stack, download: str) -> list[tuple[int, int]]:
    """Return the durable bytes by the row."""
    told = stack.shell(
        "import json; from downloads.models import Download;"
        f"print(json.dumps(Download.objects.get(pk={download!r}).rendition.checkpoint))",
    )
    return [(start, end) for start, end in json.loads(told)["ranges"]]


def file_of(person: Person, download: dict[str, Any]) -> bytes:
    answer = person.get(f"downloads/{download['id']}/file/")
    assert answer.status_code == 200, answer.text
    return answer.content


def parts(stack: Stack) -> set[Path]:
    return set(files_below(stack.media / ".incoming"))


def test_the_worker_killed_at_40_percent(stack: Stack, alice: Person, origin: Origin) -> None:
    data = content(48 * MIB)
    file = origin.serve("/film.mp4", data, rate=MIB, hold_at=40 * MIB)
    asked = alice.ask(origin.url("/film.mp4"))
    until(lambda: alice.download(asked["id"])["progress"] >= 40, 60)
    stack.kill_worker()
    file.rate = file.hold_at = None
    since = len(origin.log)
    kept = checkpoint_ranges(stack, asked["id"])
    assert sum(end - start for start, end in kept) > 0.2 * len(data)

    done = alice.wait_for(asked["id"], "completed", 90)
    assert done["sha256"] == sha256(data)
    assert hashlib.sha256(file_of(alice, done)).hexdigest() == sha256(data)
    assert origin.sent_of("/film.mp4", kept, since) == 0
    told = alice.timeline(asked["id"])
    assert told == [
        "requested", "started", "worker_lost", "started", "finalizing", "stored",
    ]  # fmt: skip
    assert parts(stack) == set()


def test_twenty_at_once_and_the_worker_killed_twice(
    stack: Stack, alice: Person, origin: Origin
) -> None:
    size = figure(20, 50) * MIB
    datas = [content(size, number) for number in range(5)]
    paths = {f"/{number}.bin": datas[number % 5] for number in range(20)}
    served = [origin.serve(path, data, rate=24 * MIB) for path, data in paths.items()]
    # Where requests are slow and bytes fast, all would be stored before the first kill: the origin
    # keeps the rest of each file back until the last one.
    _hold(served, size // 3)
    asked = {alice.ask(origin.url(path))["id"]: data for path, data in paths.items()}
    for reached in (size // 3, size * 2 // 3):
        _hold(served, reached)
        most = 0.9 * reached
        until(lambda most=most: any(alice.download(pk)["bytesDone"] > most for pk in asked), 90)
        stack.kill_worker()
    _hold(served, None)
    for pk, data in asked.items():
        done = alice.wait_for(pk, "completed", 150)
        assert done["sha256"] == sha256(data)
        told = alice.timeline(pk)
        assert told[0] == "requested"
        assert told[-2:] == ["finalizing", "stored"]


def _hold(files: Iterable[File], at: int | None) -> None:
    for file in files:
        file.hold_at = at


def test_two_users_one_url_one_fetch(alice: Person, bob: Person, origin: Origin) -> None:
    data = content(32 * MIB, 7)
    origin.serve("/shared.mp4", data, rate=4 * MIB)
    first = alice.ask(origin.url("/shared.mp4"))
    second = bob.ask(origin.url("/shared.mp4"))
    assert first["id"] != second["id"]
    for person, download in ((alice, first), (bob, second)):
        assert person.wait_for(download["id"], "completed")["sha256"] == sha256(data)
    # one fetch; where a segment is cut, what is on its way already (UNREAD at most) is for nothing
    assert origin.sent < 1.1 * len(data)
    alice.request("DELETE", f"downloads/{first['id']}/")
    assert file_of(bob, bob.download(second["id"])) == data
    bob.request("DELETE", f"downloads/{second['id']}/")
    until(lambda: not list(stack_files(bob, "shared")))


def stack_files(person: Person, word: str) -> list[Any]:
    return [path for path in files_below(person.stack.media) if word in path.name]


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_posts_while_redis_is_away(stack: Stack, alice: Person, origin: Origin, how: str) -> None:
    redis = stack.one("valkey-server")
    paths = [f"/{how}{number}.bin" for number in range(20)]
    for path in paths:
        origin.serve(path, content(MIB))
    if how == "stopped":
        stack.hold_redis()
    else:
        redis.suspend()
    try:

        def ask(path: str) -> str:
            answer = alice.post("downloads/", url=origin.url(path))
            assert answer.status_code == 201
            return str(answer.json()["id"])

        # test_wake.py adds up what a POST may wait for Redis
        with ThreadPoolExecutor(4) as pool:
            asked = list(pool.map(ask, paths))
        until(lambda: alice.get("queue/").json()["broker"] == "down")
    finally:
        if how == "stopped":
            stack.release_redis()
        else:
            redis.resume()
    for pk in asked:
        alice.wait_for(pk, "completed", 60)


def test_a_cancel_takes_effect_soon_and_frees_the_bytes(
    stack: Stack, alice: Person, origin: Origin
) -> None:
    origin.serve("/long.bin", content(64 * MIB), rate=MIB, hold_at=8 * MIB)
    before = parts(stack)
    asked = alice.ask(origin.url("/long.bin"))
    until(lambda: alice.download(asked["id"])["bytesDone"] > 0)
    assert alice.post(f"downloads/{asked['id']}/cancel/").json()["status"] == "cancelled"
    until(lambda: origin.busy == 0)
    until(lambda: parts(stack) <= before)


def test_pause_restart_everything_resume(stack: Stack, alice: Person, origin: Origin) -> None:
    data = content(32 * MIB, 9)
    file = origin.serve("/paused.bin", data, rate=2 * MIB, hold_at=24 * MIB)
    asked = alice.ask(origin.url("/paused.bin"))
    until(lambda: alice.download(asked["id"])["progress"] > 30)
    assert alice.post(f"downloads/{asked['id']}/pause/").ok
    until(lambda: origin.busy == 0)
    file.rate = file.hold_at = None
    stack.stop()
    kept = checkpoint_ranges(stack, asked["id"])
    since = len(origin.log)
    stack.start()
    assert alice.download(asked["id"])["status"] == "paused"
    alice.post(f"downloads/{asked['id']}/resume/")
    assert alice.wait_for(asked["id"], "completed")["sha256"] == sha256(data)
    assert origin.sent_of("/paused.bin", kept, since) == 0


def test_a_worker_told_to_stop_hands_everything_back(
    stack: Stack, alice: Person, origin: Origin
) -> None:
    asked = []
    for number in range(4):
        origin.serve(f"/back{number}.bin", content(16 * MIB), rate=MIB // 4, hold_at=8 * MIB)
        asked.append(alice.ask(origin.url(f"/back{number}.bin"))["id"])
    until(lambda: all(alice.download(pk)["bytesDone"] > 0 for pk in asked))
    worker = stack.one("celery")
    worker.terminate()
    until(lambda: not worker.is_running() or worker.status() == "zombie")
    for number in range(4):
        file = origin.files[f"/back{number}.bin"]
        file.rate = file.hold_at = None
    for pk in asked:
        done = alice.wait_for(pk, "completed")
        assert done["attempts"] == 1
        assert "handed_back" in alice.timeline(pk)
