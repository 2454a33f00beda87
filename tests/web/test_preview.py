"""The preview of a pasted link, before it is requested."""

from __future__ import annotations

from typing import Any

from django.test import Client

from downloads import services
from downloads.models import Content
from tests.api.arrange import bring_to
from tests.support.ledger import ask
from tests.web.reading import Element, read

URL = "https://media.example/film.mp4"


def preview(client: Client, content: Content) -> Element:
    return read(client.get(f"/downloads/preview/{content.pk}/"))


def probed(user: Any, **facts: Any) -> Content:
    content, _ = services.add_content(user, URL)
    offered = [
        {"quality": "1080p", "ext": "mp4", "size": 120_000_000},
        {"quality": "720p", "ext": "mp4", "size": 48_000_000, "sizeIsEstimate": True},
    ]
    found = {"title": "A film", "probe_status": "ready", "qualities": offered, "duration": 205}
    Content.objects.filter(pk=content.pk).update(**(found | facts))
    return content


def test_title_time_qualities_and_sizes(as_alice: Client, alice: Any) -> None:
    shown = preview(as_alice, probed(alice))

    assert "A film" in shown.words
    assert "3:25" in shown.words
    assert [chip.words for chip in shown.all("button")] == ["1080p, 120 MB", "720p, about 48 MB"]
    assert "already have" not in shown.words


def test_what_the_user_has_is_said(as_alice: Client, alice: Any) -> None:
    content = probed(alice)
    bring_to(ask(alice, URL), "completed")

    shown = preview(as_alice, content)

    assert "You already have this: completed" in shown.words
    assert "tab=completed" in str(shown.one("a").attributes["href"])


def test_the_catalogues_is_said(as_alice: Client, alice: Any) -> None:
    assert "In the catalogue" in preview(as_alice, probed(alice, in_catalogue=True)).words


def test_what_could_not_be_probed_says_why(as_alice: Client, alice: Any) -> None:
    content = probed(alice, probe_status="failed", probe_error="There is nothing there.")

    assert "There is nothing there." in preview(as_alice, content).words


def test_anothers_is_not_there(as_bob: Client, alice: Any) -> None:
    content = probed(alice)

    assert as_bob.get(f"/downloads/preview/{content.pk}/").status_code == 404


def test_what_others_have_is_not_told(as_bob: Client, alice: Any, bob: Any) -> None:
    bring_to(ask(alice, URL), "completed")
    content = probed(bob)

    assert "already have" not in preview(as_bob, content).words
