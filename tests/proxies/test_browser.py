"""The main job in Chromium, below a path and behind nginx: nothing leads out of the path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from downloads.sample import clip
from tests.browser.component.arrange import choose, known, press
from tests.browser.live.dashboard import Dashboard
from tests.proxies.conftest import PREFIX
from tests.support.browser import Tab
from tests.support.origin import Origin
from tests.support.shared_stack import Elsewhere
from tests.support.stack import PASSWORD, Stack, until

ELSEWHERE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Elsewhere</title>
<script type="module" src="{site}/static/js/media-downloader.js"></script></head>
<body><media-downloader content-id="{content}" token="{token}"></media-downloader></body></html>
"""
FILM = (clip.FOLDER / clip.VIDEO).read_bytes()
PLAYS = "video => video.readyState > 2 && video.videoWidth > 0"


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    opened = browser.new_context(viewport={"width": 1280, "height": 800})
    yield opened
    opened.close()


def asked_of(context: Any, site: str) -> list[str]:
    """The paths that the browser asks this site for, from here on, sockets too."""
    paths: list[str] = []

    def note(url: str) -> None:
        if (parts := urlsplit(url)).netloc == urlsplit(site).netloc:
            paths.append(parts.path)

    context.on("request", lambda request: note(request.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: note(socket.url)))
    return paths


def test_the_main_job(below: Stack, sites: dict[str, str], context: Any, origin: Origin) -> None:
    name, site = "film", sites["strips"]
    below.url = site
    file = origin.serve(f"/{name}.mp4", FILM, rate=64 * 1024)
    paths = asked_of(context, site)
    here = Dashboard(context, site)
    here.sign_in("admin", PASSWORD)
    here.connected("Live")
    here.field.focus()
    here.paste(origin.url(f"/{name}.mp4"))
    here.page.locator("#preview").get_by_text("388 kB").first.wait_for()
    here.page.keyboard.press("Enter")
    here.wait_for_progress(name, 2)
    file.rate = None
    here.said(f"Completed: {name}")
    here.tab("Completed").click()

    row = here.row(name)
    with here.page.expect_download() as saved:
        row.get_by_role("button", name="Save", exact=True).click()
    assert saved.value.path().read_bytes() == FILM
    row.get_by_role("button", name="Play", exact=True).click()
    video = here.page.locator("video").first
    with here.page.expect_response(lambda answer: answer.status == 206):
        video.evaluate("video => { video.currentTime = 12 }")
    until(lambda: video.evaluate(PLAYS))

    here.go("/")
    here.tab("Completed").click()
    press(here.row(name), "Delete")
    here.said("Deleted")
    for place in ("Catalogue", "Queue", "Admin", "Account"):
        here.go("/")
        bar = here.page.get_by_role("navigation", name="Main")
        bar.get_by_role("link", name=place, exact=True).click()
        here.page.wait_for_url(lambda address: urlsplit(address).path != f"{PREFIX}/")
    here.press("Sign out")
    here.page.wait_for_url(f"{site}/accounts/login/")
    assert f"{PREFIX}/ws/downloads/" in paths
    assert [path for path in paths if not path.startswith(f"{PREFIX}/")] == []
    assert here.faults == []


def test_the_component_on_another_page(
    below: Stack, sites: dict[str, str], context: Any, origin: Origin, elsewhere: Elsewhere
) -> None:
    name, site = "elsewhere", sites["leaves"]
    below.url = site
    admin = below.admin
    origin.serve(f"/{name}.mp4", FILM)
    token = admin.post("auth/login/", username="admin", password=PASSWORD).json()["token"]
    content = known(admin, origin.url(f"/{name}.mp4"), name)
    elsewhere.show(ELSEWHERE.format(site=site, content=content, token=token))
    paths = asked_of(context, site)
    here = Tab(context, elsewhere.url(""))
    here.go("/")

    element = here.page.locator("media-downloader")
    press(element, "Download")
    choose(here)
    press(element, "Play")
    video = element.locator("video")
    until(lambda: video.evaluate(PLAYS))
    press(element, "Delete")
    element.get_by_role("button", name="Undo").wait_for()
    here.page.close()
    assert f"{PREFIX}/ws/downloads/" in paths
    assert [path for path in paths if not path.startswith(f"{PREFIX}/")] == []
    assert here.complaints == []
