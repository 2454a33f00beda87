"""The cases of every action's test: the contract's table, repeats, strangers."""

from __future__ import annotations

from typing import Any

from downloads.schemas import DownloadPayload
from tests.api.arrange import DOWNLOADS, UNKNOWN_ID, address, bring_to, code
from tests.support.ledger import again


def allows(client: Any, download: Any, verb: str, *, state: str, then: str) -> None:
    """The verb works from this state, and works again from where it leads."""
    bring_to(download, state)
    for _ in range(2):
        response = client.post(address(download, verb))
        assert response.status_code == 200, response.json()
        assert response.json()["status"] == then
        assert response.json() == DownloadPayload.of(again(download)).wire()


def refuses(client: Any, download: Any, verb: str, *, state: str) -> None:
    bring_to(download, state)
    assert code(client.post(address(download, verb))) == (409, "invalid_state")
    assert again(download).status == state


def is_not_for(stranger: Any, download: Any, verb: str) -> None:
    before = again(download).status
    assert code(stranger.post(address(download, verb))) == (404, "not_found")
    assert code(stranger.post(f"{DOWNLOADS}{UNKNOWN_ID}/{verb}/")) == (404, "not_found")
    assert again(download).status == before
