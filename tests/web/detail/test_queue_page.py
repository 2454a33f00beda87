"""The queue, for staff: who works on what, what waits and why, and what they may do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from downloads import conf
from downloads.models import Download, Rendition, Worker
from tests.api.arrange import make_delayed
from tests.support.ledger import again, ask, claim_by, person, url, worker
from tests.web.conftest import signed_in
from tests.web.reading import Element, buttons, read

QUEUE = "/queue/"


def rows(page: Element) -> dict[str, Element]:
    found = [item for item in page.all("li") if "row" in (item.attributes["class"] or "").split()]
    return {row.one("p", class_="row-title").words: row for row in found}


@pytest.mark.parametrize("part", ["", "live/"])
def test_for_staff_alone(as_alice: Client, client: Client, part: str) -> None:
    assert as_alice.get(QUEUE + part).status_code == 403
    assert client.get(QUEUE + part).headers["Location"].startswith("/accounts/login/")


def test_nothing_at_all(as_charlie: Client) -> None:
    page = read(as_charlie.get(QUEUE))
    assert "Queue is empty" in page.words
    assert "No worker is running." in page.words


def test_who_works_on_what_for_whom(as_charlie: Client, alice: Any, bob: Any) -> None:
    shared = url()
    ask(alice, shared, title="A film")
    ask(bob, shared)
    by = worker(concurrency=3)
    claim_by(by)
    Rendition.objects.update(
        phase="downloading", speed=2e6, bytes_done=40, bytes_total=100, progress=40.0
    )

    page = read(as_charlie.get(QUEUE))

    row = rows(page)["A film"]
    assert "Owners: alice, bob" in row.words
    assert "2 MB/s" in row.words
    assert row.one("div", role="progressbar").attributes["aria-valuenow"] == "40"
    assert "1 of 3 slots in use" in page.words
    assert str(by) in page.words


@pytest.mark.usefixtures("redis_server")
def test_why_each_waits(as_charlie: Client, alice: Any, bob: Any) -> None:
    type(alice).objects.filter(pk=alice.pk).update(max_active=1)
    by = worker(concurrency=2)
    ask(alice, title="Runs")
    claim_by(by)
    ask(alice, title="Limited")
    make_delayed(ask(bob, title="Delayed"))
    ask(bob, title="Next")
    ask(bob, title="Second")

    waits = {title: row.words for title, row in rows(read(as_charlie.get(QUEUE))).items()}

    assert "alice is at their limit of 1 simultaneous download." in waits["Limited"]
    assert "Retrying automatically in 1 h" in waits["Delayed"]
    assert "Next: it starts in a moment." in waits["Next"]
    assert "2nd in line." in waits["Second"]


@pytest.mark.usefixtures("redis_server")
def test_reasons_have_a_column_and_waits_count_down(as_charlie: Client, bob: Any) -> None:
    worker()
    make_delayed(ask(bob, title="Delayed"))

    page = read(as_charlie.get(QUEUE))

    heads = page.one("li", class_="rows-head").all("span")
    assert [head.words for head in heads] == ["Download", "Reason"]
    reason = rows(page)["Delayed"].one("div", class_="row-reason")
    assert reason.words.startswith("Reason: Retrying automatically in 1 h")
    (counted,) = [each for each in reason.all("span") if "data-countdown" in each.attributes]
    assert counted.words.startswith("Retrying automatically in 1 h")


@pytest.mark.usefixtures("redis_server")
def test_a_silent_worker_is_told_of(as_charlie: Client) -> None:
    worker()
    Worker.objects.update(heartbeat_at=Now() - conf.LEASE * 2)

    page = read(as_charlie.get(QUEUE))

    assert "Not responding: last heartbeat 30 s ago" in page.words
    assert "No worker is running" in page.words


def test_no_query_more_for_a_longer_queue(as_charlie: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            read(as_charlie.get(QUEUE))
        return len(asked)

    people = [person(f"person{number}", max_active=9) for number in range(4)]
    by = worker()
    for one in people[:2]:
        ask(one)
    claim_by(by)
    few = queries()
    other = worker()
    for one in people:
        for number in range(5):
            ask(one, url(f"host{number}.example"))
    for _ in range(4):
        claim_by(other)

    assert queries() == few
    assert few < 30


@pytest.mark.slow
def test_a_long_queue_is_cut_and_says_so(as_charlie: Client, alice: Any) -> None:
    for _ in range(103):
        ask(alice)

    page = read(as_charlie.get(QUEUE))

    assert len(rows(page)) == 100
    assert "3 more are waiting." in page.words


@pytest.mark.parametrize(("action", "status"), [("pause", "paused"), ("cancel", "cancelled")])
def test_acting_for_all_who_want_it(
    as_charlie: Client, alice: Any, bob: Any, action: str, status: str
) -> None:
    shared = url()
    both = [ask(alice, shared), ask(bob, shared)]

    answer = as_charlie.post(f"/queue/{both[0].rendition_id}/{action}/")

    assert (answer.status_code, answer.headers["Location"]) == (303, QUEUE)
    assert [again(one).status for one in both] == [status, status]
    again_ = as_charlie.post(f"/queue/{both[0].rendition_id}/{action}/")
    assert again_.status_code == 404  # no user wants it any more


@pytest.mark.usefixtures("redis_server")
def test_moving_up(as_charlie: Client, alice: Any) -> None:
    by = worker(concurrency=1)
    first, second = ask(alice, title="First"), ask(alice, title="Second")
    page = rows(read(as_charlie.get(QUEUE)))
    assert "Move up" not in buttons(page["First"])  # it is next
    assert "Move up" in buttons(page["Second"])
    (up, *_) = page["Second"].all("button")
    assert up.attributes["formaction"] == f"{second.rendition_id}/first/"  # as seen from the page

    as_charlie.post(f"/queue/{second.rendition_id}/first/")

    assert claim_by(by).rendition_id == second.rendition_id
    assert again(first).status == "queued"


def test_acting_needs_the_right_to(as_alice: Client, alice: Any, bob: Any) -> None:
    download = ask(bob)
    act = f"/queue/{download.rendition_id}/cancel/"
    assert as_alice.post(act).status_code == 403
    clerk = person("clerk", is_staff=True)
    assert "Cancel" not in buttons(read(signed_in(clerk).get(QUEUE)))
    assert signed_in(clerk).post(act).status_code == 403

    clerk.user_permissions.add(Permission.objects.get(codename="change_download"))

    assert "Cancel" in buttons(read(signed_in(clerk).get(QUEUE)))
    assert signed_in(clerk).post(act).status_code == 303
    assert Download.objects.get().cancelled_at
