"""The doctor's page, and the echo through which it looks at a proxy."""

from __future__ import annotations

import pytest
from django.test import Client

from downloads.doctor.public_address import new_token
from tests.web.reading import read

DOCTOR, ECHO = "/doctor/", "/doctor/echo/"


def test_for_staff_alone(as_alice: Client, client: Client) -> None:
    for asked in (as_alice.get, as_alice.post):
        assert asked(DOCTOR).status_code == 403
    assert client.post(DOCTOR).headers["Location"].startswith("/accounts/login/")


def test_it_examines_on_demand(as_charlie: Client) -> None:
    page = read(as_charlie.get(DOCTOR))
    assert "Examine" in page.words
    assert not page.all("li", class_="finding is-ok")
    assert "Doctor" in read(as_charlie.get("/queue/")).words


@pytest.mark.processes
def test_the_worst_comes_first(as_charlie: Client) -> None:
    page = read(as_charlie.post(DOCTOR))
    (listed,) = (each for each in page.all("ul") if each.attributes.get("aria-label") == "Findings")
    rows = [row.attributes["class"] for row in listed.all("li")]
    order = {"finding is-fail": 0, "finding is-warn": 1, "finding is-ok": 2}
    assert rows == sorted(rows, key=lambda each: order[str(each)])
    assert "No worker is running" in page.words
    assert "problems" in page.one("p", role="status").words


@pytest.mark.django_db
def test_the_echo_is_for_staff_and_fresh_tokens(
    as_alice: Client, as_charlie: Client, client: Client
) -> None:
    assert client.get(ECHO).status_code == 403
    assert as_alice.get(ECHO, {"token": "made:up:one"}).status_code == 403
    assert as_charlie.get(ECHO).json()["host"] == "testserver"
    token = new_token()
    found = client.get(ECHO, {"token": token}, headers={"X-Forwarded-For": "192.0.2.7"})
    assert client.get(ECHO, {"token": token}).status_code == 403  # used up
    assert found.json() == {
        "scheme": "http",
        "host": "testserver",
        "client": "127.0.0.1",
        "forwarded_for": "192.0.2.7",
        "forwarded_proto": "",
    }
