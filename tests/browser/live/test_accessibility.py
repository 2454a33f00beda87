"""axe-core finds nothing serious on the pages, whatever the width and the theme."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.live.conftest import Open
from tests.browser.live.dashboard import DashboardUser
from tests.network.jars import file, line
from tests.support.browser import Tab, serious
from tests.support.content import MIB, content
from tests.support.length import some
from tests.support.origin import Origin
from tests.support.stack import Stack, until

LOOKS = [
    pytest.param({"width": 1280, "color_scheme": "light"}, id="desktop light"),
    pytest.param({"width": 360, "color_scheme": "dark"}, id="phone dark"),
]


@pytest.mark.parametrize("look", some(LOOKS, 1))
def test_the_dashboard(
    dashboard: Open, alice: DashboardUser, origin: Origin, look: dict[str, Any]
) -> None:
    origin.serve("/done.mp4", content(MIB))
    origin.serve("/slow.mp4", content(24 * MIB), rate=32 * 1024)
    alice.wait_for(alice.ask(origin.url("/done.mp4"))["id"], "completed")
    gone = alice.ask(origin.url("/gone.mp4"))["id"]
    until(lambda: alice.download(gone)["status"] == "failed")
    here = dashboard(alice, **look)
    assert serious(here) == [], "an empty list"
    alice.ask(origin.url("/slow.mp4"))
    here.wait_for_progress("slow", 1)
    assert serious(here) == [], "one under way"
    for tab, title in (("Completed", "done"), ("Failed", "gone")):
        here.tab(tab).click()
        here.row(title).wait_for()
        assert serious(here) == [], tab
    here.page.keyboard.press("?")
    here.page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    assert serious(here) == [], "the keys"
    assert here.overflow() <= 0


@pytest.mark.parametrize("look", some(LOOKS, 1))
def test_signing_in_and_the_account(
    stack: Stack, browser: Any, alice: DashboardUser, look: dict[str, Any]
) -> None:
    size = {"width": look["width"], "height": 800}
    context = browser.new_context(viewport=size, color_scheme=look["color_scheme"])
    tab = Tab(context, stack.url)
    tab.go("/accounts/login/")
    assert serious(tab) == []
    tab.sign_in(alice.name, "correct horse battery")
    tab.go("/accounts/")
    assert serious(tab) == []
    tab.go("/cookies/?site=example.com")
    tab.page.get_by_label("Paste cookies").fill(file(line(".example.com")))
    tab.press("Save cookies")
    tab.page.get_by_role("cell", name="example.com").wait_for()
    assert serious(tab) == []
    assert tab.overflow() <= 0
    tab.go("/webhooks/")
    tab.page.get_by_label("Address").fill(f"https://hooks.example/{'long' * 30}")
    tab.press("Add webhook")
    tab.page.get_by_label("The secret").wait_for()
    assert serious(tab) == []
    assert tab.overflow() <= 0
    tab.page.get_by_role("link", name="https://hooks.example/").first.click()
    tab.page.get_by_role("heading", name="Messages to").wait_for()
    assert serious(tab) == []
    assert tab.overflow() <= 0
    tab.go("/nowhere/")
    assert serious(tab) == []
    context.close()
