"""The listing's page and the parent rows, as they are without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from downloads import conf, services
from downloads.engine.core.errors import IS_A_PLAYLIST
from downloads.jobs.keep_listing import keep_listing
from downloads.models import Content, Download
from downloads.queue.transitions import stamp_failure
from tests.api.arrange import bring_to
from tests.services.playlists.arrange import entry, ids, keys, listing, pasted
from tests.support.ledger import ask, claim_by, failed, worker
from tests.web.conftest import signed_in
from tests.web.reading import Element, read


@pytest.fixture
def page_of(alice: Any) -> Client:
    return signed_in(alice)


@pytest.fixture
def page_of_bob(bob: Any) -> Client:
    return signed_in(bob)


def place(content: Content, verb: str = "") -> str:
    return f"/playlists/{content.pk}/{verb}/" if verb else f"/playlists/{content.pk}/"


def boxes(page: Element) -> list[Element]:
    return page.all("input", name="entries")


def chosen(user: Any, count: int = 3) -> tuple[Content, Any]:
    content = pasted(user, count)
    return content, services.request_entries(user, content, keys(content)).group


def test_the_listing(page_of: Client, alice: Any) -> None:
    hostile = entry(3, title="</li><script>alert(1)</script>", thumbnail_url="javascript:x")
    content = pasted(alice, 0, entries=(entry(1), entry(2), hostile), more=True, total=57)
    ask(alice, entry(2).url)
    page = read(page_of.get(place(content)))
    assert "Playlist, the first 3 of 57 videos" in page.words
    assert [box.attributes["value"] for box in boxes(page)] == ids(content)
    assert not any("checked" in box.attributes for box in boxes(page))
    assert "Already here: waiting" in page.words
    assert "1:01" in page.words
    assert len(page.all("script")) == 1
    assert "</li><script>alert(1)</script>" in page.words


def test_selecting_without_javascript(page_of: Client, alice: Any) -> None:
    content = pasted(alice, 5)
    ask(alice, entry(1).url)
    for query, wanted in (("select=all", 4), ("first=3", 2), ("first=x", 0), ("first=-1", 0)):
        page = read(page_of.get(f"{place(content)}?{query}"))
        assert sum("checked" in box.attributes for box in boxes(page)) == wanted, query


def test_choosing(page_of: Client, alice: Any) -> None:
    content = pasted(alice, 5)
    fields = {"entries": ids(content, 2), "quality": "720p"}
    response = page_of.post(place(content, "choose"), fields)
    assert response.status_code == 303
    group = alice.download_groups.get()
    assert response["Location"] == f"/?tab=active&at={group.pk}#group-{group.pk}"
    assert [one.quality for one in Download.objects.all()] == ["720p", "720p"]
    page = read(page_of.get("/?tab=active"))
    assert "Queued 2 downloads" in page.words


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Select at least one entry"),
        ({"entries": ["x"]}, "Select at least one entry"),
        ({"entries": ["1" * 32], "quality": "9p"}, "Choose one of the qualities"),
        ({"entries": [f"{n:032x}" for n in range(201)]}, "at most 200"),
    ],
)
def test_what_is_wrong_is_said(page_of: Client, alice: Any, fields: Any, said: str) -> None:
    content = pasted(alice, 2)
    response = page_of.post(place(content, "choose"), fields, follow=True)
    assert said in read(response).words
    assert not Download.objects.exists()


def test_pages_and_more(page_of: Client, alice: Any) -> None:
    content = pasted(alice, conf.PLAYLIST_PAGE + 3, more=True)
    first = read(page_of.get(place(content)))
    assert "1 to 200 of 203" in first.words
    assert not first.all("button", id="read-on")
    page_of.get(f"{place(content)}?page=2")
    response = page_of.post(place(content, "more"), {"page": "3"}, follow=True)
    assert "Loading more entries..." in read(response).words
    assert Content.objects.get(pk=content.pk).probe_status == "pending"


def test_one_parent_row_for_a_group(page_of: Client, alice: Any) -> None:
    _, group = chosen(alice, 4)
    alone = ask(alice)
    bring_to(Download.objects.filter(group=group).order_by("created_at").first(), "completed")
    page = read(page_of.get("/"))
    (row,) = page.all("li", id=f"group-{group.pk}")
    assert "A course" in row.words
    assert "1 of 4" in row.words
    assert "25%" in row.words
    assert row.one("div", role="progressbar").attributes["aria-valuenow"] == "25"
    assert not row.all("li")
    assert page.all("li", id=f"download-{alone.pk}")
    opened = read(page_of.get(f"/?tab=active&open={group.pk}"))
    assert len(opened.one("li", id=f"group-{group.pk}").all("li")) == 3
    done = read(page_of.get(f"/?tab=completed&open={group.pk}"))
    assert len(done.one("li", id=f"group-{group.pk}").all("li")) == 1


def test_the_list_narrowed_to_a_group(page_of: Client, page_of_bob: Client, alice: Any) -> None:
    _, group = chosen(alice, 3)
    ask(alice)
    page = read(page_of.get(f"/?group={group.pk}"))
    assert "Chosen from A course" in page.words
    assert len(page.all("div", role="progressbar")) == 3
    assert "A course" not in read(page_of_bob.get(f"/?group={group.pk}")).words


def test_a_search_finds_what_is_inside(page_of: Client, alice: Any) -> None:
    chosen(alice, 3)
    page = read(page_of.get("/?search=part+2"))
    assert len(page.all("div", role="progressbar")) == 1
    assert "1 match" in page.words


def test_one_chosen_alone_is_a_card(page_of: Client, alice: Any) -> None:
    _, group = chosen(alice, 1)
    page = read(page_of.get("/"))
    assert not page.all("li", id=f"group-{group.pk}")
    assert len(page.all("div", role="progressbar")) == 1


def test_the_groups_buttons(page_of: Client, page_of_bob: Client, alice: Any, bob: Any) -> None:
    _, group = chosen(alice, 3)
    mine = Download.objects.filter(group=group).with_status()
    for action, wanted in (("pause", ["paused"] * 3), ("resume", ["queued"] * 3)):
        assert page_of_bob.post(f"/groups/{group.pk}/{action}/").status_code == 404
        response = page_of.post(f"/groups/{group.pk}/{action}/", {"next": "/?tab=active"})
        assert (response.status_code, response["Location"]) == (303, "/?tab=active")
        assert [one.status for one in mine.all()] == wanted
    page_of.post(f"/groups/{group.pk}/delete/")
    assert not mine.all().exists()


def test_rows_cost_a_bounded_number_of_queries(
    page_of: Client, alice: Any, django_assert_max_num_queries: Any
) -> None:
    chosen(alice, 3)
    page_of.get("/")
    for number in range(10):
        ask(alice, f"https://other.example/{number}.mp4")
    with django_assert_max_num_queries(14):
        page_of.get("/")


def test_a_playlist_that_was_asked_for_leads_to_its_listing(page_of: Client, alice: Any) -> None:
    download = ask(alice, "https://course.example/list")
    rendition = failed(claim_by(worker()), "unsupported_url")
    stamp_failure(rendition, error_code="unsupported_url", error=IS_A_PLAYLIST)
    keep_listing(download.content_id, listing(3))
    page = read(page_of.get("/?tab=failed"))
    assert IS_A_PLAYLIST in page.words or "It is gone." in page.words
    link = page.one("a", id=f"remedy-{download.pk}")
    assert link.words == "Choose what to download"
    assert link.attributes["href"] == place(download.content)


def test_pasting_a_known_playlist_goes_to_its_listing(page_of: Client, alice: Any) -> None:
    content = pasted(alice, 3)
    response = page_of.post("/downloads/", {"url": content.source_url})
    assert (response.status_code, response["Location"]) == (303, place(content))
    assert not Download.objects.exists()


def test_the_preview(page_of: Client, alice: Any) -> None:
    content = pasted(alice, 57)
    page = read(page_of.get(f"/downloads/preview/{content.pk}/"))
    assert "Playlist, 57 videos" in page.words
    assert page.one("a").attributes["href"] == place(content)


def test_bob_sees_nothing_of_alices(page_of_bob: Client, alice: Any) -> None:
    content = pasted(alice, 3)
    assert page_of_bob.get(place(content)).status_code == 404
    for verb in ("choose", "more"):
        fields = {"entries": ids(content)}
        assert page_of_bob.post(place(content, verb), fields).status_code == 404
    assert not Download.objects.exists()


def test_a_single_item_has_no_listing(page_of: Client, alice: Any) -> None:
    content = ask(alice).content
    response = page_of.get(place(content))
    assert response.status_code == 303
    assert response["Location"].startswith("/?url=")
