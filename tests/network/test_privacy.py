"""Alice's cookies with a real source: what they open is hers alone, and nothing of it gets out."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from downloads import network, services
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import LoginRequired
from downloads.jobs import prober, runner
from downloads.models import Content, ContentRequest, Download, Rendition, SiteCookies, Transition
from downloads.network.credentials import CookieHealth, health_of
from downloads.schemas import ContentPayload
from tests.api.conftest import client_of
from tests.network.jars import SECRET, keep
from tests.support.content import MIB, content
from tests.support.file import File
from tests.support.ledger import again, ask, claim_by, status, worker
from tests.support.origin import Origin
from tests.support.request import Request

pytestmark = pytest.mark.django_db(transaction=True)

SENT = f"session={SECRET}"


def members_only(origin: Origin, path: str = "/film.mp4", **knobs: Any) -> None:
    """401 for who comes without the cookie."""

    def door(file: File, asked: Request) -> None:
        if cookie_of(asked) != SENT:
            file.answers.insert(0, (401, {}))

    origin.serve(path, content(MIB), on_request=door, **knobs)


def cookie_of(asked: Request) -> str | None:
    return {name.lower(): value for name, value in asked.headers.items()}.get("cookie")


def run_next() -> None:
    runner.run(claim_by(worker()), StopToken())


def test_with_her_cookies_she_gets_it_and_bob_does_not(
    alice: Any, bob: Any, origin: Origin
) -> None:
    members_only(origin)
    keep(alice)
    alices = ask(alice, origin.url("/film.mp4"))
    run_next()
    assert status(alices) == "completed"
    assert {cookie_of(asked) for asked in origin.log} == {SENT}
    origin.log.clear()

    bobs = ask(bob, origin.url("/film.mp4"))
    assert status(bobs) == "queued", "alice's is not offered to bob as already here"
    run_next()
    assert (status(bobs), again(bobs).error_code) == ("failed", "login_required")
    assert {cookie_of(asked) for asked in origin.log} == {None}


def test_a_redirect_to_another_host_carries_none(alice: Any, origin: Origin) -> None:
    origin.serve("/real.mp4", content(MIB))
    there = origin.url("/real.mp4").replace("127.0.0.1", "localhost")
    origin.serve("/film.mp4", b"", redirect=there)
    keep(alice)
    download = ask(alice, origin.url("/film.mp4"))
    run_next()
    assert status(download) == "completed"
    by_path = {asked.path: cookie_of(asked) for asked in origin.log}
    assert by_path == {"/film.mp4": SENT, "/real.mp4": None}


def test_refused_then_renewed_then_retried(alice: Any, origin: Origin) -> None:
    members_only(origin)
    download = ask(alice, origin.url("/film.mp4"))
    run_next()
    assert "Add your cookies" in again(download).error

    row = keep(alice, value="wrong")
    services.retry(alice, download.pk)
    run_next()
    assert status(download) == "failed"
    assert "add its cookies again, then retry." in again(download).error
    row.refresh_from_db()
    assert health_of(row) is CookieHealth.REFUSED

    keep(alice)
    services.retry(alice, download.pk)
    run_next()
    assert status(download) == "completed"
    assert again(download).rendition.credential_owner_id == alice.pk


def test_a_queued_one_without_its_cookies_fails_clearly(alice: Any, origin: Origin) -> None:
    members_only(origin)
    row = keep(alice)
    download = ask(alice, origin.url("/film.mp4"))
    services.delete_cookies(alice, row.pk)
    run_next()
    assert (status(download), again(download).error_code) == ("failed", "login_required")
    assert "Add your cookies" in again(download).error


def test_what_the_catalogue_shows_learns_nothing_from_her(
    alice: Any, bob: Any, origin: Origin
) -> None:
    origin.serve("/secret-title.mp4", content(MIB), answers=[])
    shared = Content.objects.create(
        source_url=origin.url("/secret-title.mp4"), url_key="x", in_catalogue=True
    )
    keep(alice)
    alices = services.request(alice, content=shared).download
    run_next()
    assert status(alices) == "completed"
    shared.refresh_from_db()
    assert (shared.title, shared.identity, shared.qualities) == ("", "", [])
    assert again(alices).title == "secret-title", "she is told herself"


def test_probing_her_content_uses_them_and_tells_her_alone(
    alice: Any, bob: Any, origin: Origin
) -> None:
    members_only(origin, "/film.mp4")
    keep(alice)
    alices, _ = services.add_content(alice, origin.url("/film.mp4"))
    bobs, _ = services.add_content(bob, origin.url("/film.mp4"))
    assert prober.probe_one()
    assert prober.probe_one()
    alices.refresh_from_db()
    bobs.refresh_from_db()
    assert (alices.probe_status, bobs.probe_status) == ("ready", "failed")
    assert bobs.title == ""
    assert list(ContentRequest.objects.filter(content=alices).values_list("user", flat=True)) == [
        alice.pk
    ]
    assert ContentPayload.of(alices).probe_status == "ready"


def test_bob_finds_nothing_of_hers_anywhere(alice: Any, bob: Any, origin: Origin) -> None:
    members_only(origin)
    row = keep(alice)
    alices = ask(alice, origin.url("/film.mp4"))
    run_next()
    as_bob, as_alice = client_of(bob), client_of(alice)
    ask(bob, origin.url("/film.mp4"))

    api = "/api/v1"
    for path in (f"downloads/{alices.pk}/", f"downloads/{alices.pk}/file/", f"cookies/{row.pk}/",
                 f"downloads/{alices.pk}/events/", f"content/{alices.content_id}/"):  # fmt: skip
        assert as_alice.get(f"{api}/{path}").status_code == 200, path
        assert as_bob.get(f"{api}/{path}").status_code == 404, path
    assert as_bob.post(f"{api}/downloads/{alices.pk}/link/", {}).status_code == 404
    lists = [as_bob.get(f"{api}/{path}/").json() for path in ("downloads", "content", "cookies")]
    told = json.dumps(lists)
    assert str(alices.pk) not in told
    assert str(alices.content_id) not in told
    assert str(row.pk) not in told


def test_no_value_is_written_down_or_said(
    alice: Any, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    members_only(origin, "/slow.mp4", rate=2 * MIB)
    members_only(origin, "/broken.mp4", cut_after=1000, cuts=99)
    keep(alice)
    for path in ("/slow.mp4", "/broken.mp4"):
        ask(alice, origin.url(path))
        run_next()
    rows = [
        list(model.objects.values())  # type: ignore[attr-defined]
        for model in (Rendition, Content, Download, Transition, SiteCookies)
    ]
    assert SECRET not in str(rows)
    assert SECRET not in caplog.text
    answers = [client_of(alice).get(f"/api/v1/{path}/") for path in ("downloads", "cookies")]
    assert all(SECRET not in answer.content.decode() for answer in answers)


def test_a_better_reason_stays(alice: Any) -> None:
    keep(alice, "media.example")
    download = ask(alice)
    with (
        pytest.raises(LoginRequired, match="members") as caught,
        network.client_for(download.rendition, StopToken()),
    ):
        raise LoginRequired("members", message="This video is for paying members.")
    assert caught.value.message == "This video is for paying members."
    assert health_of(SiteCookies.objects.get()) is CookieHealth.REFUSED
