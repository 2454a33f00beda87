"""GET downloads/{id}/: one's own, in the one shape."""

from __future__ import annotations

from typing import Any

import pytest

from downloads.models import Download
from downloads.schemas import DownloadPayload
from tests.api.arrange import STATES, address, bring_to, code
from tests.support.ledger import again


@pytest.mark.parametrize("state", STATES)
def test_in_every_state(as_alice: Any, download: Download, state: str) -> None:
    bring_to(download, state)
    body = as_alice.get(address(download)).json()
    assert body == DownloadPayload.of(again(download)).wire()
    assert body["status"] == state
    assert (body["progress"] == 100) == (state == "completed")
    assert (body["fileUrl"] is not None) == (state == "completed")


def test_every_name_of_the_contract(as_alice: Any, download: Download) -> None:
    names = """id contentId title sourceUrl thumbnailUrl duration quality resolvedQuality status
    phase progress bytesDone bytesTotal speed eta queuePosition attempts error errorCode filename
    mimeType size sha256 fileUrl createdAt startedAt completedAt expiresAt seq"""
    more = """groupId note options resolvedOptions subtitles labels"""
    assert set(as_alice.get(address(download)).json()) == set(names.split() + more.split())


def test_a_stranger_finds_nothing(as_bob: Any, as_charlie: Any, download: Download) -> None:
    assert code(as_bob.get(address(download))) == (404, "not_found")
    assert code(as_charlie.get(address(download))) == (404, "not_found")
