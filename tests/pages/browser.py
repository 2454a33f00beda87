"""A real Chromium, and what went wrong in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def chromium() -> Iterator[Any]:
    """Skips where there is none: the system's, or the one that Playwright installs."""
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        system = shutil.which("chromium") or shutil.which("google-chrome")
        path = system or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip("no Chromium: install it, or run `playwright install chromium`")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Tab:
    """One page of a browser; ``complaints`` is what its console said."""

    def __init__(self, context: Any, site: str) -> None:
        self.site = site
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append("a dialog opened"))

    def go(self, path: str) -> None:
        self.page.goto(self.site + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def sign_in(self, username: str, password: str = "correct horse") -> None:
        self.go("/accounts/login/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.press("Sign in")
        self.page.wait_for_url(self.site + "/**")

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
    """What axe-core holds to be a serious or critical violation."""
    from axe_playwright_python.sync_playwright import Axe

    tab.page.wait_for_timeout(300)  # colours on their way are neither here nor there
    found = Axe().run(tab.page).response["violations"]
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
