"""Every field of every body, with every kind of JSON value: a 4xx that names it, never a 500."""

from __future__ import annotations

from typing import Any

import pytest

from downloads.models import Content
from tests.api.arrange import UNKNOWN_ID
from tests.support.ledger import ask

URL = "https://media.example/x.mp4"
HOOK = "https://hook.example/x"
OPTIONS = "downloads/ options"
FORMS: dict[tuple[str, str], tuple[dict[str, Any], tuple[str, ...]]] = {
    ("post", "auth/login/"): ({"username": "a", "password": "b"}, ("username", "password")),
    ("post", "downloads/"): ({"url": URL}, ("quality", "expiresInDays", "options")),
    ("post", "downloads/ "): ({}, ("url", "contentId")),
    ("post", OPTIONS): ({"url": URL}, ("container", "audio", "subtitles", "language")),
    ("patch", "downloads/{id}/"): ({}, ("expiresAt", "priority")),
    ("post", "downloads/{id}/link/"): ({}, ("expiresInSeconds",)),
    ("post", "downloads/actions/"): ({"action": "pause", "ids": [UNKNOWN_ID]}, ("action", "ids")),
    ("post", "content/"): ({"url": URL}, ("url", "title")),
    ("post", "content/{list}/downloads/"): ({}, ("entries", "all")),
    ("post", "cookies/"): ({"text": "a=b", "site": "a.example"}, ("text", "site")),
    ("post", "webhooks/"): ({"url": HOOK}, ("url", "events", "description", "secret")),
    ("patch", "webhooks/{hook}/"): ({}, ("url", "events", "description", "enabled")),
}
# what no field takes, whatever its type; a list in a list, an object
NEVER = ([[]], {"a": 1}, [None], [1.5], 1.5)
OF_ANOTHER_TYPE = (True, 7, -1, 10**30, "nonsense\0", [], [7], ["\0"], [UNKNOWN_ID] * 300)


@pytest.mark.parametrize(("method", "path"), FORMS, ids=str)
def test_every_field(as_charlie: Any, charlie: Any, method: str, path: str) -> None:
    hook = as_charlie.post("/api/v1/webhooks/", {"url": HOOK}).json()["id"]
    playlist = Content.objects.create(
        source_url=URL, url_key="l", in_catalogue=True, kind=Content.Kind.PLAYLIST
    )
    download = ask(charlie)
    base, names = FORMS[method, path]
    place = path.partition(" ")[0].format(id=download.pk, list=playlist.pk, hook=hook)
    for name in names:
        for value in (*NEVER, *OF_ANOTHER_TYPE):
            within = path == OPTIONS
            body = {**base, "options": {name: value}} if within else {**base, name: value}
            response = getattr(as_charlie, method)(f"/api/v1/{place}", body)
            assert response.status_code < 500, (name, value)
            if value in NEVER:
                assert response.status_code == 400, (name, value)
                attrs = [error["attr"] or "" for error in response.json()["errors"]]
                assert any(name in attr for attr in attrs), (name, value, attrs)
