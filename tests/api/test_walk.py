"""From POST downloads/ to the committed row: at most 25 functions of the project."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from django.test import Client

from config.datadir import BASE_DIR
from downloads.models import Content, Download
from tests.api.arrange import DOWNLOADS
from tests.support.ledger import url

MOST = 25
PROJECT = tuple(f"{BASE_DIR / name}/" for name in ("accounts", "config", "downloads"))
DRIVER = f"{BASE_DIR / 'config' / 'sqlite'}/"  # of the database, below Django's
PREPARED = f"{BASE_DIR / 'config' / 'prepared.py'}"  # it does what Django's compiler does
# they are part of the function that they stand in, and no frames at all from Python 3.12 on
INLINE = {"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"}


def walk(act: Callable[[], Any]) -> list[str]:
    """Return the functions called until the last commit, each once, as ``path:qualified name``."""
    calls: list[str] = []
    until = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal until
        code = frame.f_code
        if event != "call":
            return
        if code.co_name == "run_and_clear_commit_hooks":  # Django's, right behind a commit
            until = len(calls)
        elif code.co_filename.startswith((DRIVER, PREPARED)):
            return
        elif code.co_filename.startswith(PROJECT) and code.co_name not in INLINE:
            place = code.co_filename.removeprefix(f"{BASE_DIR}/")
            calls.append(f"{place}:{code.co_qualname}")

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return list(dict.fromkeys(calls[:until]))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("signed_in_by", ["token", "session"])
@pytest.mark.parametrize("what", ["url", "contentId"])
def test_from_post_to_row(as_alice: Any, alice: Any, what: str, signed_in_by: str) -> None:
    client, send = as_alice, {"format": "json"}
    if signed_in_by == "session":
        client, send = Client(), {"content_type": "application/json"}
        client.force_login(alice)
    client.post(DOWNLOADS, {"url": url()}, **send)  # what is imported and cached at first is not it
    known = Content.objects.create(source_url=url(), url_key="a", in_catalogue=True)
    body = {"url": url()} if what == "url" else {"contentId": str(known.pk)}
    walked = walk(lambda: client.post(DOWNLOADS, body, **send))
    assert Download.objects.count() == 2
    assert "downloads/api/downloads.py:DownloadViewSet.create" in walked
    assert len(walked) <= MOST, "\n".join(walked)
