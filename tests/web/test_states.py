"""Each state reads in words, with its progress and the buttons that it allows."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from downloads.models import Download, Rendition
from tests.api.arrange import STATES, bring_to
from tests.support.ledger import claim_by, worker
from tests.web.reading import buttons, cards, read

SHOWN = {
    "queued": ("active", "Waiting", ["Pause", "Cancel", "Delete"]),
    "running": ("active", "Finding the file", ["Pause", "Cancel", "Delete"]),
    "paused": ("active", "Paused", ["Resume", "Cancel", "Delete"]),
    "completed": ("completed", "Completed", ["Save", "Copy link", "Delete"]),
    "expired": ("completed", "Expired", ["Retry", "Delete"]),
    "failed": ("failed", "Failed", ["Retry", "Delete"]),
    "cancelled": ("failed", "Cancelled", ["Retry", "Delete"]),
}


@pytest.mark.parametrize("state", STATES)
def test_state_words_and_buttons(as_alice: Client, download: Download, state: str) -> None:
    bring_to(download, state)
    tab, words, allowed = SHOWN[state]

    (card,) = cards(read(as_alice.get("/", {"tab": tab})))

    assert card.one("span", class_="state").words == words
    shown = buttons(card)
    assert [name for name in shown if name != "Play"] == allowed
    for other in {"active", "completed", "failed"} - {tab}:
        assert not cards(read(as_alice.get("/", {"tab": other})))


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("resolving", "Finding the file"),
        ("downloading", "Downloading"),
        ("processing", "Merging..."),
        ("storing", "Saving"),
    ],
)
def test_phases_are_words(as_alice: Client, download: Download, phase: str, words: str) -> None:
    claim_by(worker())
    Rendition.objects.update(phase=phase)

    (card,) = cards(read(as_alice.get("/")))

    assert card.one("span", class_="state").words == words


def test_progress_is_told_to_everybody(as_alice: Client, download: Download) -> None:
    claim_by(worker())
    Rendition.objects.update(
        phase="downloading",
        progress=26.2,
        bytes_done=1_550_000_000,
        bytes_total=5_910_000_000,
        speed=12_400_000.0,
        eta=352.0,
    )

    (card,) = cards(read(as_alice.get("/")))

    bar = card.one("div", role="progressbar")
    assert bar.attributes["aria-valuenow"] == "26"
    assert bar.attributes["aria-valuetext"] == "26 percent, 1.55 of 5.91 GB"
    assert bar.one("rect").attributes["width"] == "26.2"
    for fact in ("1.55 of 5.91 GB", "26%", "12.4 MB/s", "6 min left"):
        assert fact in card.words


def test_nothing_unfinished_reads_100(as_alice: Client, download: Download) -> None:
    claim_by(worker())
    Rendition.objects.update(progress=100.0, bytes_done=10, bytes_total=10)

    (card,) = cards(read(as_alice.get("/")))

    assert card.one("div", role="progressbar").attributes["aria-valuenow"] == "99"


def test_a_failure_says_why_in_its_row(as_alice: Client, download: Download) -> None:
    bring_to(download, "failed")

    (card,) = cards(read(as_alice.get("/?tab=failed")))

    assert card.one("p", class_="card-note").words == "It is gone."


def test_waiting_for_another_attempt_says_why(as_alice: Client, download: Download) -> None:
    Rendition.objects.update(error_code="stalled", error="The site stopped sending. Retry later.")

    (card,) = cards(read(as_alice.get("/")))

    assert "The site stopped sending. Retrying automatically." in card.words


def test_the_row_is_named_by_its_title(as_alice: Client, download: Download) -> None:
    Download.objects.update(title="A film")

    (card,) = cards(read(as_alice.get("/")))

    title = card.one("h2")
    assert title.words == "A film"
    assert card.attributes["aria-labelledby"] == title.attributes["id"]


@pytest.mark.parametrize(("name", "playable"), [("a.mp4", True), ("a.txt", False)])
def test_play_is_for_what_plays(
    as_alice: Client, download: Download, name: str, playable: bool
) -> None:
    bring_to(download, "completed")
    Rendition.objects.update(storage_name=name, mime_type="video/mp4")

    (card,) = cards(read(as_alice.get("/?tab=completed")))

    assert ("Play" in buttons(card)) is playable


def test_the_player_plays_inline(as_alice: Client, as_bob: Client, download: Download) -> None:
    bring_to(download, "completed")
    Rendition.objects.update(mime_type="video/mp4")
    address = f"/downloads/{download.pk}/play/"

    video: Any = read(as_alice.get(address)).one("video")

    assert video.attributes["src"] == f"/api/v1/downloads/{download.pk}/file/?inline=1"
    assert as_bob.get(address).status_code == 404
