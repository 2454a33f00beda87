"""Put there once, moved with the port, left out on demand, gone for good where staff says so."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from downloads import services
from downloads.models import Content, Download, Rendition
from downloads.sample import catalogue
from downloads.sample.catalogue import ONE_FILE, QUALITIES, Item
from tests.support.ledger import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


def shown() -> list[str]:
    return sorted(Content.objects.filter(in_catalogue=True).values_list("title", flat=True))


def the(item: Item) -> Content:
    return Content.objects.get(is_sample=True, source_url=catalogue.address(item))


def publish() -> list[bool]:
    return [catalogue.publish(item) for item in catalogue.ITEMS]


def test_published_once(settings: Any) -> None:
    settings.HOST, settings.PORT = "127.0.0.1", 8123
    assert publish() == [True, True]
    assert shown() == ["Ferry crossing (sample)", "Ferry crossing, MP4 (sample)"]
    found = {sample.source_url for sample in Content.objects.all()}
    assert found == {
        "http://127.0.0.1:8123/sample/crossing.mp4",
        "http://127.0.0.1:8123/sample/crossing/master.m3u8",
    }
    for sample in Content.objects.all():
        assert sample.is_sample
        assert sample.thumbnail_url == "/sample/crossing.jpg"
        assert sample.duration == 16
    assert publish() == [False, False]
    assert Content.objects.count() == 2


def test_the_file_is_there_before_the_ladder_is_made(settings: Any) -> None:
    assert catalogue.publish(ONE_FILE)
    assert shown() == [ONE_FILE.title]
    assert publish() == [False, True]


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
    assert catalogue.address(ONE_FILE) == f"{url}sample/crossing.mp4"
    assert catalogue.address(QUALITIES) == f"{url}sample/crossing/master.m3u8"


@pytest.mark.parametrize("item", catalogue.ITEMS, ids=lambda item: item.key)
def test_another_port_moves_it(settings: Any, item: Item) -> None:
    publish()
    before, alice = the(item), person("alice")
    mine = services.request(alice, content=before).download
    Rendition.objects.update(resolution="asked at the old port")
    settings.PORT += 1

    # a user pasted it before: their row keeps its own, useless link
    pasted, _ = services.add_content(alice, catalogue.address(item))
    assert publish() == [False, False]

    moved = the(item)
    assert moved.pk == before.pk
    assert moved.url_key == hashlib.sha256(catalogue.address(item).encode()).hexdigest()
    assert Rendition.objects.get(downloads=mine).resolution == ""
    assert not Content.objects.get(pk=pasted.pk).is_sample
    assert services.add_content(alice, catalogue.address(item))[0].pk == before.pk
    assert len(shown()) == 2


def test_a_link_that_was_pasted_before_becomes_the_sample() -> None:
    pasted, _ = services.add_content(person("alice"), catalogue.address(QUALITIES))
    publish()
    assert the(QUALITIES).pk == pasted.pk


def test_left_out_and_back() -> None:
    publish()
    mine = services.request(person("alice"), content=the(ONE_FILE)).download
    catalogue.leave_out()
    assert shown() == []
    assert Download.objects.filter(pk=mine.pk).exists()
    catalogue.leave_out()
    publish()
    assert the(ONE_FILE).pk == mine.content_id
    assert len(shown()) == 2


@pytest.mark.parametrize("restart", ["with the sample", "without it in between"])
def test_what_staff_took_out_stays_out(restart: str) -> None:
    publish()
    Content.objects.filter(pk=the(ONE_FILE).pk).update(in_catalogue=False)
    if restart == "without it in between":
        catalogue.leave_out()
    assert publish() == [False, False]
    assert shown() == [QUALITIES.title]


def test_what_staff_deleted_stays_away() -> None:
    publish()
    Content.objects.all().delete()
    assert publish() == [False, False]
    assert not Content.objects.exists()


def test_a_new_database_is_a_new_start(home: Path) -> None:
    publish()
    Content.objects.all().delete()
    for mark in home.glob("catalogued-*"):
        kind, key, _ = mark.name.split("-")
        mark.rename(mark.with_name(f"{kind}-{key}-20010101000000000000"))  # as of another one
    assert publish() == [True, True]
    assert len(shown()) == 2
