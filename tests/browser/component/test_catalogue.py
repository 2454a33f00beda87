"""The catalogue's pages: for everyone to look at, for staff to keep; without JavaScript too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from downloads import services
from downloads.models import Content, Download
from tests.support.ledger import person, url
from tests.web.conftest import alice, as_alice, as_charlie, charlie, signed_in
from tests.web.reading import Element, buttons, messages, read

__all__ = ["alice", "as_alice", "as_charlie", "charlie"]

QUALITIES = [
    {"quality": "720p", "height": 720, "ext": "mp4", "size": 48_000_000, "sizeIsEstimate": False},
    {"quality": "audio", "ext": "m4a", "size": 3_000_000, "sizeIsEstimate": True},
]


def listed(title: str = "A film", **facts: Any) -> Content:
    staff = person(f"staff {Content.objects.count()}")
    content = services.add_to_catalogue(staff, url(), title=title)
    Content.objects.filter(pk=content.pk).update(probe_status="ready", **facts)
    return Content.objects.get(pk=content.pk)


def items(page: Element) -> list[str | None]:
    grid = [item for item in page.all("li") if item.attributes.get("class") == "item"]
    return [item.attributes["aria-label"] for item in grid]


def test_everyone_sees_the_catalogue_and_nothing_else(as_alice: Client) -> None:
    film = listed()
    services.add_content(person("bob"), url(), title="Of Bob alone")

    page = read(as_alice.get("/catalogue/"))

    assert items(page) == ["A film"]
    assert page.one("media-downloader").attributes["content-id"] == str(film.pk)
    assert buttons(page.one("media-downloader")) == ["Download"]
    assert "Edit" not in page.words


def test_signed_out_goes_to_sign_in(client: Client) -> None:
    assert client.get("/catalogue/")["Location"] == "/accounts/login/?next=/catalogue/"


def test_a_plain_form_downloads_the_chosen_quality(as_alice: Client, alice: Any) -> None:
    listed(qualities=QUALITIES)
    form = read(as_alice.get("/catalogue/")).one("media-downloader").one("form")
    assert [option.words for option in form.all("option")] == ["720p, 48 MB", "audio, about 3 MB"]

    fields = {"content": form.one("input", name="content").attributes["value"], "quality": "audio"}
    answer = as_alice.post(str(form.attributes["action"]), fields)

    assert answer.status_code == 303
    assert Download.objects.get(user=alice).quality == "audio"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("film", ["A film"]),
        ("LONG  summer", ["A long summer"]),
        ("media.example a", None),
        ("%", []),
    ],
)
def test_search_is_in_the_address(as_alice: Client, search: str, found: list[str] | None) -> None:
    listed("A film")
    listed("A long summer")

    page = read(as_alice.get("/catalogue/", {"search": search}))

    assert sorted(map(str, items(page))) == (
        ["A film", "A long summer"] if found is None else found
    )
    assert page.one("input", id="search").attributes["value"] == search
    assert f"{len(items(page))} match" in page.words


def test_pages_keep_the_search(as_alice: Client) -> None:
    for number in range(26):
        listed(f"Film {number}")

    first = read(as_alice.get("/catalogue/?search=film"))
    second = read(as_alice.get(str(first.one("a", rel="next").attributes["href"])))

    assert (len(items(first)), items(second)) == (24, ["Film 1", "Film 0"])
    assert second.one("a", rel="prev").attributes["href"] == "/catalogue/?search=film&page=1"


def test_the_number_of_items_costs_no_queries(
    as_alice: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(24):
        listed(f"Film {number}")
    with django_assert_max_num_queries(8):
        as_alice.get("/catalogue/")


@pytest.mark.parametrize("path", ["add/", "{pk}/edit/", "{pk}/remove/", "{pk}/probe/"])
def test_it_is_kept_by_staff(as_alice: Client, path: str) -> None:
    film = listed()
    address = "/catalogue/" + path.format(pk=film.pk)

    answers = [as_alice.post(address, {"url": url()})]
    if path in ("add/", "{pk}/edit/"):
        answers.append(as_alice.get(address))

    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert Content.objects.get().in_catalogue


def test_adding(as_charlie: Client) -> None:
    typed = {"url": " media.example/a.mp4 ", "title": "A film", "thumbnail_url": "https://i/t.jpg"}

    answer = as_charlie.post("/catalogue/add/", typed)

    content = Content.objects.get()
    assert (content.source_url, content.title) == ("https://media.example/a.mp4", "A film")
    assert (content.in_catalogue, content.thumbnail_url) == (True, "https://i/t.jpg")
    page = read(as_charlie.get(answer["Location"]))
    assert messages(page) == "Added to the catalogue: A film"
    assert {"Edit"} <= {link.words for link in page.all("a")}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"url": ""}, "required"),
        ({"url": "ftp://media.example/a"}, "http"),
        ({"url": "media.example/a", "title": "x" * 501}, "500"),
        ({"url": "media.example/a", "thumbnail_url": "http://i/t.jpg"}, "https://"),
        ({"url": "media.example/a", "thumbnail_url": "//i/t.jpg"}, "https://"),
        ({"url": "media.example/a", "thumbnail_url": "javascript:alert(1)"}, "https://"),
    ],
)
def test_what_is_wrong_is_said_and_kept_in_its_field(
    as_charlie: Client, typed: dict[str, str], said: str
) -> None:
    page = read(as_charlie.post("/catalogue/add/", typed))

    (errors,) = page.all("ul", class_="errorlist")
    assert said in errors.words
    assert page.one("input", id="id_url").attributes.get("value", "") == typed["url"]
    assert not Content.objects.exists()


def test_editing(as_charlie: Client) -> None:
    film = listed(qualities=QUALITIES)
    page = read(as_charlie.get(f"/catalogue/{film.pk}/edit/"))
    assert page.one("input", id="id_title").attributes["value"] == "A film"
    assert "720p, 48 MB" in page.words

    as_charlie.post(f"/catalogue/{film.pk}/edit/", {"title": "Another", "thumbnail_url": ""})

    assert items(read(as_charlie.get("/catalogue/"))) == ["Another"]


def test_removing_can_be_undone_and_takes_no_download(
    as_charlie: Client, as_alice: Client, alice: Any
) -> None:
    film = listed()
    services.request(alice, content=film)

    answer = as_charlie.post(f"/catalogue/{film.pk}/remove/")

    page = read(as_charlie.get(answer["Location"]))
    assert items(page) == []
    assert Download.objects.count() == 1
    back = read(as_charlie.get(str(page.one("div", id="toasts").one("a").attributes["href"])))
    as_charlie.post("/catalogue/add/", {"url": back.one("input", id="id_url").attributes["value"]})
    assert items(read(as_alice.get("/catalogue/"))) == ["A film"]
    assert as_charlie.post(f"/catalogue/{film.pk}/remove/").status_code == 303
    assert as_charlie.post(f"/catalogue/{film.pk}/remove/").status_code == 404


def test_probing_again_asks_the_source(as_charlie: Client) -> None:
    film = listed()
    failed = {"probe_status": "failed", "probe_error": "It is gone.", "probe_attempts": 3}
    Content.objects.filter(pk=film.pk).update(**failed)
    assert "It is gone." in read(as_charlie.get("/catalogue/")).words

    as_charlie.post(f"/catalogue/{film.pk}/probe/")

    again = Content.objects.get()
    assert (again.probe_status, again.probe_error, again.probe_attempts) == ("pending", "", 0)


@pytest.mark.parametrize("staff", [True, False])
def test_an_empty_one_teaches(db: None, staff: bool) -> None:
    here = signed_in(person("dora", is_staff=staff))

    page = read(here.get("/catalogue/"))

    ways = {link.words: link for link in page.one("main").all("a")}
    way = ways["Add the first link" if staff else "Paste a link"]
    assert way.attributes["href"] == ("/catalogue/add/" if staff else "/")


def test_a_hostile_title_is_text(as_alice: Client) -> None:
    listed("</h2><script>alert(1)</script>", thumbnail_url="javascript:alert(1)")

    page = read(as_alice.get("/catalogue/"))

    assert items(page) == ["</h2><script>alert(1)</script>"]
    assert page.one("media-downloader").all("img") == []
    assert page.one("media-downloader").all("script") == []
