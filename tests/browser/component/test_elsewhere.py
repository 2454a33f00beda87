"""The element in a page on another origin: a token, no cookie, and only where that is allowed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.browser.component.arrange import choose, known, press
from tests.support.browser import Tab, expect, serious
from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.shared_stack import Elsewhere
from tests.support.stack import PASSWORD, Stack, until

pytestmark = pytest.mark.stack

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Elsewhere</title>
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; script-src {site}; connect-src {site} {socket}; media-src {site}">
<script type="module" src="{site}/static/js/media-downloader.js"></script></head>
<body><main><h1>Elsewhere</h1><media-downloader {attributes}></media-downloader></main></body>
</html>
"""


@pytest.fixture
def visit(browser: Any, stack: Stack, elsewhere: Elsewhere) -> Any:
    context = browser.new_context(viewport={"width": 800, "height": 700})

    def go(attributes: str) -> Tab:
        socket = stack.url.replace("http", "ws")
        elsewhere.show(PAGE.format(site=stack.url, socket=socket, attributes=attributes))
        here = Tab(context, elsewhere.url(""))
        here.go("/")
        return here

    yield go
    context.close()


def token_of(stack: Stack) -> str:
    answer = stack.admin.post("auth/login/", username="admin", password=PASSWORD)
    return str(answer.json()["token"])


def clip(folder: Path) -> bytes:
    import imageio_ffmpeg

    path = folder / "clip.webm"
    made = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=1", "-c:v", "libvpx"]
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([ffmpeg, "-v", "error", *made, str(path)], check=True)
    return path.read_bytes()


def test_with_a_token_it_downloads_plays_and_saves(
    visit: Any, stack: Stack, origin: Origin, tmp_path: Path
) -> None:
    film = clip(tmp_path)
    origin.serve("/film.webm", film)
    pk = known(stack.admin, origin.url("/film.webm"), "A film")
    sockets: list[Any] = []
    here = visit(f'content-id="{pk}" api-base="{stack.url}/api/v1/" token="{token_of(stack)}"')
    here.page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108
    here.page.reload()
    element = here.page.locator("media-downloader")
    press(element, "Download")
    choose(here)

    press(element, "Play")
    playing = "video => video.readyState > 2 && video.videoWidth === 160"
    video = element.locator("video")
    until(lambda: video.evaluate(playing))
    with here.page.expect_download() as saved:
        press(element, "Save")
    assert saved.value.path().read_bytes() == film
    assert "ticket=" in sockets[0].url
    assert serious(here) == []
    assert here.page.context.cookies() == []
    press(element, "Delete")
    element.get_by_role("button", name="Download").wait_for()
    assert here.complaints == []


def test_the_module_knows_where_it_comes_from(visit: Any, stack: Stack, origin: Origin) -> None:
    origin.serve("/a.bin", content(MIB))
    pk = known(stack.admin, origin.url("/a.bin"), "By default")

    here = visit(f'content-id="{pk}" token="{token_of(stack)}"')

    here.page.locator("media-downloader").get_by_text("By default").wait_for()


@pytest.mark.parametrize("token", ["", 'token="ferry_wrong"'])
def test_without_a_good_token_it_says_so(visit: Any, stack: Stack, token: str) -> None:
    here = visit(f'content-id="6d1c2c22-95b2-4a5f-9d0b-000000000000" {token}')

    note = here.page.locator("media-downloader .note")
    note.get_by_text("give this element a valid token").wait_for()


def test_an_origin_that_is_not_named_gets_nothing(
    browser: Any, stack: Stack, origin: Origin
) -> None:
    """CORS is the browser's: what it may not read, the element does not show."""
    with Elsewhere() as stranger:
        pk = known(stack.admin, origin.url("/a.bin"))
        attributes = f'content-id="{pk}" token="{token_of(stack)}"'
        socket = stack.url.replace("http", "ws")
        stranger.show(PAGE.format(site=stack.url, socket=socket, attributes=attributes))
        context = browser.new_context()
        here = Tab(context, stranger.url(""))
        here.go("/")

        element = here.page.locator("media-downloader")
        element.get_by_role("button", name="Try again").wait_for()
        expect(element.locator(".title")).to_have_text("")
        # the console is heard while Playwright waits
        until(
            lambda: here.page.wait_for_timeout(50) or any("CORS" in one for one in here.complaints)
        )
        context.close()
