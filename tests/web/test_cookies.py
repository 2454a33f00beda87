"""/cookies/: add by paste or file, see their state, delete; without a script."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from downloads.models import Download, SiteCookies
from downloads.network.credentials import note_refusal
from tests.api.arrange import bring_to
from tests.network.jars import SECRET, file, keep, line
from tests.web.reading import cards, messages, read

COOKIES = "/cookies/"
TEXT = file(line(".example.com"), line(".other.test"))


def problem(response: Any) -> str:
    assert response.status_code == 400
    assert SECRET not in response.content.decode(), "what was pasted goes back into no page"
    response.status_code = 200
    return read(response).one("div", role="alert").words


def test_pasted(as_alice: Client, alice: Any) -> None:
    answer = as_alice.post(COOKIES, {"site": "example.com", "text": TEXT}, follow=True)
    page = read(answer)
    assert (
        "Added 1 cookie of example.com. Left out because they belong to other sites: 1."
        in messages(page)
    )
    assert "example.com" in page.one("tbody").words
    assert SECRET not in answer.content.decode()
    assert SiteCookies.objects.get(user=alice).site == "example.com"


def test_uploaded(as_alice: Client) -> None:
    sent = SimpleUploadedFile("cookies.txt", file(line(".example.com")).encode())
    page = read(as_alice.post(COOKIES, {"file": sent}, follow=True))
    assert "Added 1 cookie of example.com." in messages(page)


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
def test_an_odd_line_of_a_file_is_named(as_alice: Client, coding: str) -> None:
    text = file(line(".example.com"), "example.com\tTRUE").replace("\n", "\r\n")
    sent = SimpleUploadedFile("cookies.txt", text.encode(coding))
    page = read(as_alice.post(COOKIES, {"file": sent}, follow=True))
    told = "Added 1 cookie of example.com. Line 4 is not a cookie: it has 2 fields"
    assert told in messages(page)


def test_renewed(as_alice: Client, alice: Any) -> None:
    keep(alice, "example.com")
    page = read(as_alice.post(COOKIES, {"text": file(line("example.com"))}, follow=True))
    assert "Replaced" in messages(page)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Paste the cookies"),
        ({"text": "hello"}, "not cookies that Ferry can read"),
        ({"text": TEXT}, "Enter the one to save them for"),
        ({"text": f"sid={SECRET}"}, "Enter the site"),
        ({"text": f"{SECRET}\ta"}, "Line 1 is not a cookie"),
    ],
)
def test_refused(as_alice: Client, sent: dict[str, str], told: str) -> None:
    assert told in problem(as_alice.post(COOKIES, sent))
    assert not SiteCookies.objects.exists()


@pytest.mark.parametrize(
    ("body", "told"), [(b"\xff\xfe\x00", "not plain text"), (b"x" * 300_000, "256 KiB")]
)
def test_a_bad_file(as_alice: Client, body: bytes, told: str) -> None:
    assert told in problem(as_alice.post(COOKIES, {"file": SimpleUploadedFile("c.txt", body)}))


def test_their_state_and_what_to_do(as_alice: Client, alice: Any) -> None:
    keep(alice, "example.com")
    assert "Working" in read(as_alice.get(COOKIES)).one("tbody").words
    note_refusal(alice.pk, "example.com")
    row = read(as_alice.get(COOKIES)).one("tbody").words
    assert "Not accepted" in row
    assert "add its cookies again" in row


def test_deleted(as_alice: Client, alice: Any) -> None:
    row = keep(alice, "example.com")
    page = read(as_alice.post(f"{COOKIES}{row.pk}/delete/", follow=True))
    assert "The cookies of example.com are deleted." in messages(page)
    assert "No cookies saved" in page.one("main").words


def test_a_strangers_are_not_there(as_bob: Client, alice: Any) -> None:
    row = keep(alice, "example.com")
    assert "No cookies saved" in read(as_bob.get(COOKIES)).one("main").words
    assert as_bob.post(f"{COOKIES}{row.pk}/delete/").status_code == 404
    assert SiteCookies.objects.exists()


def test_only_signed_in(client: Client, db: None) -> None:
    assert client.get(COOKIES)["Location"].startswith("/accounts/login/")


def test_every_field_has_its_label(as_alice: Client) -> None:
    page = read(as_alice.get(f"{COOKIES}?site=example.com"))
    assert page.one("input", id="id_site").attributes["value"] == "example.com"
    for id_ in ("id_site", "id_text", "id_file"):
        assert page.one("label", for_=id_).words


def test_the_account_leads_there(as_alice: Client) -> None:
    assert read(as_alice.get("/accounts/")).one("a", href=COOKIES).words == "Cookies"


def test_a_login_that_is_wanted_leads_there(as_alice: Client, download: Download) -> None:
    bring_to(download, "failed")
    Download.objects.update(error_code="login_required")
    (card,) = cards(read(as_alice.get("/?tab=failed")))
    link = card.one("a", class_="button")
    assert (link.words, link.attributes["href"]) == (
        "Add cookies",
        "/cookies/?site=media.example",
    )
