"""Headless Chromium: its downloads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, sync_playwright

from benchmarks.peers import verdicts
from benchmarks.peers.rows import LIMIT, Ask, Trial
from benchmarks.peers.verdicts import Cell

DOWNLOAD = "Chromium: a click on <a href=URL download>, on a page of the same site"
# Origins are on ports of their own: a player's page is never of the same site.
FLAGS = ["--no-sandbox", "--disable-web-security", "--autoplay-policy=no-user-gesture-required"]
_CLICK = """(url) => {
    const link = document.createElement("a");
    link.href = url;
    link.download = "";
    document.body.append(link);
    link.click();
}"""


def path() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("Chromium is not here")
    return found


@contextmanager
def tabs() -> Iterator[Any]:
    """Yield a browser whose contexts share nothing."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def chromium() -> Iterator[Ask]:
    with tabs() as browser:

        def ask(trial: Trial) -> Cell:
            with browser.new_context(accept_downloads=True) as context:
                return _download(context.new_page(), trial)

        yield ask


def _download(tab: Any, trial: Trial) -> Cell:
    # A page that the origin never sees, so that its counters stay untouched.
    home = f"{trial.root}/-page-"
    tab.route(home, lambda route: route.fulfill(body="<body>", content_type="text/html"))
    tab.goto(home)
    try:
        with tab.expect_download(timeout=LIMIT * 1000) as waiting:
            tab.evaluate(_CLICK, trial.url)
        download = waiting.value
        if download.failure():
            return verdicts.of_refusal(trial.form.expected)
        file, name = Path(download.path()), download.suggested_filename
        return verdicts.of_file(trial.form.expected, file, name, trial.clips)
    except Error:
        return verdicts.of_refusal(trial.form.expected)
