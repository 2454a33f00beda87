"""The list: tabs with counts, search, pages, and titles that mean harm."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from downloads.models import Content, Download
from downloads.web.dashboard.tab import PER_PAGE
from tests.api.arrange import bring_to
from tests.support.ledger import ask
from tests.web.reading import cards, messages, read

HOSTILE = "</h2><script>alert(1)</script><img src=x onerror=alert(2)>\u202egpj.exe"


def tabs(page: Any) -> list[str]:
    return [tab.words for tab in page.all("a", role="tab")]


def test_signed_out_sees_nothing(client: Client, db: None) -> None:
    assert client.get("/")["Location"] == "/accounts/login/?next=/"
    assert client.get("/downloads/list/").status_code == 302


def test_tabs_have_counts(as_alice: Client, alice: Any, bob: Any) -> None:
    for state in ("completed", "failed", "cancelled"):
        bring_to(ask(alice), state)
    ask(alice)
    ask(bob)

    page = read(as_alice.get("/?tab=failed"))

    assert tabs(page) == ["Active 1", "Completed 1", "Failed 2"]
    assert page.one("a", role="tab", aria_selected="true").words == "Failed 2"
    assert len(cards(page)) == 2


@pytest.mark.parametrize(
    "query", ["tab=nonsense", "page=nonsense", "page=-1", "link=nonsense", "search=%00", "tab="]
)
def test_an_odd_address_shows_the_list(as_alice: Client, download: Download, query: str) -> None:
    assert len(cards(read(as_alice.get(f"/?{query}")))) == 1


def test_search_goes_by_title_and_address(as_alice: Client, alice: Any) -> None:
    ask(alice, "https://one.example/a.mp4", title="A long summer")
    ask(alice, "https://two.example/b.mp4", title="Winter")

    found = read(as_alice.get("/", {"search": "two.example winter"}))
    nothing = read(as_alice.get("/", {"search": "autumn"}))

    assert [card.one("h2").words for card in cards(found)] == ["Winter"]
    assert not cards(nothing)
    assert "0 matches for autumn" in nothing.words


def test_long_lists_have_pages(as_alice: Client, alice: Any) -> None:
    for _ in range(PER_PAGE + 1):
        ask(alice)

    first = read(as_alice.get("/?search=example"))
    second = read(as_alice.get("/" + str(first.one("a", rel="next").attributes["href"])[1:]))

    assert (len(cards(first)), len(cards(second))) == (PER_PAGE, 1)
    assert "Page 2 of 2" in second.words


def test_more_rows_cost_no_more_queries(
    as_alice: Client, alice: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        ask(alice)
    # session, user, counts, groups, the rows, their five for the places, whether a worker is there
    with django_assert_max_num_queries(11):
        assert len(cards(read(as_alice.get("/")))) == 12


@pytest.mark.parametrize("state", ["queued", "completed", "failed"])
def test_a_hostile_title_stays_text(as_alice: Client, alice: Any, state: str) -> None:
    download = ask(alice, title=HOSTILE)
    bring_to(download, state)
    tab = {"queued": "active"}.get(state, state)

    response = as_alice.get("/", {"tab": tab, "search": "<script>"})

    (card,) = cards(read(response))
    assert "<script>alert(1)</script>" in card.one("h2").text
    assert b"<script>alert" not in response.content
    as_alice.post(f"/downloads/{download.pk}/delete/")
    response = as_alice.get("/")
    assert "<script>alert(1)" in messages(read(response))
    assert b"<script>alert" not in response.content


def test_a_thumbnail_is_fetched_over_https_or_not_at_all(as_alice: Client, alice: Any) -> None:
    ask(alice)
    for url, shown in (("https://a.example/t.jpg", 1), ("http://a.example/t.jpg", 0)):
        Content.objects.update(thumbnail_url=url)
        (card,) = cards(read(as_alice.get("/")))
        assert len(card.all("img")) == shown


def test_nothing_is_inline(as_alice: Client, download: Download) -> None:
    page = read(as_alice.get("/"))

    assert not page.all("style")
    assert all(script.attributes.get("src") for script in page.all("script"))

    def walk(element: Any) -> None:
        assert not any(name == "style" or name.startswith("on") for name in element.attributes)
        for child in element.children:
            walk(child)

    walk(page)


def test_without_javascript_it_refreshes_only_what_moves(
    as_alice: Client, download: Download
) -> None:
    def refreshes() -> bool:
        head = read(as_alice.get("/")).one("head")
        return bool(head.one("noscript").all("meta")) if head.all("noscript") else False

    assert refreshes()
    bring_to(download, "paused")
    assert not refreshes()


def test_the_live_part_leaves_messages_unread(as_alice: Client, download: Download) -> None:
    as_alice.post(f"/downloads/{download.pk}/pause/")

    part = read(as_alice.get("/downloads/list/?tab=active"))

    assert len(cards(part)) == 1
    assert not part.all("html")
    assert messages(read(as_alice.get("/"))).startswith("Paused")
