"""Finding one's way in many: search, tabs, selection, the keyboard, several links at once."""

from __future__ import annotations

import re

import pytest
import requests

from tests.browser.live.conftest import Open
from tests.browser.live.dashboard import DashboardUser
from tests.support.browser import expect
from tests.support.content import MIB, content
from tests.support.length import some
from tests.support.origin import Origin
from tests.support.stack import Stack, until

BUDGET = 62_000  # bytes of JavaScript that the dashboard may load, uncompressed
MANY = 2000
SLOWLY = 16 * 1024  # bytes a second of each of up to eight connections
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@pytest.fixture
def three(alice: DashboardUser, origin: Origin) -> list[str]:
    """Slow ones, the newest first."""
    names = ["north", "west", "east"]
    for name in names:
        origin.serve(f"/{name}.mp4", content(8 * MIB), rate=SLOWLY)
        alice.ask(origin.url(f"/{name}.mp4"))
    return names[::-1]


def test_several_lines_pasted_anywhere_are_several_downloads(
    dashboard: Open, alice: DashboardUser, origin: Origin
) -> None:
    for name in ("one", "two"):
        origin.serve(f"/{name}.mp4", content(8 * MIB), rate=SLOWLY)
    here = dashboard(alice)
    here.page.locator("body").click(position={"x": 5, "y": 300})
    here.paste(f"{origin.url('/one.mp4')}\r\n{origin.url('/two.mp4')}\r\n")
    here.page.get_by_text("2 links. Press Enter to queue all.").wait_for()
    here.page.keyboard.press("Enter")

    here.said("Queued 2 downloads")
    for name in ("one", "two"):
        here.row(name).wait_for()


def test_search_is_live_and_in_the_address(
    dashboard: Open, alice: DashboardUser, three: list[str]
) -> None:
    here = dashboard(alice)
    here.row("west").wait_for()
    here.page.get_by_role("searchbox").press_sequentially("west")

    expect(here.page).to_have_url(re.compile("search=west"))
    expect(here.rows).to_have_count(1)
    here.page.reload()
    expect(here.rows).to_have_count(1)
    here.tab("Completed").click()
    here.page.get_by_text("0 matches").wait_for()
    here.page.go_back()
    expect(here.rows).to_have_count(1)
    assert here.complaints == []


@pytest.mark.parametrize("width", some([1280, 360], 1))
def test_many_are_selected_and_paused_at_once(
    dashboard: Open, alice: DashboardUser, three: list[str], width: int
) -> None:
    here = dashboard(alice, width=width)
    here.row("west").wait_for()
    here.press("Select")
    boxes = here.page.get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    here.page.get_by_text("3 selected").wait_for()
    assert here.overflow() == 0
    here.press("Pause selected")

    expect(here.page.get_by_role("button", name="Resume", exact=True)).to_have_count(3)
    assert here.complaints == []


def test_the_keyboard(dashboard: Open, alice: DashboardUser, three: list[str]) -> None:
    here = dashboard(alice)
    for name in three:
        here.row(name).wait_for()
    press = here.page.keyboard.press

    def focused() -> str:
        return str(here.page.evaluate("document.activeElement.querySelector('h2')?.innerText"))

    press("Escape")
    for key, name in (("j", three[0]), ("j", three[1]), ("k", three[0])):
        press(key)
        until(lambda name=name: focused() == name)
    press("p")
    here.row(three[0]).get_by_text("Paused").wait_for()
    press("x")
    here.page.get_by_text("1 selected").wait_for()
    press("Delete")
    here.said(f"Deleted: {three[0]}")
    press("/")
    expect(here.field).to_be_focused()
    press("Escape")
    press("?")
    here.page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    press("Escape")
    assert here.complaints == []


def test_the_tabs_are_in_the_address_and_take_arrows(dashboard: Open, alice: DashboardUser) -> None:
    here = dashboard(alice)
    here.tab("Active").focus()
    here.page.keyboard.press("ArrowRight")
    here.page.get_by_text("No completed downloads").wait_for()
    expect(here.page).to_have_url(re.compile("tab=completed"))
    here.page.go_back()
    here.page.get_by_role("heading", name="No active downloads").wait_for()
    assert here.complaints == []


def test_the_javascript_stays_small(dashboard: Open, alice: DashboardUser) -> None:
    here = dashboard(alice)
    names = here.page.evaluate(
        "performance.getEntriesByType('resource').map(e => e.name).filter(n => n.endsWith('.js'))"
    )

    sizes = {name: len(requests.get(name, timeout=10).content) for name in names}

    assert len(sizes) > 10
    assert sum(sizes.values()) <= BUDGET, sizes


def test_thousands_cost_no_more_than_a_page(
    dashboard: Open, stack: Stack, alice: DashboardUser
) -> None:
    stack.shell(
        "import uuid\n"
        "from django.db import transaction\n"
        "from django.utils import timezone\n"
        "from downloads.models import Content, Download, Rendition\n"
        "from accounts.models import User\n"
        f"user = User.objects.get(username={alice.name!r})\n"
        f"contents = [Content(source_url=f'https://x.example/{{i}}', url_key=uuid.uuid4().hex,"
        f" title=f'Film {{i}}', probe_status='ready') for i in range({MANY})]\n"
        "renditions = [Rendition(content=c, quality='auto', host='x', status='stored', size=9,"
        " storage_name=uuid.uuid4().hex, stored_at=timezone.now()) for c in contents]\n"
        "with transaction.atomic():\n"  # the sweep takes what has no download at that moment
        "    Content.objects.bulk_create(contents)\n"
        "    Rendition.objects.bulk_create(renditions)\n"
        "    Download.objects.bulk_create([Download(user=user, content=r.content, rendition=r,"
        " quality='auto', state='completed', tab='completed') for r in renditions])\n",
    )
    here = dashboard(alice)
    paints: dict[str, list[float]] = {"failed": [], "completed": []}
    for tab in [*paints] * 3:
        here.go(f"/?tab={tab}")
        here.tab("Completed", MANY).wait_for()
        paints[tab].append(until(lambda: here.page.evaluate(PAINT)))

    # on a busy machine an empty page takes long as well
    assert min(paints["completed"]) < max(1000, 2 * min(paints["failed"]))
    here.page.get_by_role("searchbox").press_sequentially("Film 1999")
    expect(here.rows).to_have_count(1)
