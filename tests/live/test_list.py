"""Finding one's way in many: search, tabs, selection, the keyboard, several links at once."""

from __future__ import annotations

import pytest
import requests

from tests.live.conftest import Open
from tests.live.dashboard import Somebody
from tests.stack.stack import Stack, until
from tests.transfer.origin import MIB, Origin, content

BUDGET = 60_000  # bytes of JavaScript that the dashboard may load, uncompressed
MANY = 2000
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@pytest.fixture
def three(alice: Somebody, origin: Origin) -> list[str]:
    """Slow ones, the newest first."""
    names = ["north", "west", "east"]
    for name in names:
        origin.serve(f"/{name}.mp4", content(8 * MIB), rate=MIB // 16)
        alice.ask(origin.url(f"/{name}.mp4"))
    return names[::-1]


def test_several_lines_pasted_anywhere_are_several_downloads(
    dashboard: Open, alice: Somebody, origin: Origin
) -> None:
    for name in ("one", "two"):
        origin.serve(f"/{name}.mp4", content(8 * MIB), rate=MIB // 16)
    here = dashboard(alice)
    here.page.locator("body").click(position={"x": 5, "y": 300})
    here.paste(f"{origin.url('/one.mp4')}\r\n{origin.url('/two.mp4')}\r\n")
    here.page.get_by_text("2 links. Enter queues them all.").wait_for()
    here.page.keyboard.press("Enter")

    here.said("Queued 2 downloads")
    for name in ("one", "two"):
        here.row(name).wait_for()


def test_search_is_live_and_in_the_address(
    dashboard: Open, alice: Somebody, three: list[str]
) -> None:
    here = dashboard(alice)
    here.row("west").wait_for()
    here.page.get_by_role("searchbox").press_sequentially("west")

    until(lambda: here.rows.count() == 1)
    assert "search=west" in here.page.url
    here.page.reload()
    assert here.rows.count() == 1
    here.tab("Completed").click()
    here.page.get_by_text("0 matches").wait_for()
    here.page.go_back()
    until(lambda: here.rows.count() == 1)
    assert here.complaints == []


@pytest.mark.parametrize("width", [1280, 360])
def test_many_are_selected_and_paused_at_once(
    dashboard: Open, alice: Somebody, three: list[str], width: int
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

    until(lambda: here.page.get_by_role("button", name="Resume", exact=True).count() == 3)
    assert here.complaints == []


def test_the_keyboard(dashboard: Open, alice: Somebody, three: list[str]) -> None:
    here = dashboard(alice)
    for name in three:
        here.row(name).wait_for()
    press = here.page.keyboard.press

    def focused() -> str:
        return str(here.page.evaluate("document.activeElement.querySelector('h2')?.innerText"))

    press("Escape")
    for key, name in (("j", three[0]), ("j", three[1]), ("k", three[0])):
        press(key)
        assert focused() == name
    press("p")
    here.row(three[0]).get_by_text("Paused").wait_for()
    press("x")
    here.page.get_by_text("1 selected").wait_for()
    press("Delete")
    here.said(f"Deleted: {three[0]}")
    press("/")
    assert here.page.evaluate("document.activeElement.id") == "url"
    press("Escape")
    press("?")
    here.page.get_by_role("dialog", name="Keys").wait_for()
    press("Escape")
    assert here.complaints == []


def test_the_tabs_are_in_the_address_and_take_arrows(dashboard: Open, alice: Somebody) -> None:
    here = dashboard(alice)
    here.tab("Active").focus()
    here.page.keyboard.press("ArrowRight")
    here.page.get_by_text("Nothing here yet").wait_for()
    assert "tab=completed" in here.page.url
    here.page.go_back()
    here.page.get_by_role("heading", name="Nothing under way").wait_for()
    assert here.complaints == []


def test_the_javascript_stays_small(dashboard: Open, alice: Somebody) -> None:
    here = dashboard(alice)
    names = here.page.evaluate(
        "performance.getEntriesByType('resource').map(e => e.name).filter(n => n.endsWith('.js'))"
    )

    sizes = {name: len(requests.get(name, timeout=10).content) for name in names}

    assert len(sizes) > 10
    assert sum(sizes.values()) <= BUDGET, sizes


def test_thousands_cost_no_more_than_a_page(dashboard: Open, stack: Stack, alice: Somebody) -> None:
    stack.shell(
        "import uuid\n"
        "from django.utils import timezone\n"
        "from downloads.models import Content, Download, Rendition\n"
        "from accounts.models import User\n"
        f"user = User.objects.get(username={alice.name!r})\n"
        f"contents = [Content(source_url=f'https://x.example/{{i}}', url_key=uuid.uuid4().hex,"
        f" title=f'Film {{i}}', probe_status='ready') for i in range({MANY})]\n"
        "Content.objects.bulk_create(contents)\n"
        "renditions = [Rendition(content=c, quality='auto', host='x', status='stored', size=9,"
        " storage_name=uuid.uuid4().hex, stored_at=timezone.now()) for c in contents]\n"
        "Rendition.objects.bulk_create(renditions)\n"
        "Download.objects.bulk_create([Download(user=user, content=r.content, rendition=r,"
        " quality='auto') for r in renditions])\n",
    )
    here = dashboard(alice)
    paints = []
    for _ in range(3):
        here.go("/?tab=completed")
        here.tab("Completed", MANY).wait_for()
        paints.append(until(lambda: here.page.evaluate(PAINT)))

    assert min(paints) < 1000
    here.page.get_by_role("searchbox").press_sequentially("Film 1999")
    until(lambda: here.rows.count() == 1, 5)
