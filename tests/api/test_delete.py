"""DELETE downloads/{id}/: from every state; the bytes go with the last holder."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import storages

from downloads.models import Download
from tests.api.arrange import STATES, address, bring_to, code, make_completed
from tests.support.ledger import again, ask


@pytest.mark.parametrize("state", STATES)
def test_from_every_state(as_alice: Any, download: Download, state: str) -> None:
    bring_to(download, state)
    response = as_alice.delete(address(download))
    assert (response.status_code, response.content) == (204, b"")
    assert not Download.objects.exists()
    assert code(as_alice.delete(address(download))) == (404, "not_found")


def test_a_stranger_deletes_nothing(as_bob: Any, download: Download) -> None:
    assert code(as_bob.delete(address(download))) == (404, "not_found")
    assert Download.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_bytes_go_with_the_last(
    as_alice: Any, as_bob: Any, bob: Any, download: Download
) -> None:
    bobs = ask(bob, download.content.source_url)
    make_completed(download)
    name = again(download).rendition.storage_name
    as_alice.delete(address(download))
    assert storages["media"].exists(name)
    as_bob.delete(address(bobs))
    assert not storages["media"].exists(name)
