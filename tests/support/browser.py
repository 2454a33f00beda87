"""A real Chromium, and what went wrong in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Best the shell: the same engine without the windows around its pages, for a quarter of the work.
SYSTEMS = ("chromium-headless-shell", "chromium", "google-chrome")
PATIENCE = 30_000  # ms that Playwright's assertions wait, as all else here does
COME_TO_REST = """async () => {
    const shadows = [...document.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? []);
    const moving = [document, ...shadows].flatMap((root) => root.getAnimations());
    const ending = moving.filter((one) => one.effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));
}"""


@contextmanager
def chromium() -> Iterator[Any]:
    """Skips where there is none: the system's, or the one that Playwright installs."""
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, SYSTEMS)), playwright.chromium.executable_path)
        if not Path(path).exists():
            pytest.skip("no Chromium: install it, or run `playwright install chromium`")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        api.expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


def expect(what: Any) -> Any:
    """Playwright's assertions: they wait for what they say of a locator or a page."""
    return pytest.importorskip("playwright.sync_api").expect(what)


# Chromium's remark where a page is used before it was drawn: the focus is where the user put it.
USED_EARLY = "Autofocus processing was blocked"


class Tab:
    """One page of a browser; ``complaints`` is what its console said."""

    def __init__(self, context: Any, site: str) -> None:
        self.site = site
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._note(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append("a dialog opened"))

    def _note(self, said: str) -> None:
        if not said.startswith(USED_EARLY):
            self.complaints.append(said)

    def go(self, path: str) -> None:
        self.page.goto(self.site + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def sign_in(self, username: str, password: str = "correct horse") -> None:
        self.go("/accounts/login/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.press("Sign in")
        # the page of the form has an address here, too: it is to be left behind
        self.page.wait_for_url(lambda address: "/accounts/login/" not in address)

    def hold(self, text: str) -> Any:
        """The toast that says this, under the pointer: so it stays for as long as it is needed."""
        toast = self.page.locator(".toast", has_text=text)
        toast.hover()
        return toast

    def enter(self, session: str) -> None:
        """Be signed in by the value of a session's cookie, at the list."""
        cookie = {"name": "sessionid", "value": session, "url": self.site}
        self.page.context.add_cookies([cookie])
        self.go("/")

    @property
    def rows(self) -> Any:
        return self.page.get_by_role("listitem")

    def overflow(self) -> int:
        """Pixels that the page is wider than its window."""
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )


def serious(tab: Tab) -> list[str]:
    """Return axe-core's serious and critical violations."""
    from axe_playwright_python.sync_playwright import Axe

    # colours on their way are neither here nor there
    tab.page.evaluate(COME_TO_REST)
    found = Axe().run(tab.page).response["violations"]
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
