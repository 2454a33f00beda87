"""Stored states and places in line are what they are derived from, whatever happens."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from downloads import services
from downloads.line import EXACT, at_work, heads, id_of, in_line, order_of, places, turns
from downloads.models import Download, LastTurn, QueueEntry, Rendition, Transition
from downloads.querysets import MARKS, TAB_OF, state_of
from downloads.queue.claim import claim
from downloads.queue.demand import idle_if_unwanted, lock, merge
from downloads.queue.fairness import limits_of
from downloads.queue.lease import Lease
from downloads.queue.ledger_check import differences, repair
from downloads.queue.reaper import reap
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import NO_LEASE, mark, move
from tests.support.ledger import ask, failed, person, stored, worker
from tests.support.length import figure

HOSTS = ("a.example", "b.example", "c.example")
_SECOND = timedelta(seconds=1)
REFUSALS = (services.InvalidState, Download.DoesNotExist)


class Ledger:
    """Random operations of several users on shared renditions, and of their workers."""

    def __init__(self, seed: int, users: list[Any]) -> None:
        self.random = random.Random(seed)
        self.users = users
        self.by = worker(concurrency=50)
        self.leases: list[Lease] = []
        self.operations: list[Callable[[], None]] = [
            *[self.request] * 6,
            *[self.claim] * 5,
            *[self.act] * 6,
            *[self.end] * 4,
            self.delete,
            self.expire,
            self.prioritise,
            self.lose,
            self.join,
        ]

    def step(self) -> None:
        self.random.choice(self.operations)()

    def request(self) -> None:
        link = f"https://{self.random.choice(HOSTS)}/{self.random.randrange(6)}.mp4"
        ask(self.random.choice(self.users), link)

    def any_download(self) -> Any:
        pks = list(Download.objects.order_by("pk").values_list("pk", flat=True))
        pk = self.random.choice(pks) if pks else None
        return Download.objects.with_status().filter(pk=pk).first()

    def act(self) -> None:
        if (one := self.any_download()) is not None:
            action = self.random.choice(["cancel", "pause", "resume", "retry"])
            many = self.random.random() < 0.3
            try:
                if many:
                    services.act_on_many(one.user, [one.pk], action)
                else:
                    services.act(one.user, one.pk, action)
            except REFUSALS:
                pass  # it is not in that state, or gone meanwhile

    def delete(self) -> None:
        if (one := self.any_download()) is not None:
            try:
                services.delete(one.user, one.pk)
            except REFUSALS:
                pass  # gone meanwhile

    def expire(self) -> None:
        one = self.any_download()
        if one is not None and one.status != "expired":
            mark(one, "expired", expired_at=Now())

    def prioritise(self) -> None:
        if (one := self.any_download()) is not None:
            try:
                services.set_priority(one.user, one.pk, self.random.randrange(-3, 4))
            except REFUSALS:
                pass  # gone meanwhile

    def claim(self) -> None:
        lease = claim(self.by)
        if lease is not None:
            self.leases.append(lease)

    def end(self) -> None:
        if not self.leases:
            return
        lease = self.leases.pop(self.random.randrange(len(self.leases)))
        how = self.random.choice(["stored", "failed", "back", "unwanted", "later"])
        if not Rendition.objects.filter(lease_token=lease.token, status="running").exists():
            return
        if how == "stored":
            stored(lease)
        elif how == "failed":
            with transaction.atomic():
                failed(lease)
        elif how == "unwanted" and idle_if_unwanted(lease.rendition_id, lease=lease.token):
            return
        else:
            delay = {"next_attempt_at": Now() + 3600 * _SECOND} if how == "later" else {}
            note = TransitionNote("handed_back")
            fields = {**NO_LEASE, "waits_since": Now(), **delay}
            move(lease.rendition_id, "running", "queued", note, lease=lease.token, **fields)

    def lose(self) -> None:
        if self.leases:
            lease = self.leases.pop()
            Rendition.objects.filter(lease_token=lease.token).update(
                lease_expires_at=Now() - _SECOND
            )
            reap()

    def join(self) -> None:
        """Work of this worker turns out to have the bytes of another rendition."""
        if not self.leases:
            return
        lease = self.leases.pop(self.random.randrange(len(self.leases)))
        usable = Rendition.objects.filter(status__in=["running", "stored"])
        twin = usable.exclude(pk=lease.rendition_id).order_by("pk").first()
        if twin is None:
            return
        with transaction.atomic():
            lock(*{lease.content_id, twin.content_id})
            own = usable.filter(lease_token=lease.token).first()
            if own is not None and usable.filter(pk=twin.pk).exists():
                merge(own, into=twin)


def told(download: Any) -> tuple[str, str]:
    return download.state, download.tab


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(figure(2, 4)))
def test_what_is_stored_is_what_is_derived(seed: int) -> None:
    ledger = Ledger(seed, [person(f"person{number}", max_active=3) for number in range(3)])
    seen: Counter[str] = Counter()
    for _ in range(120):
        ledger.step()
        assert list(differences()) == []
        for download in Download.objects.with_status():
            marks = {name for name in MARKS if getattr(download, name) is not None}
            derived = state_of(marks, download.rendition.status)
            assert (derived, TAB_OF[derived]) == told(download)
            assert download.status == derived
            seen[derived] += 1
        assert_order()
    assert len(seen) >= 6, seen


def assert_order() -> None:
    """Hold the heads and the turns against all that waits, sorted."""
    waiting = list(QueueEntry.objects.filter(ready=True))
    now = at_work()
    passed = limits_of(heads(alone=True)).passed(now)
    by_lane: dict[str, QueueEntry] = {}
    for entry in sorted(waiting, key=order_of):
        by_lane.setdefault(entry.lane, entry)
    assert {id_of(head.download_id) for head in heads(alone=True)} == {
        head.pk for head in by_lane.values()
    }
    able = [
        one for one in waiting if one.user_id not in passed.users and one.host not in passed.hosts
    ]
    assert turns(now.by_user, passed) == expected_turns(
        able, dict(now.by_user), dict(LastTurn.objects.values_list("user", "number"))
    )


def expected_turns(
    waiting: list[QueueEntry], running: dict[int, int], last: dict[int, int]
) -> list[Any]:
    """Return the turns, each found by a look at all that waits."""
    line: list[Any] = []
    while waiting and len(line) < EXACT:
        best = min(
            waiting,
            key=lambda one: order_of(one, running.get(one.user_id, 0), last.get(one.user_id, 0)),
        )
        number = max(last.values(), default=0) + 1
        line.append(best.rendition_id)
        for entry in waiting:
            if entry.rendition_id == best.rendition_id:
                running[entry.user_id] = running.get(entry.user_id, 0) + 1
                last[entry.user_id] = number
        waiting = [entry for entry in waiting if entry.rendition_id != best.rendition_id]
    return line


@pytest.mark.django_db(transaction=True)
def test_so_it_is_after_many_at_once(settings: Any) -> None:
    settings.FETCH_HOST_CONCURRENCY = 2
    users = [person(f"person{number}", max_active=2) for number in range(3)]
    crossed: list[str] = []

    def work(seed: int) -> None:
        try:
            ledger = Ledger(seed, users)
            for _ in range(40):
                ledger.step()
                crossed.extend(host for host, count in at_work().by_host.items() if count > 2)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert list(differences()) == []
    assert not crossed, "more ran at a host than may"


@pytest.mark.django_db
def test_what_another_version_left_is_found_and_repaired(capsys: Any) -> None:
    alice = person("alice")
    wrong, unplaced, fine, left = (ask(alice, f"https://a.example/{n}.mp4") for n in range(4))
    gone = ask(alice, "https://a.example/gone.mp4")
    Rendition.objects.filter(pk=wrong.rendition_id).update(
        status="stored", storage_name="a.mp4", size=1
    )
    QueueEntry.objects.filter(pk=unplaced.pk).delete()
    Download.objects.filter(pk=left.pk).update(priority=F("priority") + 1)
    Transition.objects.filter(download=gone).delete()
    Download.objects.filter(pk=gone.pk)._raw_delete(using="default")

    found = {str(each.download_id): each.why for each in differences()}

    assert found.pop(str(wrong.pk))
    assert found.pop(str(unplaced.pk)) == "no place in line"
    assert found.pop(str(left.pk)) == "its place in line"
    assert found.pop(str(gone.pk))
    assert not found, fine.pk
    with pytest.raises(CommandError, match="check_ledger --repair"):
        call_command("check_ledger")
    call_command("check_ledger", repair=True)
    assert "repaired." in capsys.readouterr().out
    assert list(differences()) == []
    assert repair() == 0
    call_command("check_ledger")
    assert "right" in capsys.readouterr().out


@pytest.mark.django_db
def test_places_behind_the_exact_ones_are_about_right(monkeypatch: Any) -> None:
    monkeypatch.setattr(places, "_waiting", places._Waiting())  # its count outlives a test
    alice, bob = person("alice"), person("bob")
    own = [ask(alice, f"https://a.example/{number}.mp4") for number in range(EXACT + 20)]
    last = ask(bob, "https://a.example/bob.mp4")
    rows = {each.pk: each.queue_position for each in in_line(Download.objects.with_status())}
    assert rows[last.pk] == 2
    assert [rows[each.pk] for each in own[:3]] == [1, 3, 4]
    about = [rows[each.pk] for each in own[EXACT:]]
    assert about == sorted(about)
    assert abs(about[0] - (EXACT + 2)) <= 1
