"""Copy link without JavaScript: a signed link in a field to copy from."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.test import Client

from downloads.models import Download
from tests.api.arrange import bring_to
from tests.web.reading import cards, read


def shown_link(client: Client, download: Download) -> str | None:
    page = read(client.get("/", {"tab": "completed", "link": str(download.pk)}))
    fields = [found for card in cards(page) for found in card.all("input", id="signed-link")]
    return fields[0].attributes["value"] if fields else None


def test_the_link_opens_the_file_without_login(
    as_alice: Client, client: Client, download: Download
) -> None:
    bring_to(download, "completed")

    link = shown_link(as_alice, download)

    assert link is not None
    assert link.startswith("http://testserver/")
    assert client.get(urlsplit(link).path).status_code == 200


def test_no_link_to_what_is_not_there(as_alice: Client, download: Download) -> None:
    assert shown_link(as_alice, download) is None


def test_no_link_to_anothers(as_bob: Client, download: Download) -> None:
    bring_to(download, "completed")

    assert shown_link(as_bob, download) is None
