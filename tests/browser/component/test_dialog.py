"""The quality dialog: by its accessible names, by the keyboard, and while the source is asked."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.browser.component.arrange import choose, give_ladder, known, press, put
from tests.browser.component.conftest import Open
from tests.support.browser import expect, serious
from tests.support.content import MIB, content
from tests.support.length import some
from tests.support.origin import Origin
from tests.support.stack import Stack, until

pytestmark = pytest.mark.stack


def dialog_of(element: Any) -> Any:
    press(element, "Download")
    return element.page.get_by_role("dialog", name="Choose quality")


def described(element: Any) -> str:
    found = "element => element.getRootNode().getElementById(element.getAttribute(%r)).textContent"
    return str(element.evaluate(found % "aria-describedby"))


@pytest.mark.parametrize(("width", "scheme"), some([(360, "dark"), (1280, "light")], 1))
def test_a_radio_for_each_quality(
    tab: Open, stack: Stack, origin: Origin, width: int, scheme: str
) -> None:
    origin.serve("/film.mp4", content(MIB))
    pk = known(stack.admin, origin.url("/film.mp4"), "A film")
    give_ladder(stack, pk)
    here = tab(width, color_scheme=scheme)
    dialog = dialog_of(put(here, f'content-id="{pk}"'))

    radios = dialog.get_by_role("radio")
    expect(radios).to_have_count(6)
    assert [radio.get_attribute("aria-label") for radio in radios.all()] == [
        "Best quality, about 4.8 GB",
        "2160p, about 4.8 GB",
        "1080p, about 812 MB",
        "720p, 48 MB",
        "360p, 9.8 MB",
        "audio, 3.1 MB",
    ]
    best = dialog.get_by_role("radio", name="Best quality")
    expect(best).to_be_checked()
    until(lambda: described(best) == "2160p")
    lasts = dialog.get_by_role("combobox", name="Expires").locator("option")
    expect(lasts).to_have_text(["Never", "After 1 day", "After 7 days", "After 30 days"])
    for control in dialog.locator("label:has(input), button, select").all():
        assert control.bounding_box()["height"] >= 44
    assert here.overflow() == 0
    assert serious(here) == []
    assert here.complaints == []


def test_a_direct_file_has_one_and_the_server_gets_the_choice(
    tab: Open, stack: Stack, origin: Origin
) -> None:
    origin.serve("/a.mp4", content(MIB))
    admin = stack.admin
    pk = known(admin, origin.url("/a.mp4"))
    here = tab()
    element = put(here, f'content-id="{pk}"')
    dialog = dialog_of(element)

    only = dialog.get_by_role("radio", name="Original file, 1 MB", exact=True)
    expect(only).to_be_checked()
    dialog.get_by_role("combobox", name="Expires").select_option("After 7 days")
    choose(here)

    element.get_by_text("expires in 7 days").wait_for()
    (download,) = admin.get("downloads/", params={"search": origin.url("/a.mp4")}).json()["results"]
    assert (download["contentId"], download["quality"]) == (pk, "auto")
    assert here.complaints == []


def test_the_keyboard_is_enough_and_the_focus_comes_back(
    tab: Open, stack: Stack, origin: Origin
) -> None:
    origin.serve("/film.mp4", content(MIB))
    pk = known(stack.admin, origin.url("/film.mp4"))
    give_ladder(stack, pk)
    here = tab()
    element = put(here, f'content-id="{pk}"')
    opener = element.get_by_role("button", name="Download")
    opener.press("Enter")
    dialog = here.page.get_by_role("dialog", name="Choose quality")
    expect(dialog.get_by_role("radio", name="Best quality")).to_be_focused()

    here.page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("radio", name="2160p")).to_be_checked()
    here.page.keyboard.press("Escape")

    dialog.wait_for(state="hidden")
    expect(opener).to_be_focused()
    assert here.complaints == []


def test_the_choice_is_remembered(tab: Open, stack: Stack, origin: Origin) -> None:
    admin, ids = stack.admin, []
    for path in ("/one.mp4", "/two.mp4"):
        origin.serve(path, content(MIB, len(ids) + 5))
        ids.append(known(admin, origin.url(path)))
        give_ladder(stack, ids[-1])
    here = tab()
    first = put(here, f'content-id="{ids[0]}"')
    dialog_of(first).get_by_role("combobox", name="Expires").select_option("After 1 day")
    choose(here, "720p, 48 MB")
    press(first, "Delete")

    dialog = dialog_of(put(here, f'content-id="{ids[1]}"'))

    expect(dialog.get_by_role("radio", name="720p, 48 MB")).to_be_checked()
    expect(dialog.get_by_role("combobox", name="Expires")).to_have_value("1")


def test_a_source_that_is_still_asked_shows_a_skeleton_and_then_its_qualities(
    tab: Open, stack: Stack, origin: Origin
) -> None:
    answered = threading.Event()
    origin.serve("/slow.mp4", content(MIB), on_request=lambda *_: answered.wait(30))
    pk = known(stack.admin, origin.url("/slow.mp4"), probed=False)
    here = tab()
    dialog = dialog_of(put(here, f'content-id="{pk}"'))

    expect(dialog.locator("[aria-busy=true]")).to_be_visible()
    expect(dialog.get_by_role("button", name="Download")).to_be_disabled()
    answered.set()

    dialog.get_by_role("radio", name="Original file, 1 MB").wait_for()
    expect(dialog.get_by_role("button", name="Download")).to_be_enabled()
    assert here.complaints == []


def test_a_source_that_refuses_says_why(tab: Open, stack: Stack, origin: Origin) -> None:
    pk = known(stack.admin, origin.url("/nowhere.mp4"))
    here = tab()
    dialog = dialog_of(put(here, f'content-id="{pk}"'))

    dialog.locator("p").get_by_text("Not found on the site").wait_for()
    expect(dialog.get_by_role("button", name="Try anyway")).to_be_enabled()
    press(dialog, "Cancel")
    dialog.wait_for(state="hidden")
    assert here.complaints == []
