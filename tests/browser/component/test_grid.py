"""The catalogue's page in a browser: a grid of elements, kept by staff, with and without script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.component.arrange import choose, press
from tests.browser.component.conftest import Open
from tests.support.browser import Tab, expect, serious
from tests.support.content import MIB, content
from tests.support.length import some
from tests.support.origin import Origin
from tests.support.stack import Stack

pytestmark = pytest.mark.stack

LOOKS = some([(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")], 2)


@pytest.fixture(autouse=True)
def emptied(stack: Stack) -> Iterator[None]:
    yield
    code = "from downloads.models import Content; Content.objects.update(in_catalogue=False)"
    stack.shell(code)


def add(here: Tab, url: str, title: str) -> Any:
    here.go("/catalogue/")
    here.page.get_by_role("link", name="Add to catalogue").click()
    here.page.get_by_role("textbox", name="URL", exact=True).fill(url)
    here.page.get_by_role("textbox", name="Title").fill(title)
    press(here.page, "Add to catalogue")
    added = here.page.get_by_role("listitem", name=title)
    added.wait_for()
    return added


def test_staff_add_and_everyone_downloads(tab: Open, stack: Stack, origin: Origin) -> None:
    origin.serve("/film.bin", content(MIB))
    stack.person("bob")
    staff, bob = tab(), tab(360, user="bob")

    added = add(staff, origin.url("/film.bin"), "A film")
    added.get_by_text("1 MB").wait_for()  # probed, and told without a reload
    assert staff.complaints == []

    bob.go("/catalogue/")
    item = bob.page.get_by_role("listitem", name="A film")
    press(item, "Download")
    choose(bob)
    item.get_by_role("button", name="Save").wait_for()
    expect(item.get_by_role("link", name="Edit")).to_have_count(0)
    bob.go("/catalogue/?search=nothing")
    expect(bob.page.get_by_role("listitem")).to_have_count(0)
    assert bob.complaints == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_no_look_is_too_wide_or_hard_to_read(
    tab: Open, origin: Origin, width: int, scheme: str
) -> None:
    here = tab(width, color_scheme=scheme)
    here.go("/catalogue/")
    assert serious(here) == []
    origin.serve("/film.bin", content(MIB))
    add(here, origin.url("/film.bin"), "A film " + "with quite a title " * 10)
    gone = add(here, origin.url("/gone.mp4"), "Gone")
    here.page.get_by_role("listitem", name="A film").get_by_text("1 MB").wait_for()
    gone.get_by_text("Not found on the site").first.wait_for()
    assert serious(here) == []
    assert here.overflow() == 0
    for control in here.page.locator(".grid button, .grid a, .catalogue-head input").all():
        assert control.bounding_box()["height"] >= 44
    gone.get_by_role("link", name="Edit").click()
    here.page.wait_for_url("**/edit/")
    assert serious(here) == []
    assert here.overflow() == 0
    assert here.complaints == []


def test_many_elements_ask_together(tab: Open, stack: Stack, origin: Origin) -> None:
    code = (
        "from downloads import services; from accounts.models import User;"
        "u = User.objects.get(username='admin');"
        f"[services.add_to_catalogue(u, '{origin.url('')}/many/%d' % n) for n in range(12)];"
        "from downloads.models import Content; Content.objects.update(probe_status='ready')"
    )
    stack.shell(code)
    here = tab()
    asked: list[str] = []
    here.page.on("request", lambda one: asked.append(one.url) if "/api/" in one.url else None)
    here.go("/catalogue/")

    here.page.get_by_role("button", name="Download").nth(11).wait_for()
    here.page.wait_for_load_state("networkidle")

    own = [url for url in asked if "/queue/" not in url]
    assert len(own) <= 4, own


def test_without_javascript_it_is_a_list_of_forms(tab: Open, origin: Origin) -> None:
    # Held back: one that is done at once is in the next tab before the page is there.
    origin.serve("/plain.bin", content(MIB), hold_at=MIB // 2)
    here = tab(360, java_script_enabled=False)
    item = add(here, origin.url("/plain.bin"), "Plain")

    press(item, "Download")

    here.page.wait_for_url("**/?tab=*")
    here.page.get_by_role("listitem", name="Plain").wait_for()
