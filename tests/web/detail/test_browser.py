"""In Chromium, over the real thing: worker, origin, socket and all."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import requests

from tests.support.browser import Tab, chromium, expect
from tests.support.content import content
from tests.support.length import some
from tests.support.origin import Origin
from tests.support.stack import Person, Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.slow]

WIDTHS = some([1280, 360], 1)
MIB = 1024 * 1024
CLIP_SECONDS = 40
Open = Callable[..., Tab]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def alice(stack: Stack) -> Person:
    return stack.person("alice")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Something that Chromium plays, and can seek in."""
    path: Path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    picture = f"testsrc2=s=160x90:r=5:d={CLIP_SECONDS}"
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "lavfi", "-i", picture]
    coded = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "5", "-movflags", "+faststart"]
    subprocess.run([*ffmpeg, *coded, str(path)], check=True)
    return path.read_bytes()


@pytest.fixture
def tab(browser: Any, stack: Stack) -> Iterator[Open]:
    contexts = []

    def open_tab(width: int = 1280, username: str = "alice", **options: Any) -> Tab:
        viewport = {"width": width, "height": 800}
        contexts.append(browser.new_context(viewport=viewport, **options))
        here = Tab(contexts[-1], stack.url)
        here.enter(stack.session(username))
        here.page.set_default_timeout(15_000)
        here.complaints.clear()  # the dashboard has its own tests
        return here

    yield open_tab
    for context in contexts:
        context.close()


def fits(here: Tab) -> None:
    """Nothing of the page itself is wider than the window, or too small for a thumb."""
    widest = here.page.evaluate(
        "Math.max(...[...document.querySelectorAll('main *')]"
        ".map(element => element.getBoundingClientRect().right))"
    )
    assert widest <= here.page.viewport_size["width"]
    heights = here.page.evaluate(
        "[...document.querySelectorAll('main button')]"
        ".map(button => button.getBoundingClientRect().height)"
    )
    assert all(height >= 44 for height in heights if height)  # 0: within what is hidden


@pytest.mark.parametrize("width", WIDTHS)
def test_the_download_page_follows_by_itself(
    tab: Open, alice: Person, origin: Origin, width: int
) -> None:
    film = content(3 * MIB // 4, width)
    file = origin.serve(f"/slow-{width}.bin", film, rate=20_000, most_connections=1)
    download = alice.ask(origin.url(f"/slow-{width}.bin"))
    here = tab(width, color_scheme="dark")
    here.go(f"/downloads/{download['id']}/")
    page = here.page
    page.get_by_text("Downloading", exact=True).wait_for()
    page.get_by_role("progressbar", name=re.compile(f"slow-{width}")).wait_for()
    fits(here)
    page.evaluate("window.stayed = true")
    file.rate = 150_000

    page.get_by_text("Completed", exact=True).first.wait_for(timeout=60_000)

    expect(page.get_by_role("listitem").first).to_have_text(re.compile(r"^\s*Requested"))
    page.get_by_role("listitem").get_by_text("Saved", exact=True).wait_for()
    page.get_by_role("img", name=re.compile("^Speed over .*: average")).wait_for()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    assert page.evaluate("window.stayed")
    fits(here)
    assert here.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_link_and_hash_are_copied(tab: Open, alice: Person, origin: Origin, width: int) -> None:
    data = content(1000, width)
    origin.serve(f"/small-{width}.bin", data)
    download = alice.ask(origin.url(f"/small-{width}.bin"))
    sha256 = alice.wait_for(download["id"], "completed")["sha256"]
    here = tab(width, permissions=["clipboard-read", "clipboard-write"])
    here.go(f"/downloads/{download['id']}/")
    page = here.page

    page.get_by_label("7 days").check()
    here.press("Copy link")
    page.get_by_text("Link copied.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    expect(page.get_by_role("textbox", name=re.compile("^Anyone with this link"))).to_have_value(
        link
    )
    assert requests.get(link, timeout=10).content == data
    here.press("Copy SHA-256")
    until(lambda: page.evaluate("navigator.clipboard.readText()") == sha256)

    fits(here)
    assert here.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_player_has_keys_and_goes_on_where_you_left(
    tab: Open, alice: Person, origin: Origin, clip: bytes, width: int
) -> None:
    origin.serve(f"/clip-{width}.mp4", clip)
    download = alice.ask(origin.url(f"/clip-{width}.mp4"))
    alice.wait_for(download["id"], "completed")
    here = tab(width)
    page = here.page
    here.go(f"/downloads/{download['id']}/")
    here.press("Play")
    page.wait_for_url("**/play/**")
    until(lambda: page.evaluate("player.readyState >= 2 && player.videoWidth === 160"))
    page.evaluate("player.pause()")

    page.keyboard.press("m")
    until(lambda: page.evaluate("player.muted"))
    page.keyboard.press("ArrowDown")
    until(lambda: page.evaluate("player.volume") < 1)
    page.evaluate("player.currentTime = 0")
    page.keyboard.press("ArrowRight")
    until(lambda: page.evaluate("player.currentTime === 5"))
    page.keyboard.press("Space")
    until(lambda: page.evaluate("!player.paused && player.currentTime > 5"))
    page.keyboard.press("Space")
    until(lambda: page.evaluate("player.paused"))
    page.evaluate("player.currentTime = 21")
    until(lambda: page.evaluate("localStorage.length > 0 && !player.seeking"))
    fits(here)

    page.reload()

    page.get_by_text("Resumed at 0:21, where you left off.").wait_for()
    until(lambda: page.evaluate("player.currentTime") >= 21)
    here.press("Start over")
    until(lambda: page.evaluate("player.currentTime < 5"))
    assert here.complaints == []


def test_what_cannot_be_played_is_said(tab: Open, alice: Person, origin: Origin) -> None:
    origin.serve("/broken.mp4", content(5000, 7))
    download = alice.ask(origin.url("/broken.mp4"))
    alice.wait_for(download["id"], "completed")
    here = tab()
    here.go(f"/downloads/{download['id']}/play/")

    alert = here.page.get_by_role("alert")
    alert.get_by_text("Your browser cannot play this (video/mp4). Save it").wait_for()
    alice.request("DELETE", f"downloads/{download['id']}/")
    here.page.evaluate("player.load()")

    alert.get_by_text("The file has expired or was deleted.").wait_for()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_queue_page_keeps_itself_up_to_date(
    tab: Open, alice: Person, origin: Origin, width: int
) -> None:
    here = tab(width, username="admin")
    here.go("/queue/")
    page = here.page
    page.get_by_role("heading", name="Workers").wait_for()
    origin.serve(f"/endless-{width}.bin", content(8 * MIB, width), rate=20_000)
    download = alice.ask(origin.url(f"/endless-{width}.bin"))

    row = page.get_by_role("listitem", name=re.compile(f"endless-{width}"))
    row.get_by_role("progressbar").wait_for()
    expect(row).to_contain_text("Owner: alice")
    page.get_by_text("1 of 16 slots in use").wait_for()
    fits(here)
    row.get_by_role("button", name="Cancel").click()

    assert alice.wait_for(download["id"], "cancelled")
    expect(page.get_by_role("status").first).to_have_text(re.compile(r"^\s*Cancelled"))
    page.get_by_text("0 of 16 slots in use").wait_for()
    assert here.complaints == []
