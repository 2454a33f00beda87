"""One download in the browser, from pasting to deleting."""

from __future__ import annotations

import re

import pytest

from tests.browser.live.conftest import Open
from tests.browser.live.dashboard import DashboardUser
from tests.support.browser import expect
from tests.support.content import MIB, content
from tests.support.length import some
from tests.support.origin import Origin
from tests.support.stack import until

WIDTHS = some([360, 1280], 1)
SLOWLY = 32 * 1024  # bytes a second of each of up to eight connections


@pytest.mark.parametrize("width", WIDTHS)
def test_from_pasting_to_playing(
    dashboard: Open, alice: DashboardUser, origin: Origin, width: int
) -> None:
    file = origin.serve("/harbour.mp4", content(12 * MIB), rate=SLOWLY)
    here = dashboard(alice, width=width)
    here.field.focus()
    here.paste(origin.url("/harbour.mp4"))
    here.page.locator("#preview").get_by_text("12.6 MB").first.wait_for()
    here.page.keyboard.press("Enter")

    row = here.row("harbour")
    row.get_by_text("Downloading").wait_for()
    here.wait_for_progress("harbour", 2)
    here.tab("Active", 1).wait_for()
    expect(here.field).to_have_value("")
    row.get_by_text("of 12.6 MB").wait_for()
    row.get_by_text("kB/s").or_(row.get_by_text("MB/s")).first.wait_for()
    until(lambda: "%" in here.page.title())
    file.rate = None

    here.said("Completed: harbour")
    here.tab("Completed", 1).click()
    row.get_by_role("button", name="Copy link", exact=True).wait_for()
    assert here.overflow() == 0
    row.get_by_role("button", name="Play", exact=True).click()
    here.page.locator("video").first.wait_for()
    assert here.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pause_resume_cancel_undo(
    dashboard: Open, alice: DashboardUser, origin: Origin, width: int
) -> None:
    origin.serve("/slow.mp4", content(16 * MIB), rate=SLOWLY)
    here = dashboard(alice, width=width)
    here.ask(origin.url("/slow.mp4"))
    row = here.row("slow")
    row.get_by_text("Downloading").wait_for()
    for button, state in (("Pause", "Paused"), ("Resume", "Downloading")):
        row.get_by_role("button", name=button, exact=True).click()
        row.get_by_text(state).wait_for()
    row.get_by_role("button", name="Cancel", exact=True).click()

    toast = here.hold("Cancelled: slow")
    here.tab("Failed", 1).wait_for()
    expect(here.rows).to_have_count(0)
    toast.get_by_role("button", name="Undo").click()
    here.tab("Active", 1).wait_for()
    row.wait_for()
    assert here.complaints == []


def test_a_press_is_not_lost_where_the_list_changes_meanwhile(
    dashboard: Open, alice: DashboardUser, origin: Origin
) -> None:
    origin.serve("/pressed.mp4", content(8 * MIB), rate=SLOWLY)
    asked = alice.ask(origin.url("/pressed.mp4"))
    alice.post(f"downloads/{asked['id']}/pause/")
    here = dashboard(alice)
    row = here.row("pressed")
    row.get_by_role("button", name="Resume", exact=True).wait_for()
    row.get_by_role("button", name="Cancel", exact=True).hover()
    here.page.mouse.down()
    with here.page.expect_response(re.compile("/list/")):
        alice.post(f"downloads/{asked['id']}/resume/")
    here.page.wait_for_timeout(300)  # in which it would be shown
    here.page.mouse.up()

    here.said("Cancelled: pressed")
    assert here.complaints == []


def test_a_delete_waits_for_its_undo(dashboard: Open, alice: DashboardUser, origin: Origin) -> None:
    origin.serve("/done.mp4", content(MIB))
    asked = alice.ask(origin.url("/done.mp4"))
    alice.wait_for(asked["id"], "completed")
    here = dashboard(alice)
    here.tab("Completed", 1).click()
    row = here.row("done")
    row.get_by_role("button", name="Delete", exact=True).click()

    toast = here.hold("Deleted: done")
    here.tab("Completed", 0).wait_for()
    assert alice.get(f"downloads/{asked['id']}/").ok, "nothing is sent while it can be undone"
    toast.get_by_role("button", name="Undo").click()
    row.wait_for()
    here.tab("Completed", 1).wait_for()

    row.get_by_role("button", name="Delete", exact=True).click()
    here.hold("Deleted: done").get_by_role("button", name="Close").click()
    until(lambda: alice.get(f"downloads/{asked['id']}/").status_code == 404)
    here.page.get_by_text("No completed downloads").wait_for()
    assert here.complaints == []


def test_a_delete_goes_out_when_the_page_is_left(
    dashboard: Open, alice: DashboardUser, origin: Origin
) -> None:
    origin.serve("/left.mp4", content(MIB))
    asked = alice.ask(origin.url("/left.mp4"))
    alice.wait_for(asked["id"], "completed")
    here = dashboard(alice)
    here.tab("Completed", 1).click()
    here.row("left").get_by_role("button", name="Delete", exact=True).click()
    here.said("Deleted: left")

    here.go("/accounts/")

    until(lambda: alice.get(f"downloads/{asked['id']}/").status_code == 404)


def test_a_failure_says_why_and_how_to_mend_it(
    dashboard: Open, alice: DashboardUser, origin: Origin
) -> None:
    url = origin.url("/nothing.mp4")
    here = dashboard(alice)
    here.ask(url)
    here.said("Failed")
    here.tab("Failed", 1).click()

    row = here.rows.first
    row.locator(".card-note").wait_for()
    row.get_by_role("link", name="Edit link").click()
    here.page.wait_for_url("**/?url=*")
    expect(here.field).to_have_value(url)
    origin.serve("/nothing.mp4", content(MIB))
    here.tab("Failed", 1).click()
    here.rows.get_by_role("button", name="Retry", exact=True).click()
    here.tab("Completed", 1).wait_for()
    assert here.faults == []


def test_a_link_that_is_none_is_refused_in_a_sentence(
    dashboard: Open, alice: DashboardUser
) -> None:
    here = dashboard(alice)
    here.ask("not a link")

    expect(here.page.locator(".toast.error p")).to_have_text(re.compile(".{11,}"))
    expect(here.field).to_have_value(re.compile("^(not a link)?$"))
    expect(here.rows).to_have_count(0)


def test_asking_for_what_is_here_shows_it(
    dashboard: Open, alice: DashboardUser, origin: Origin
) -> None:
    origin.serve("/mine.mp4", content(MIB))
    asked = alice.ask(origin.url("/mine.mp4"))
    alice.wait_for(asked["id"], "completed")
    here = dashboard(alice)
    here.field.fill(origin.url("/mine.mp4"))
    here.page.get_by_text("You already have this").wait_for()
    here.press("Download")

    here.said("You already have this")
    here.row("mine").wait_for()
    expect(here.page).to_have_url(re.compile("tab=completed"))
