"""The pictures of the README and the docs: `python -m docs.make_screenshots`

Taken of the real thing: everything started in a folder of its own with the sample, and a source
on loopback that takes its time. Brings downloads to every state and photographs each page in
Chromium, desktop and phone, light and dark, into docs/pictures/. Names as arguments
(`dashboard player`) take those alone. What cannot be taken is named, and makes the status 1.
"""
# ruff: noqa: INP001, T201

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from playwright.sync_api import Error as BrowserError

from tests.support.browser import chromium
from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.stack import PASSWORD, Person, Stack, until

PICTURES = Path(__file__).parent / "pictures"
LARGEST = 300_000  # bytes: beyond that a picture gets along with 256 colours
WIDTHS = {"desktop": (1280, 860), "phone": (390, 844)}
SCHEMES = ("light", "dark")
PERSON = "mara"
SETTINGS = {
    "DJANGO_SUPERUSER_USERNAME": PERSON,
    "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    "FETCH_CONNECTIONS": "4",
    "MIN_FREE_SPACE": "0",
    "USER_MAX_ACTIVE": "2",
    "USER_STORAGE_QUOTA": "2 GiB",
}

# path, MiB, bytes a second of each of the four connections (None: at once)
SLOW = (
    ("/The%20lighthouse%20keepers.mp4", 190, 330_000),
    ("/Night%20train%20to%20the%20coast.mkv", 240, 240_000),
    ("/Field%20recordings%2C%20island%20winds.flac", 64, 90_000),
)
WAITING = (
    ("/Tidal%20charts%202026.zip", 48, 600_000),
    ("/Harbour%20talks%2C%20part%202.mp4", 88, 600_000),
)
DONE = (
    ("/Harbour%20talks%2C%20part%201.mp4", 96, None),
    ("/Letters%20from%20the%20pier.mp3", 11, None),
    ("/Pilot%20manual.pdf", 4, None),
)
CATALOGUED = (
    "/Welcome%20aboard.mp4",
    "/Safety%20on%20deck.mp4",
    "/Songs%20of%20the%20crossing.mp3",
)


@dataclass
class Set:
    """The stage of the photographs: Ferry, its person, and the origin."""

    stack: Stack
    person: Person
    origin: Origin
    ids: dict[str, str] = field(default_factory=dict)

    def ask(self, name: str, path: str) -> str:
        self.ids[name] = self.person.ask(self.origin.url(path))["id"]
        return self.ids[name]


def main(wanted: list[str]) -> int:
    PICTURES.mkdir(exist_ok=True)
    missing: list[str] = []
    with set_up() as stage, chromium() as browser:
        state = signed_in(browser, stage)

        def take(name: str, path: str, act: Callable[[Any], None] | None = None) -> None:
            if wanted and name not in wanted:
                return
            for device, size in WIDTHS.items():
                for scheme in SCHEMES:
                    picture = f"{name}-{device}-{scheme}.png"
                    try:
                        shoot(browser, stage.stack.url + path, picture, size, scheme, state, act)
                        print(f"{picture}: {(PICTURES / picture).stat().st_size:,} bytes")
                    except (BrowserError, AssertionError) as error:
                        missing.append(f"{picture}: {str(error).splitlines()[0]}")

        take("first-minute", "/")
        fill(stage)
        fill_catalogue(browser, stage, state)
        take("dashboard", "/", linger)
        take("download", f"/downloads/{stage.ids['slow']}/", linger)
        take("queue", "/queue/", linger)
        take("player", f"/downloads/{stage.ids['sample']}/play/", to_the_best_moment)
        take("completed", "/?tab=completed")
        take("failed", "/?tab=failed")
        take("catalogue", "/catalogue/")
        take("dialog", "/catalogue/", open_dialog)
    print(*missing, sep="\n")
    return 1 if missing else 0


@contextmanager
def set_up() -> Iterator[Set]:
    origin = Origin()
    data = memoryview(content(240 * MIB))  # its parts are no copies
    for path, size, rate in (*SLOW, *WAITING, *DONE):
        origin.serve(path, data[: size * MIB], rate=rate)
    for number, path in enumerate(CATALOGUED, 1):
        origin.serve(path, data[: number * 17 * MIB])
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Stack(Path(folder), sample=True, **SETTINGS) as stack,
        ):
            person = stack.sign_in(PERSON)
            for name in ("sample", "MP4"):
                until(lambda name=name: sample(person, name)["probeStatus"] == "ready", 120)
            yield Set(stack, person, origin)
    finally:
        origin.close()


