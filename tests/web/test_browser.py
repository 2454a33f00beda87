"""In Chromium, by the names that people with screen readers rely on (contract, section 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from downloads.models import Content, Rendition
from tests.api.arrange import STATES, bring_to
from tests.support.browser import Tab, chromium, expect
from tests.support.ledger import ask, person, worker
from tests.support.length import some

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = "</h2><script>alert(1)</script>" + "x" * 120 + " \u202egpj.exe"
LONG = "https://" + "very-long-host-name." * 4 + "example/" + "path" * 60 + ".mp4"
WIDTHS = some([1280, 360], 1)
Open = Callable[..., Tab]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as environment, chromium() as started:
        # Playwright keeps an event loop in this thread; the rows are still ours to read here
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield started


@pytest.fixture
def tab(browser: Any, live_server: Any) -> Iterator[Open]:
    contexts = []

    def open_tab(width: int = 1280, **options: Any) -> Tab:
        viewport = {"width": width, "height": 800}
        contexts.append(browser.new_context(viewport=viewport, **options))
        # this server has no socket to give; tests/browser/live is about that
        contexts[-1].route_web_socket("**/ws/**", lambda socket: socket.close())
        return Tab(contexts[-1], live_server.url)

    yield open_tab
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("javascript", [True, False])
def test_from_signing_in_to_deleting(tab: Open, width: int, javascript: bool) -> None:
    person("alice")
    worker()
    here = tab(width, java_script_enabled=javascript)
    here.sign_in("alice")

    here.page.get_by_role("textbox", name="Paste a URL").fill("media.example/film.mp4")
    here.press("Download")

    row = here.page.get_by_role("listitem", name="film", exact=True)
    row.get_by_role("progressbar").wait_for()
    for name, then in (("Pause", "Resume"), ("Resume", "Pause"), ("Cancel", "")):
        row.get_by_role("button", name=name, exact=True).click()
        if then:  # two requests at once have no order
            row.get_by_role("button", name=then, exact=True).wait_for()
    here.page.get_by_role("tab", name="Failed 1").click()
    row.get_by_role("button", name="Retry", exact=True).click()
    here.page.get_by_role("tab", name="Active 1").click()
    row.get_by_role("button", name="Delete", exact=True).click()

    if javascript:
        deleted = here.hold("Deleted")
    here.page.get_by_role("tab", name="Active 0").wait_for()
    here.page.get_by_role("status").filter(has_text="Deleted").wait_for()
    expect(here.rows).to_have_count(0)
    if javascript:  # it goes out once it cannot be undone any more
        deleted.get_by_role("button", name="Close").click()
        here.page.get_by_role("heading", name="No active downloads").wait_for()
    assert here.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_state_is_too_wide_or_too_small_to_touch(tab: Open, width: int) -> None:
    alice = person("alice")
    # the queued one last: the others would take their turn from it
    for state in sorted(STATES, key="queued".__eq__):
        bring_to(ask(alice, title=HOSTILE if state != "running" else ""), state)
    ask(alice, LONG)
    Rendition.objects.filter(status="stored").update(mime_type="video/mp4")
    Content.objects.update(duration=4000)
    here = tab(width)
    here.sign_in("alice")

    for name in ("active", "completed", "failed"):
        here.go(f"/?tab={name}")
        assert here.overflow() == 0
        for control in here.page.locator("main button, .tab, select, input:visible").all():
            box = control.bounding_box()
            assert box is None or box["height"] >= 44, control
    for path in ("/accounts/", "/accounts/password/", "/?search=nothing"):
        here.go(path)
        assert here.overflow() == 0
    assert here.complaints == []


def test_save_play_and_copy_link(tab: Open) -> None:
    bring_to(ask(person("alice"), title="A film"), "completed")
    Rendition.objects.update(mime_type="video/mp4", ext="mp4")
    here = tab()
    here.sign_in("alice")
    here.page.get_by_role("tab", name="Completed 1").click()

    with here.page.expect_download() as saved:
        here.press("Save")
    assert saved.value.path().read_bytes() == b"0123456789"
    here.press("Copy link")
    link = here.page.get_by_label("Anyone with this link").input_value()
    assert link.startswith(here.site + "/d/")
    assert here.complaints == []
    here.press("Play")
    here.page.locator("video").wait_for()
    expect(here.page.get_by_role("heading", name="A film")).to_be_visible()


def test_the_keyboard_reaches_everything_and_shows_where_it_is(tab: Open) -> None:
    ask(person("alice"), title="A film")
    here = tab()
    here.sign_in("alice")
    focused = "document.activeElement.textContent.trim()"
    reached = []
    for _ in range(11):
        here.page.keyboard.press("Tab")
        reached.append(here.page.evaluate(focused).split(" ")[0])
        outline = here.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"

    assert reached[1:] == [
        "Download",
        "",
        "Search",
        "Select",
        "Active",
        "Completed",
        "Failed",
        "A",  # the film's title
        "Pause",
        "Cancel",
    ]


def test_the_admin_works_under_the_strict_policy(tab: Open) -> None:
    bring_to(ask(person("alice"), title=HOSTILE), "completed")
    person("charlie", is_staff=True, is_superuser=True)
    here = tab()
    here.sign_in("charlie")

    for page in ("", "downloads/download/", "downloads/rendition/", "downloads/content/add/"):
        here.go(f"/admin/{page}")
    here.go("/admin/accounts/user/")
    assert here.complaints == []
