"""The rows of one kind: each form put to its peers and to Ferry."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.field.peers import players, programs
from tests.field.peers.table import Row
from tests.field.peers.verdicts import Verdict, wants_error
from tests.field.support.clips import Clips
from tests.field.support.kind import Form
from tests.field.support.origin import Site
from tests.field.support.product import kinds

Peer = Callable[[Site, Form, Path], Verdict]
ARGUMENTS = [
    "--no-sandbox", "--disable-web-security", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip


@contextmanager
def _browser() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def _family(form: Form) -> str:
    path = form.path.partition("?")[0]
    return "hls" if path.endswith(".m3u8") else "dash" if path.endswith(".mpd") else "http"


def _peers(browser: Any, family: str, player: str, clips: Clips) -> dict[str, Peer]:
    """Each takes the origin, the form and an empty folder."""

    def chromium(site: Site, form: Form, folder: Path) -> Verdict:
        with browser.new_context(accept_downloads=True) as context:
            root = site.url("")
            return programs.chromium(context.new_page(), form.url(root), form, clips, root)

    def plays(name: str) -> Peer:
        def play(site: Site, form: Form, folder: Path) -> Verdict:
            url = form.url(site.url(""))
            with browser.new_context() as context:
                tab = context.new_page()
                return players.play(tab, player, name, url, form, clips, folder)

        return play

    def program(run: Callable[[str, Form, Clips, Path], Verdict]) -> Peer:
        return lambda site, form, folder: run(form.url(site.url("")), form, clips, folder)

    by_family: dict[str, dict[str, Peer]] = {
        "http": {"curl": program(programs.curl), "Chromium": chromium},
        "hls": {"hls.js": plays("hls.js"), "ffmpeg": program(programs.ffmpeg)},
        "dash": {"Shaka": plays("shaka-player"), "ffmpeg": program(programs.ffmpeg)},
    }
    return {**by_family[family], "Ferry": program(programs.ferry)}


def rows_of(kind_name: str, scratch: Path) -> list[Row]:
    """The rows of a kind, each peer having an origin of its own: what that counts begins again."""
    clips, kind, rows = Clips(scratch / "media"), kinds()[kind_name], []
    with (
        tempfile.TemporaryDirectory(dir=scratch) as root,
        _browser() as browser,
        players.page_of(scratch / "npm") as page,
    ):
        for at, (name, form) in enumerate(kind.forms.items()):
            family, verdicts = _family(form), {}
            for label, peer in _peers(browser, family, page.url("/"), clips).items():
                place = Path(root) / f"{at}-{label}"
                place.mkdir()
                with kind.origin(clips) as site:
                    verdicts[label] = peer(site, form, place)
            print(kind_name, name, *verdicts.values(), sep=" | ", file=sys.stderr, flush=True)
            rows.append(Row(family, kind_name, name, wants_error(form.expected), verdicts))
    return rows
