"""<media-downloader>: from "Download" to "Delete", in step with the server and with its like."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.component.arrange import choose, heard, known, press, put
from tests.browser.component.conftest import Open
from tests.support.browser import expect, serious
from tests.support.content import MIB, content
from tests.support.length import some
from tests.support.origin import Origin
from tests.support.stack import Stack, until

pytestmark = pytest.mark.stack

SLOWLY = 10 * 1024  # bytes a second of each of up to eight connections


def gone(button: Any) -> None:
    button.wait_for(state="hidden")


@pytest.mark.parametrize(("width", "scheme"), some([(1280, "light"), (360, "dark")], 1))
def test_from_download_to_delete(
    tab: Open, stack: Stack, origin: Origin, width: int, scheme: str
) -> None:
    name = f"/film-{width}.bin"
    # axe-core takes its time, and is not to find the end
    file = origin.serve(name, content(2 * MIB, width), rate=SLOWLY)
    pk = known(stack.admin, origin.url(name), "A film")
    here = tab(width, color_scheme=scheme)
    element = put(here, f'content-id="{pk}"')
    press(element, "Download")
    choose(here)

    bar = element.get_by_role("progressbar", name="A film")
    until(lambda: int(bar.get_attribute("aria-valuenow")) > 0)
    element.get_by_text("Downloading").first.wait_for()
    element.get_by_text("/s").wait_for()
    assert serious(here) == []
    press(element, "Pause")
    press(element, "Resume")
    file.rate = None
    element.get_by_role("button", name="Save").wait_for()
    expect(bar).to_be_hidden()
    assert serious(here) == []
    assert here.overflow() == 0
    with here.page.expect_download() as saved:
        press(element, "Save")
    assert saved.value.path().read_bytes() == content(2 * MIB, width)
    press(element, "Delete")
    press(element, "Undo")
    press(element, "Delete")

    element.get_by_role("button", name="Download").wait_for()
    until(lambda: heard(here)[-2:] == ["download-completed", "download-deleted"])
    told = heard(here)
    assert told[0] == "download-created"
    assert set(told) == {f"download-{k}" for k in ("created", "progress", "completed", "deleted")}
    detail = here.page.evaluate("window.heard.find(([kind]) => kind === 'download-completed')[1]")
    assert (detail["contentId"], detail["download"]["status"]) == (pk, "completed")
    assert here.complaints == []


def test_cancel_gives_the_button_back(tab: Open, stack: Stack, origin: Origin) -> None:
    origin.serve("/long.bin", content(8 * MIB), rate=SLOWLY)
    pk = known(stack.admin, origin.url("/long.bin"))
    here = tab()
    element = put(here, f'content-id="{pk}"')
    press(element, "Download")
    choose(here)

    press(element, "Cancel")

    element.get_by_role("button", name="Download").wait_for()
    focused = "element => element.shadowRoot.activeElement?.textContent"
    until(lambda: element.evaluate(focused) == "Download")
    assert here.complaints == []


def test_a_failure_stands_there_with_its_sentence(tab: Open, stack: Stack, origin: Origin) -> None:
    pk = known(stack.admin, origin.url("/gone.mp4"))
    here = tab()
    element = put(here, f'content-id="{pk}"')
    press(element, "Download")
    press(here.page.get_by_role("dialog", name="Choose quality"), "Try anyway")

    element.get_by_role("button", name="Retry").wait_for()
    expect(element.locator(".note").get_by_text("Not found on the site")).to_be_visible()
    until(lambda: heard(here)[-1:] == ["download-failed"])
    assert serious(here) == []
    origin.serve("/gone.mp4", content(MIB))
    press(element, "Retry")

    element.get_by_role("button", name="Play").wait_for()
    press(element, "Delete")
    assert here.complaints == []


def test_a_live_download_is_picked_up_and_several_stay_in_step(
    tab: Open, stack: Stack, origin: Origin
) -> None:
    origin.serve("/long.bin", content(4 * MIB, 9), rate=SLOWLY)
    admin = stack.admin
    pk = known(admin, origin.url("/long.bin"), "A long one")
    download = admin.post("downloads/", contentId=pk).json()["id"]
    here = tab()
    here.go("/catalogue/add/")  # away from the dashboard, which has a socket as well
    sockets: list[Any] = []
    here.page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108
    elements = put(here, *[f'content-id="{pk}"'] * 5)

    for at in range(5):
        elements.nth(at).get_by_role("progressbar", name="A long one").wait_for()
    press(elements.nth(0), "Pause")
    for at in range(5):
        elements.nth(at).get_by_role("button", name="Resume").wait_for()
    admin.request("DELETE", f"downloads/{download}/")
    for at in range(5):
        elements.nth(at).get_by_role("button", name="Download").wait_for()
    (ours,) = sockets

    here.page.evaluate("document.querySelector('main').replaceChildren()")
    until(lambda: here.page.wait_for_timeout(50) or ours.is_closed())
    assert here.complaints == []


def test_without_a_socket_it_polls(tab: Open, stack: Stack, origin: Origin) -> None:
    origin.serve("/polled.bin", content(MIB, 11), rate=MIB / 4)
    pk = known(stack.admin, origin.url("/polled.bin"))
    here = tab()
    here.page.route_web_socket("**/ws/**", lambda socket: socket.close())
    element = put(here, f'content-id="{pk}"')
    press(element, "Download")
    choose(here)

    element.get_by_role("button", name="Save").wait_for()
    press(element, "Delete")
    element.get_by_role("button", name="Undo").wait_for()
    stored = f"downloads/{element.evaluate('element => element.download.id')}/"
    assert stack.admin.get(stored).status_code == 200, "it can still be undone"
    here.page.evaluate("document.querySelector('main').replaceChildren()")
    until(lambda: stack.admin.get(stored).status_code == 404)


def test_attributes_may_change(tab: Open, stack: Stack, origin: Origin) -> None:
    ids = []
    for name in ("first", "second"):
        origin.serve(f"/{name}.bin", content(MIB))
        ids.append(known(stack.admin, origin.url(f"/{name}.bin")))
    here = tab()
    element = put(here, f'content-id="{ids[0]}"')
    element.get_by_text("first").wait_for()

    element.evaluate("(element, id) => element.setAttribute('content-id', id)", ids[1])
    element.get_by_text("second").wait_for()
    element.evaluate("element => element.removeAttribute('content-id')")

    element.locator(".note").get_by_text("needs a content-id").wait_for()
    assert here.complaints == []


def test_what_is_not_there_is_said(tab: Open, stack: Stack, origin: Origin) -> None:
    carol = stack.person("carol")
    theirs = known(stack.admin, origin.url("/nothing.bin"))
    here = tab(user="carol")
    for pk in (theirs, "6d1c2c22-95b2-4a5f-9d0b-000000000000", "nonsense"):
        element = put_there(here, f'content-id="{pk}"')
        element.locator(".note").get_by_text("does not exist, or it is not shared").wait_for()
        expect(element.get_by_role("button")).to_have_count(0)
    assert carol.get("downloads/").json()["results"] == []


def put_there(here: Any, attributes: str) -> Any:
    here.go("/catalogue/")
    here.page.evaluate(
        "html => { document.querySelector('main').innerHTML = html; }",
        f"<media-downloader {attributes}></media-downloader>",
    )
    return here.page.locator("media-downloader")


def test_signed_out_it_offers_to_sign_in(tab: Open) -> None:
    here = tab(user="")
    here.go("/accounts/login/")
    here.page.evaluate(
        """async () => {
            await import("/static/js/media-downloader.js");
            document.querySelector("main").innerHTML =
                '<media-downloader content-id="6d1c2c22-95b2-4a5f-9d0b-000000000000">';
        }"""
    )
    element = here.page.locator("media-downloader")

    element.get_by_text("Sign in to Ferry").first.wait_for()
    press(element, "Sign in")
    here.page.get_by_label("Username").wait_for()
