"""``manage.py up`` in a fresh folder: sign in, try the sample, watch it, play it. No internet."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import requests

from downloads.sample import clip
from downloads.sample.catalogue import ITEMS, ONE_FILE, QUALITIES
from downloads.sample.ladder import LADDER, MASTER
from downloads.sample.making import folder as folder_of
from tests.support.browser import Tab, chromium, expect
from tests.support.stack import PASSWORD, Person, Stack, until
from tests.support.streaming import verify

SHIPPED = clip.FOLDER / clip.VIDEO

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("first-minute") / "data"


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Stack]:
    """Loopback is allowed, as on a developer's machine: Ferry's own port must stay closed.

    The site has a name of its own, by which the worker does not call it.
    """
    with Stack(folder, sample=True, ALLOWED_HOSTS="localhost") as running:
        running.url = running.url.replace("127.0.0.1", "localhost")
        yield running


@pytest.fixture(scope="module")
def admin(stack: Stack) -> Person:
    return stack.sign_in("admin")


@pytest.fixture(scope="module")
def catalogued(stack: Stack, admin: Person) -> dict[str, dict[str, Any]]:
    """Return them as the catalogue shows them, by title, once both are made and probed."""

    def ready() -> dict[str, dict[str, Any]] | None:
        found = admin.get("content/").json()["results"]
        known = {one["title"]: one for one in found if one["probeStatus"] == "ready"}
        return known if len(known) == len(ITEMS) else None

    return until(ready, 150)


@pytest.fixture(scope="module")
def sample(catalogued: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return catalogued[ONE_FILE.title]


@pytest.fixture(scope="module")
def ladder(catalogued: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return catalogued[QUALITIES.title]


def test_the_catalogue_says_what_it_is(sample: dict[str, Any]) -> None:
    assert sample["title"] == "Ferry crossing, MP4 (sample)"
    assert sample["duration"] == 16
    (quality,) = sample["qualities"]
    assert quality["ext"] == "mp4"
    assert quality["size"] == SHIPPED.stat().st_size < 500_000


def test_four_real_rungs_and_the_sound_with_their_sizes(ladder: dict[str, Any]) -> None:
    assert (ladder["title"], ladder["duration"]) == ("Ferry crossing (sample)", 16)
    offered = ladder["qualities"]
    names = ["1080p", "720p", "480p", "360p", "audio"]
    assert [one["quality"] for one in offered] == names
    assert [one["height"] for one in offered] == [1080, 720, 480, 360, None]
    sizes = [one["size"] for one in offered]
    assert sizes[0] < 4_000_000
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] > 100_000


@pytest.mark.parametrize("quality", ["1080p", "720p", "480p", "360p", "audio"])
def test_each_rung_comes_as_it_was_offered(
    admin: Person, ladder: dict[str, Any], quality: str, tmp_path: Path
) -> None:
    offered = next(one for one in ladder["qualities"] if one["quality"] == quality)
    asked = admin.post("downloads/", contentId=ladder["id"], quality=quality).json()
    done = admin.wait_for(asked["id"], "completed")
    assert done["resolvedQuality"] == quality
    assert done["size"] == pytest.approx(offered["size"], rel=0.05)

    got = tmp_path / f"got.{offered['ext']}"
    got.write_bytes(admin.get(f"{admin.stack.url}{done['fileUrl']}").content)
    found = verify.facts(got)
    assert (found.height, found.audio_codec) == (offered["height"], "aac")
    assert found.duration == pytest.approx(16, abs=0.1)
    assert verify.complaints(got) == ""
    admin.request("DELETE", f"downloads/{asked['id']}/")


def test_any_player_can_play_it() -> None:
    told = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", SHIPPED],
        capture_output=True,
        text=True,
    ).stderr
    assert re.search(r"Duration: 00:00:16\.", told)
    assert re.search(r"Video: h264 \(High\).* yuv420p.* 1920x1080.* 24 fps", told)
    assert re.search(r"Audio: aac .*48000 Hz, stereo", told)
    head = SHIPPED.read_bytes()
    assert 0 < head.index(b"moov") < head.index(b"mdat"), "it starts before all of it is there"


def test_chosen_in_the_quality_dialog(stack: Stack, ladder: dict[str, Any]) -> None:
    with chromium() as browser:
        tab = Tab(browser.new_context(viewport={"width": 360, "height": 740}), stack.url)
        tab.sign_in("admin", PASSWORD)
        tab.go("/catalogue/")
        item = tab.page.get_by_role("listitem", name=ladder["title"])
        item.get_by_role("button", name="Download", exact=True).click()
        dialog = tab.page.get_by_role("dialog", name="Choose quality")
        names = ["Best quality", "1080p", "720p", "480p", "360p", "audio"]
        radios = dialog.get_by_role("radio")
        expect(radios).to_have_count(len(names))
        shown = [radio.get_attribute("aria-label") for radio in radios.all()]
        assert [label.partition(",")[0] for label in shown] == names
        assert all(re.search(r", about [\d.]+ [kM]B$", label) for label in shown)
        assert tab.overflow() == 0
        assert tab.complaints == []


def test_tried_in_the_browser(stack: Stack, sample: dict[str, Any], folder: Path) -> None:
    with chromium() as browser:
        tab = Tab(browser.new_context(viewport={"width": 1280, "height": 800}), stack.url)
        tab.sign_in("admin", PASSWORD)
        tab.press("Try a sample video")
        tab.page.get_by_role("tab", name="Completed 1").click()
        row = tab.page.get_by_role("listitem", name=sample["title"])
        row.get_by_role("button", name="Play", exact=True).click()
        playing = "video => video.readyState >= 3 && video.videoWidth"
        video = tab.page.locator("video")
        assert until(lambda: video.evaluate(playing)) == 1920
        assert abs(video.evaluate("video => video.duration") - 16) < 0.2
        assert tab.complaints == []


def test_downloaded_byte_by_byte_and_played(admin: Person, sample: dict[str, Any]) -> None:
    made = SHIPPED.read_bytes()
    asked = admin.post("downloads/", contentId=sample["id"]).json()
    done = admin.wait_for(asked["id"], "completed")
    assert done["sha256"] == hashlib.sha256(made).hexdigest()
    assert done["thumbnailUrl"] == "/sample/crossing.jpg"

    played = admin.get(
        f"{admin.stack.url}{done['fileUrl']}?inline=1", headers={"Range": "bytes=0-1023"}
    )
    assert (played.status_code, played.content) == (206, made[:1024])
    assert played.headers["Content-Type"] == "video/mp4"
    assert played.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize("path", ["/sample/", "/sample/../sample/", "/sample/crossing/../"])
def test_a_pasted_copy_of_its_link_is_the_same_thing(
    stack: Stack, admin: Person, sample: dict[str, Any], path: str
) -> None:
    """Dots in a path are taken out as a browser does, before the grant is looked for."""
    link = sample["sourceUrl"].replace("http://", "HTTP://").replace("/sample/", path) + "#t=3"
    pasted = admin.ask(link)
    assert pasted["contentId"] == sample["id"]
    assert admin.wait_for(pasted["id"], "completed")["sha256"]


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/healthz",
        "/sample/crossing.jpg",
        "/sample/crossing.mp4?x=1",
        "/sample/other.mp4",
        "/sample/crossing%2Emp4",
        "/sample/crossing/720p-0.m4s",
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nothing_else_of_its_own_port_is_open(
    stack: Stack, admin: Person, sample: dict[str, Any], host: str, path: str
) -> None:
    asked = admin.ask(f"http://{host}:{stack.port}{path}")
    assert admin.wait_for(asked["id"], "failed")["errorCode"] == "blocked_address"


def test_nor_the_clip_by_another_name_of_this_host(
    stack: Stack, admin: Person, sample: dict[str, Any]
) -> None:
    asked = admin.ask(f"http://localhost:{stack.port}/sample/crossing.mp4")
    assert admin.wait_for(asked["id"], "failed")["errorCode"] == "blocked_address"


def test_the_next_starts(stack: Stack, folder: Path, sample: dict[str, Any]) -> None:
    """Last: it ends the shared one. Without the sample on another port, then with it again."""
    made = (folder_of(folder / "sample", LADDER) / MASTER).stat()
    stack.stop()
    closed = {"FETCH_ALLOWED_NETWORKS": ""}
    with Stack(folder, **closed) as without:
        person = without.sign_in("admin")
        assert in_catalogue(folder) == [0, 0]
        kept = person.get("downloads/?tab=completed").json()["results"]
        assert sample["id"] in {download["contentId"] for download in kept}
    with Stack(folder, sample=True, **closed) as again:
        person = again.sign_in("admin")
        address = f"http://127.0.0.1:{again.port}/sample/crossing.mp4"

        def moved() -> dict[str, Any] | None:
            now: dict[str, Any] = person.get(f"content/{sample['id']}/").json()
            return now if now["sourceUrl"] == address else None

        until(moved, 30)
        assert requests.get(address, timeout=10).status_code == 200
        asked = person.post("downloads/", contentId=sample["id"], quality="720p").json()
        assert person.wait_for(asked["id"], "completed")["sha256"]
        assert in_catalogue(folder) == [1, 1]
    assert (folder_of(folder / "sample", LADDER) / MASTER).stat().st_ino == made.st_ino


def in_catalogue(folder: Path) -> list[int]:
    """Read past the API, which shows people what they pasted themselves, too."""
    with closing(sqlite3.connect(folder / "ferry.sqlite3")) as ledger:
        rows = ledger.execute("SELECT in_catalogue FROM downloads_content WHERE is_sample")
        return [shown for (shown,) in rows]
