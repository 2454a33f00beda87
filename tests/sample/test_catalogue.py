"""Put there once, moved with the port, left out on demand, gone for good where staff says so."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from downloads import services
from downloads.models import Content, Download, Rendition
from downloads.sample import catalogue
from tests.ledger import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


def shown() -> list[Content]:
    return list(Content.objects.filter(in_catalogue=True))


def the_sample() -> Content:
    (content,) = shown()
    return content


def test_published_once(settings: Any) -> None:
    settings.HOST, settings.PORT = "127.0.0.1", 8123
    assert catalogue.publish()
    sample = the_sample()
    assert sample.is_sample
    assert sample.source_url == "http://127.0.0.1:8123/sample/crossing.mp4"
    assert sample.thumbnail_url == "/sample/crossing.jpg"
    assert sample.duration == 16
    assert not catalogue.publish()
    assert the_sample().pk == sample.pk


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("0.0.0.0", 8000, "http://127.0.0.1:8000/"),
        ("::", 8000, "http://[::1]:8000/"),
        ("192.168.7.7", 80, "http://192.168.7.7/"),
        ("localhost", 8000, "http://localhost:8000/"),
    ],
)
def test_at_the_address_that_this_host_reaches(
    settings: Any, host: str, port: int, url: str
) -> None:
    settings.HOST, settings.PORT = host, port
    assert catalogue.address() == f"{url}sample/crossing.mp4"


def test_another_port_moves_it(settings: Any) -> None:
    catalogue.publish()
    alice = person("alice")
    mine = services.request(alice, content=the_sample()).download
    Rendition.objects.update(resolution={"asked": "at the old port"})
    sample, settings.PORT = the_sample(), settings.PORT + 1

    # somebody was there before: his row keeps its own, useless link
    pasted, _ = services.add_content(alice, catalogue.address())
    catalogue.publish()

    moved = the_sample()
    assert moved.pk == sample.pk
    assert moved.source_url == catalogue.address()
    assert moved.url_key == hashlib.sha256(catalogue.address().encode()).hexdigest()
    assert Rendition.objects.get(downloads=mine).resolution is None
    assert not Content.objects.get(pk=pasted.pk).is_sample
    assert services.add_content(alice, catalogue.address())[0].pk == sample.pk


def test_a_link_that_was_pasted_before_becomes_the_sample() -> None:
    pasted, _ = services.add_content(person("alice"), catalogue.address())
    catalogue.publish()
    assert the_sample().pk == pasted.pk


def test_left_out_and_back() -> None:
    catalogue.publish()
    mine = services.request(person("alice"), content=the_sample()).download
    catalogue.leave_out()
    assert shown() == []
    assert Download.objects.filter(pk=mine.pk).exists()
    catalogue.leave_out()
    catalogue.publish()
    assert the_sample().pk == mine.content_id


@pytest.mark.parametrize("restart", ["with the sample", "without it in between"])
def test_what_staff_took_out_stays_out(restart: str) -> None:
    catalogue.publish()
    Content.objects.filter(is_sample=True).update(in_catalogue=False)
    if restart == "without it in between":
        catalogue.leave_out()
    assert not catalogue.publish()
    assert shown() == []


def test_what_staff_deleted_stays_away() -> None:
    catalogue.publish()
    Content.objects.all().delete()
    assert not catalogue.publish()
    assert not Content.objects.exists()


def test_a_new_database_is_a_new_start(home: Path) -> None:
    catalogue.publish()
    Content.objects.all().delete()
    (mark,) = home.glob("catalogued-*")
    mark.rename(mark.with_name("catalogued-20010101000000000000"))  # as of another one
    assert catalogue.publish()
    assert the_sample().is_sample
