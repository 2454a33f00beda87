"""The download page, as a browser without JavaScript has it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from downloads import services
from downloads.models import Download, Rendition
from downloads.queue.hosts import cool_down
from tests.api.arrange import STATES, UNKNOWN_ID, bring_to, make_completed, make_running
from tests.support.ledger import worker
from tests.web.reading import buttons, read


def address(download: Download) -> str:
    return f"/downloads/{download.pk}/"


@pytest.mark.parametrize("part", ["", "live/", "play/"])
def test_for_the_owner_alone(
    as_bob: Client, as_charlie: Client, client: Client, download: Download, part: str
) -> None:
    assert as_bob.get(address(download) + part).status_code == 404
    assert as_charlie.get(address(download) + part).status_code == 404
    assert as_bob.get(f"/downloads/{UNKNOWN_ID}/{part}").status_code == 404
    assert client.get(address(download) + part).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_page(as_alice: Client, download: Download, state: str) -> None:
    bring_to(download, state)
    Download.objects.update(title="A film")

    page = read(as_alice.get(address(download)))

    assert page.one("h1").words == "A film"
    page.one("div", role="progressbar")
    assert "Delete" in buttons(page)
    assert ("Save" in buttons(page)) is (state == "completed")
    assert ("Copy link" in buttons(page)) is (state == "completed")


def test_the_story_is_told_in_words(as_alice: Client, download: Download) -> None:
    make_completed(download)

    lines = [item.one("p", class_="timeline-text").words for item in timeline(as_alice, download)]

    assert lines[:2] == ["Requested", "Started"]
    assert lines[-1] == "Saved"


def timeline(client: Client, download: Download) -> list[Any]:
    page = read(client.get(address(download)))
    return page.one("ol", class_="timeline").all("li")


def test_times_are_relative_and_exact(as_alice: Client, download: Download) -> None:
    (line,) = timeline(as_alice, download)

    at = line.one("time")
    assert at.words.endswith("UTC")
    assert str(at.attributes["datetime"]).endswith("Z")
    assert "ago" in line.words or "just now" in line.words


def test_worker_names_are_for_staff(as_alice: Client, download: Download, alice: Any) -> None:
    make_running(download)
    name = str(Rendition.objects.get().worker)
    assert name not in read(as_alice.get(address(download))).words

    alice.is_staff = True
    alice.save()

    assert name in read(as_alice.get(address(download))).words


@pytest.mark.slow
def test_a_long_story_is_cut_and_says_so(as_alice: Client, download: Download) -> None:
    for _ in range(60):
        services.keep_until(download.user, download.pk, None)
        services.keep_until(download.user, download.pk, timezone.now() + dt.timedelta(days=1))

    page = read(as_alice.get(address(download)))

    assert len(page.one("ol", class_="timeline").all("li")) == 100
    assert "21 earlier lines not shown" in page.words


def test_the_speed_is_drawn(as_alice: Client, download: Download) -> None:
    make_running(download)
    assert not read(as_alice.get(address(download))).all("svg", role="img")
    Rendition.objects.update(speed_samples=[[10, 1_000_000], [20, 3_000_000]])

    plot = read(as_alice.get(address(download))).one("svg", role="img")

    assert plot.attributes["aria-label"] == ("Speed over 20 s: average 2 MB/s, peak 3 MB/s")


@pytest.mark.parametrize(("seconds", "label"), [(3600, "1 hour"), (604_800, "7 days")])
def test_a_link_without_javascript(
    as_alice: Client, client: Client, download: Download, seconds: int, label: str
) -> None:
    make_completed(download)

    page = read(as_alice.get(address(download), {"lasts": seconds}))

    assert label in page.one("fieldset").words
    link = str(page.one("input", id="signed-link").attributes["value"])
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("asked", ["", "5", "999999999", "x"])
def test_no_other_time_than_those_on_offer(
    as_alice: Client, download: Download, asked: str
) -> None:
    make_completed(download)
    page = read(as_alice.get(address(download), {"lasts": asked}))
    assert page.one("input", id="signed-link").attributes["value"] == ""


def test_buttons_come_back_here_and_delete_does_not(as_alice: Client, download: Download) -> None:
    page = read(as_alice.get(address(download)))
    forms = {form.one("button").words: form for form in page.one("main").all("form")}

    pause = forms["Pause"]
    sent = {"next": str(pause.one("input", name="next").attributes["value"])}
    answer = as_alice.post(str(pause.attributes["action"]), sent)
    assert answer.headers["Location"].startswith(address(download))
    assert read(as_alice.get(answer.headers["Location"])).one("span", class_="state").words

    delete = forms["Delete"]
    sent = {"next": str(delete.one("input", name="next").attributes["value"])}
    answer = as_alice.post(str(delete.attributes["action"]), sent)
    assert as_alice.get(answer.headers["Location"]).status_code == 200


def test_keep(as_alice: Client, download: Download) -> None:
    make_completed(download)
    Download.objects.update(expires_at=timezone.now() + dt.timedelta(days=3))
    page = read(as_alice.get(address(download)))
    assert "Expires" in [term.words for term in page.all("dt")]

    as_alice.post(f"/downloads/{download.pk}/keep/")

    assert "Keep" not in buttons(read(as_alice.get(address(download))))


@pytest.mark.usefixtures("redis_server")
def test_it_says_what_it_waits_for(as_alice: Client, download: Download) -> None:
    assert "No worker is running" in read(as_alice.get(address(download))).words
    worker()
    assert "1st in line" in read(as_alice.get(address(download))).words
    cool_down(download.rendition.host, 240)

    words = read(as_alice.get(address(download))).words

    assert "media.example is limiting requests. Resumes automatically in 4 min." in words
    assert "1st in line" not in words


def test_the_player_is_for_what_plays(as_alice: Client, download: Download) -> None:
    play = f"/downloads/{download.pk}/play/"
    assert as_alice.get(play).headers["Location"] == address(download)
    make_completed(download)
    Rendition.objects.update(storage_name="a.mp3", ext="mp3", mime_type="audio/mpeg")

    audio = read(as_alice.get(play)).one("audio")

    assert audio.attributes["src"] == f"/api/v1/downloads/{download.pk}/file/?inline=1"


def test_the_policy_lets_players_and_pictures_in_and_nothing_inline(
    as_alice: Client, download: Download
) -> None:
    policy = as_alice.get(address(download)).headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in policy
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["media-src"]
    assert "media-src 'self'" in policy
