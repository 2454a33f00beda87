"""The buttons: POST only, through the services, back to where they were pressed."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from downloads.models import Download
from tests.api.arrange import bring_to
from tests.support.ledger import again, status
from tests.web.reading import buttons, cards, messages, read


def press(client: Client, download: Download, action: str, back: str = "/?tab=active") -> str:
    answer = client.post(f"/downloads/{download.pk}/{action}/", {"next": back})
    assert answer.status_code == 303
    return str(answer["Location"])


@pytest.mark.parametrize(
    ("state", "action", "result"),
    [
        ("queued", "pause", "paused"),
        ("queued", "cancel", "cancelled"),
        ("running", "pause", "paused"),
        ("paused", "resume", "queued"),
        ("failed", "retry", "queued"),
        ("expired", "retry", "queued"),
    ],
)
def test_action(as_alice: Client, download: Download, state: str, action: str, result: str) -> None:
    bring_to(download, state)

    location = press(as_alice, download, action)

    assert status(download) == result
    assert location.startswith("/?tab=active&at=")
    assert messages(read(as_alice.get(location)))


def test_what_the_state_does_not_allow_is_said(as_alice: Client, download: Download) -> None:
    bring_to(download, "completed")

    said = messages(read(as_alice.get(press(as_alice, download, "pause"))))

    assert said.endswith(".")
    assert status(download) == "completed"


def test_delete_offers_to_fetch_it_again(as_alice: Client, download: Download) -> None:
    source = download.content.source_url

    page = read(as_alice.get(press(as_alice, download, "delete")))

    assert not Download.objects.exists()
    offer = page.one("div", id="toasts").one("a")
    again = read(as_alice.get(str(offer.attributes["href"])))
    assert again.one("input", id="url").attributes["value"] == source


def test_keep_ends_the_countdown(as_alice: Client, download: Download) -> None:
    bring_to(download, "completed")
    Download.objects.update(expires_at=timezone.now() + timedelta(days=3, minutes=1))
    (card,) = cards(read(as_alice.get("/?tab=completed")))
    assert "Expires in 3 days" in card.words
    assert "Keep" in buttons(card)

    press(as_alice, download, "keep")

    assert again(download).expires_at is None


@pytest.mark.parametrize("action", ["cancel", "pause", "resume", "retry", "keep", "delete"])
def test_anothers_is_not_there(as_bob: Client, download: Download, action: str) -> None:
    assert as_bob.post(f"/downloads/{download.pk}/{action}/").status_code == 404
    assert as_bob.post(f"/downloads/{uuid.uuid4()}/{action}/").status_code == 404
    assert status(download) == "queued"


def test_a_link_does_nothing(as_alice: Client, download: Download) -> None:
    assert as_alice.get(f"/downloads/{download.pk}/delete/").status_code == 405
    assert status(download) == "queued"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_back_is_never_another_site(as_alice: Client, download: Download, elsewhere: str) -> None:
    assert press(as_alice, download, "pause", elsewhere).startswith("/?at=")


def test_signed_out_goes_to_sign_in(client: Client, download: Download) -> None:
    answer = client.post(f"/downloads/{download.pk}/pause/", {"next": "/?tab=active"})

    assert answer["Location"] == "/accounts/login/?next=/%3Ftab%3Dactive"
    assert status(download) == "queued"
