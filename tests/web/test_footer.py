"""The footer names the yt-dlp in use, quietly, to those who can change it."""

from __future__ import annotations

from importlib import metadata

import pytest
from django.test import Client

from downloads.models import Worker
from downloads.templatetags import extractor
from tests.support.ledger import worker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _not_seen_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractor, "_seen", None)


def test_staff_see_what_workers_use(as_charlie: Client) -> None:
    assert f"yt-dlp {metadata.version('yt-dlp')}<" in as_charlie.get("/").content.decode()
    Worker.objects.filter(pk=worker().pk).update(ytdlp_version="2099.1.2")
    extractor._seen = None
    assert "yt-dlp 2099.1.2<" in as_charlie.get("/").content.decode()


def test_others_see_none(as_alice: Client, client: Client) -> None:
    for page in (as_alice.get("/"), client.get("/accounts/login/", follow=True)):
        assert "foot-version" not in page.content.decode()