def sample(person: Person, search: str = "sample") -> dict[str, Any]:
    found = person.get(f"content/?search={search}").json()["results"]
    return found[0] if found else {"probeStatus": "pending"}


def fill(stage: Set) -> None:
    """A download in every state, the slow ones well under way."""
    person = stage.person
    # the file; what there is in several qualities is for the dialog
    file = sample(person, "MP4")["id"]
    stage.ids["sample"] = person.post("downloads/", contentId=file).json()["id"]
    for path, _, _ in DONE:
        stage.ask(path, path)
    for pk in stage.ids.values():
        person.wait_for(pk, "completed")
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=6, hours=9)).isoformat()
    person.request("PATCH", f"downloads/{stage.ids[DONE[1][0]]}/", json={"expiresAt": soon})
    stage.ask("gone", "/The%20old%20timetable.mp4")
    person.wait_for(stage.ids["gone"], "failed")
    stage.ask("paused", SLOW[2][0])
    until(lambda: person.download(stage.ids["paused"])["progress"] > 3, 60)
    person.post(f"downloads/{stage.ids['paused']}/pause/")
    stage.ask("cancelled", WAITING[1][0])
    person.post(f"downloads/{stage.ids['cancelled']}/cancel/")
    stage.ask("slow", SLOW[0][0])
    stage.ask("slower", SLOW[1][0])
    for path, _, _ in WAITING:
        person.ask(stage.origin.url(path))
    until(lambda: person.download(stage.ids["slow"])["progress"] > 6, 120)


def signed_in(browser: Any, stage: Set) -> Any:
    """The cookies."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{stage.stack.url}/accounts/login/")
    page.get_by_label("Username").fill(PERSON)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(stage.stack.url + "/**")
    state = context.storage_state()
    context.close()
    return state


def fill_catalogue(browser: Any, stage: Set, state: Any) -> None:
    context = browser.new_context(storage_state=state)
    page = context.new_page()
    for path in CATALOGUED:
        page.goto(f"{stage.stack.url}/catalogue/add/")
        page.get_by_label("URL", exact=True).fill(stage.origin.url(path))
        page.get_by_label("URL", exact=True).press("Enter")
        page.wait_for_url(lambda url: not url.endswith("/add/"))
    context.close()


def shoot(
    browser: Any,
    url: str,
    picture: str,
    size: tuple[int, int],
    scheme: str,
    state: Any,
    act: Callable[[Any], None] | None,
) -> None:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
        storage_state=state,
    )
    try:
        page = context.new_page()
        page.on("console", lambda said: print(f"  {picture}: {said.text}"))
        page.on("pageerror", lambda error: print(f"  {picture}: {error}"))
        answer = page.goto(url)
        assert answer is not None
        assert answer.ok, f"{url} answered {answer.status}"
        page.wait_for_timeout(1500)
        if act is not None:
            act(page)
        page.screenshot(path=PICTURES / picture)
    finally:
        context.close()
    shrink(PICTURES / picture)


def linger(page: Any) -> None:
    """Until what counts by itself has counted."""
    page.wait_for_timeout(4000)


def open_dialog(page: Any) -> None:
    """Of what there is in several qualities."""
    film = page.get_by_role("listitem", name="Ferry crossing (sample)", exact=True)
    film.get_by_role("button", name="Download", exact=True).click(timeout=3000)
    page.get_by_role("dialog", name="Choose quality").wait_for(timeout=3000)
    page.wait_for_timeout(400)


def to_the_best_moment(page: Any) -> None:
    video = page.locator("video")
    video.wait_for(timeout=3000)
    video.evaluate("video => { video.muted = true; video.currentTime = 2 }")
    until(lambda: video.evaluate("video => !video.seeking && video.readyState >= 2"), 10)
    page.wait_for_timeout(400)


def shrink(path: Path) -> None:
    if path.stat().st_size <= LARGEST:
        return
    smaller = path.with_suffix(".256.png")
    palette = "split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=sierra2_4a"
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([ffmpeg, "-v", "error", "-y", "-i", path, "-vf", palette, smaller], check=True)
    smaller.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
