"""Pasting a URL, by a plain form."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from downloads.models import Content, Download
from tests.api.arrange import bring_to
from tests.support.ledger import again, ask
from tests.web.reading import cards, messages, read

URL = "https://media.example/film.mp4"


def paste(client: Client, url: str = URL, **fields: str) -> Any:
    return client.post("/downloads/", {"url": url, **fields})


def test_a_pasted_url_is_queued(as_alice: Client, alice: Any) -> None:
    answer = paste(as_alice, quality="720p")

    assert answer.status_code == 303
    download = Download.objects.get(user=alice)
    assert (download.quality, download.content.source_url) == ("720p", URL)
    page = read(as_alice.get(answer["Location"]))
    assert messages(page) == "Queued: film"
    assert len(cards(page)) == 1


def test_the_same_again_leads_to_the_one_there_is(as_alice: Client, alice: Any) -> None:
    bring_to(ask(alice, URL), "completed")

    answer = paste(as_alice)

    assert Download.objects.count() == 1
    assert urlsplit(answer["Location"]).query.startswith("tab=completed")
    assert "You already have this" in messages(read(as_alice.get(answer["Location"])))


@pytest.mark.parametrize("url", ["", "not a link", "ftp://media.example/a", "javascript:alert(1)"])
def test_what_is_no_link_is_refused_in_a_sentence_and_kept(as_alice: Client, url: str) -> None:
    answer = paste(as_alice, url)

    assert answer.status_code == 303
    page = read(as_alice.get(answer["Location"]))
    assert messages(page).endswith(".")
    assert page.one("input", id="url").attributes["value"] == url
    assert not Download.objects.exists()


@pytest.mark.parametrize(
    "url",
    ["https://alice:HUSH@media.example:99999/a", "alice:HUSH@media.example:x/a", "ftp://a:HUSH@b/"],
)
def test_a_refused_login_is_in_no_address(client: Client, as_alice: Client, url: str) -> None:
    for who in (client, as_alice):
        answer = paste(who, url)
        assert answer.status_code in (302, 303)
        assert "HUSH" not in answer["Location"]


def test_a_monstrous_url_is_refused_in_a_sentence(as_alice: Client) -> None:
    answer = paste(as_alice, "https://media.example/" + "a" * 65_536)

    assert len(answer["Location"]) < 200
    assert messages(read(as_alice.get(answer["Location"]))).endswith(".")


def test_a_nul_is_refused(as_alice: Client) -> None:
    assert messages(read(as_alice.get(paste(as_alice, "https://media.example/\0")["Location"])))


def test_an_unknown_quality_is_refused_in_a_sentence(as_alice: Client) -> None:
    answer = paste(as_alice, quality="4321p")

    assert messages(read(as_alice.get(answer["Location"]))) == (
        "Choose one of the qualities in the list."
    )


def test_a_full_quota_is_said(as_alice: Client, alice: Any) -> None:
    alice.storage_quota = 0
    alice.save()

    assert "quota" in messages(read(as_alice.get(paste(as_alice)["Location"])))


def test_the_deep_link_fills_the_field_in(as_alice: Client) -> None:
    field = read(as_alice.get("/", {"url": URL})).one("input", id="url")

    assert field.attributes["value"] == URL
    assert "autofocus" in field.attributes


def test_a_session_that_ended_keeps_the_pasted_url(client: Client, db: None) -> None:
    answer = paste(client)

    login = urlsplit(answer["Location"])
    assert login.path == "/accounts/login/"
    assert parse_qs(urlsplit(parse_qs(login.query)["next"][0]).query)["url"] == [URL]


def test_a_form_from_elsewhere_is_refused(alice: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")

    assert paste(strict).status_code == 403
    assert not Download.objects.exists()


def test_the_sample_can_be_tried(as_alice: Client) -> None:
    sample = Content.objects.create(
        source_url="http://127.0.0.1:1/a.mp4", url_key="s", title="Sample", in_catalogue=True
    )
    page = read(as_alice.get("/"))
    assert "Try Sample" in page.words

    as_alice.post("/downloads/", {"content": str(sample.pk)})

    assert again(Download.objects.get()).content_id == sample.pk


def test_anothers_content_is_not_there(as_alice: Client, bob: Any) -> None:
    theirs = ask(bob)

    assert as_alice.post("/downloads/", {"content": str(theirs.content_id)}).status_code == 404
