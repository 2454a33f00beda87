"""In Chromium: a playlist is pasted, chosen from, and followed as one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db.models.functions import Now

from downloads import conf, services
from downloads.jobs.keep_listing import keep_listing
from downloads.models import Download, Rendition
from tests.api.arrange import bring_to
from tests.services.playlists.arrange import entry, keys, listing, pasted
from tests.support.browser import Tab, expect, serious
from tests.support.ledger import ask, person, worker
from tests.support.length import some
from tests.support.stack import until
from tests.web.test_browser import Open, browser, tab

__all__ = ["browser", "tab"]

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [
    pytest.param({"width": 360, "color_scheme": "dark"}, id="phone dark"),
    pytest.param({"width": 1280, "color_scheme": "light"}, id="desktop light"),
]
LONG = "A title that goes on and on about what can be seen in this part of the whole, and more"


@pytest.fixture
def alice() -> Any:
    worker()
    return person("alice")


def opened(tab: Open, path: str, **options: Any) -> Tab:
    here = tab(**options)
    here.sign_in("alice")
    here.go(path)
    return here


def button(here: Tab, name: str) -> Any:
    return here.page.get_by_role("button", name=name, exact=True)


def box(here: Tab, name: str) -> Any:
    return here.page.get_by_role("checkbox", name=name, exact=True)


def grouped(user: Any, count: int = 4) -> Any:
    content = pasted(user, count)
    return services.request_entries(user, content, keys(content)).group


def with_groups(here: Tab) -> Tab:
    """Once their script listens, which comes after the page: plain forms until then."""
    here.page.evaluate("async () => void (await import('/static/js/groups.js'))")
    return here


def group_row(here: Tab) -> Any:
    return here.page.get_by_role("listitem", name="A course", exact=True)


@pytest.mark.parametrize("javascript", [True, False])
def test_from_choosing_to_one_row(tab: Open, alice: Any, javascript: bool) -> None:
    content = pasted(alice, 12)
    here = opened(tab, f"/playlists/{content.pk}/", java_script_enabled=javascript)
    here.page.get_by_label("Number of entries").fill("5")
    button(here, "Select first").click()
    expect(box(here, "Part 5")).to_be_checked()
    expect(box(here, "Part 6")).not_to_be_checked()
    box(here, "Part 1").uncheck()
    here.page.get_by_label("Quality").select_option("720p")
    here.page.get_by_role("button", name=re.compile("^Download")).click()

    row = group_row(here)
    row.get_by_role("progressbar", name="A course").wait_for()
    here.page.get_by_text("Queued 4 downloads").wait_for()
    expect(row).to_contain_text("0 of 4")
    row.get_by_role("link", name=re.compile("Show 4")).click()
    here.page.get_by_role("listitem", name="Part 2", exact=True).wait_for()
    assert {one.quality for one in Download.objects.all()} == {"720p"}
    assert here.complaints == []


def test_selecting_with_mouse_and_keys(tab: Open, alice: Any) -> None:
    content = pasted(alice, 12)
    ask(alice, entry(3).url)
    here = opened(tab, f"/playlists/{content.pk}/")
    count = here.page.locator("#go-count")
    here.page.get_by_role("link", name="Select all").click()
    expect(count).to_have_text("11 selected")  # what is here already is left out
    expect(button(here, "Download 11")).to_be_visible()
    here.page.get_by_role("link", name="None", exact=True).click()
    box(here, "Part 2").click()
    box(here, "Part 5").click(modifiers=["Shift"])
    expect(count).to_have_text("4 selected")
    here.page.keyboard.press("ArrowDown")
    here.page.keyboard.press("Space")
    expect(box(here, "Part 6")).to_be_checked()
    here.page.get_by_role("link", name="None", exact=True).click()
    button(here, "Download").click()
    until(lambda: here.page.evaluate("document.activeElement.type") == "checkbox")
    assert here.complaints == []


def test_reading_on(tab: Open, alice: Any) -> None:
    content = pasted(alice, 3, more=True)
    here = opened(tab, f"/playlists/{content.pk}/")
    button(here, "Show more").click()
    here.page.get_by_text("Loading more entries...").wait_for()
    keep_listing(content.pk, listing(2, start=3))
    box(here, "Part 5").wait_for()
    here.page.wait_for_load_state()
    expect(button(here, "Show more")).to_be_hidden()
    assert here.complaints == []


def test_pasting_a_playlist(tab: Open, alice: Any) -> None:
    content = pasted(alice, 57)
    here = opened(tab, "/")
    here.page.get_by_role("textbox", name="Paste a URL").fill(content.source_url)
    here.page.get_by_text("Playlist, 57 videos").wait_for()
    here.page.keyboard.press("Enter")
    here.page.wait_for_url(f"**/playlists/{content.pk}/")
    assert not Download.objects.exists()
    assert here.complaints == []


def test_the_parents_bar_moves(tab: Open, alice: Any) -> None:
    group = grouped(alice)
    first = Download.objects.filter(group=group).earliest("created_at")
    bring_to(first, "running")
    rendition = Rendition.objects.filter(pk=first.rendition_id)
    told = {"phase": "downloading", "bytes_total": 1_000_000, "lease_expires_at": Now()}
    rendition.update(progress=10, bytes_done=100_000, seq=5, **told)
    here = opened(tab, "/")
    bar = group_row(here).get_by_role("progressbar", name="A course")
    wide = bar.locator("rect")
    until(lambda: float(wide.get_attribute("width")) > 2)
    rendition.update(progress=60, bytes_done=600_000, seq=9, speed=200_000)
    until(lambda: float(wide.get_attribute("width")) > 14)
    expect(bar).to_have_attribute("aria-valuenow", re.compile("^1[45]$"))
    expect(group_row(here)).to_contain_text("200 kB/s")
    assert here.complaints == []


def test_the_parents_buttons(tab: Open, alice: Any) -> None:
    group = grouped(alice)
    here = with_groups(opened(tab, "/"))
    mine = Download.objects.filter(group=group).with_status()
    button(here, "Pause all").click()
    button(here, "Resume all").wait_for()
    assert {one.status for one in mine.all()} == {"paused"}
    button(here, "Delete all").click()
    toast = here.hold("Deleted: A course")
    expect(group_row(here)).to_be_hidden()
    toast.get_by_role("button", name="Undo").click()
    group_row(here).wait_for()
    button(here, "Delete all").click()
    here.hold("Deleted").get_by_label("Close").click()
    here.page.get_by_text("No active downloads").wait_for()
    assert not mine.all().exists()
    assert here.complaints == []


@pytest.mark.parametrize("look", some(LOOKS, 1))
def test_nothing_serious(tab: Open, alice: Any, look: dict[str, Any]) -> None:
    content = pasted(alice, 0, entries=(entry(1), entry(2, title=LONG * 3), entry(3)), more=True)
    ask(alice, entry(1).url)
    here = opened(tab, f"/playlists/{content.pk}/?select=all", **look)
    assert serious(here) == []
    assert here.overflow() <= 0
    services.request_entries(alice, content, keys(content))
    here.go("/")
    assert serious(here) == [], "closed"
    group_row(here).get_by_role("link", name=re.compile("^Show")).click()
    here.page.get_by_role("listitem", name="Part 3", exact=True).wait_for()
    assert serious(here) == [], "open"
    assert here.overflow() <= 0


def test_group_code_comes_only_where_there_is_a_group(tab: Open, alice: Any) -> None:
    ask(alice)
    names = "performance.getEntriesByType('resource').map(one => one.name)"
    here = opened(tab, "/")
    here.page.wait_for_load_state("networkidle")
    assert not any("groups.js" in name for name in here.page.evaluate(names))
    grouped(alice)
    here.go("/")
    until(lambda: any("groups.js" in name for name in here.page.evaluate(names)))


def test_the_selection_goes_along_to_the_next_page(
    tab: Open, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conf, "PLAYLIST_PAGE", 3)
    content = pasted(alice, 6)
    here = opened(tab, f"/playlists/{content.pk}/")
    box(here, "Part 2").check()
    here.page.get_by_role("link", name="Next").click()
    box(here, "Part 5").check()
    count = here.page.locator("#go-count")
    expect(count).to_have_text("2 selected, 1 of them on other pages")
    here.page.get_by_role("link", name="Previous").click()
    expect(box(here, "Part 2")).to_be_checked()
    button(here, "Download 2").click()

    here.page.get_by_text("Queued 2 downloads").wait_for()
    assert sorted(one.title for one in Download.objects.all()) == ["Part 2", "Part 5"]
    here.go(f"/playlists/{content.pk}/")
    expect(count).to_have_text("0 selected")
    assert here.complaints == []


def test_more_than_one_request_takes_is_said_before_it_is_sent(
    tab: Open, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conf, "MAX_ACTIONS", 2)
    content = pasted(alice, 3)
    here = opened(tab, f"/playlists/{content.pk}/")
    here.page.get_by_role("link", name="Select all").click()
    button(here, "Download 3").click()
    here.page.get_by_text("3 selected: at most 2 at once").wait_for()
    assert not Download.objects.exists()
