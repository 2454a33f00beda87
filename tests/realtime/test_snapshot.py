"""The first message is everything active, and nothing falls between it and the news."""

from __future__ import annotations

from typing import Any

from downloads.events.announce import announce_downloads
from tests.support.daphne import Daphne
from tests.support.ledger import ask
from tests.support.socket_page import Page


def test_snapshot_comes_first_with_everything_active(server: Daphne, alice: Any) -> None:
    first, second = ask(alice), ask(alice)

    with Page(server, alice) as page:
        snapshot = page.next()

    assert snapshot["event"] == "download:snapshot"
    assert snapshot["seq"] is None
    shown = snapshot["data"]["downloads"]
    assert [one["id"] for one in shown] == [str(first.pk), str(second.pk)]
    assert shown[0]["status"] == "queued"


def test_news_follows(server: Daphne, alice: Any) -> None:
    with Page(server, alice) as page:
        page.until("download:snapshot")
        download = ask(alice)
        announce_downloads([download.pk], "requested")
        news = page.until("download:queued")
    assert news["data"]["downloadId"] == str(download.pk)
    assert news["data"]["download"]["status"] == "queued"
