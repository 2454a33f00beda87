"""The dashboard as a person uses it, by the contract's accessible names."""

from __future__ import annotations

import re
from typing import Any

from tests.support.browser import Tab
from tests.support.stack import Person, Stack, until

PASTE = """text => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", text);
    const target = document.activeElement;
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
}"""
WATCH = """() => {
    window.seen = { states: [], bars: [] };
    const look = () => {
        const state = document.getElementById("connection").textContent;
        if (seen.states.at(-1)?.[0] !== state) seen.states.push([state, Date.now()]);
        const bar = document.querySelector("[role=progressbar]:not(.unmeasured) rect");
        const width = Number(bar?.getAttribute("width"));
        if (bar && seen.bars.at(-1) !== width) seen.bars.push(width);
        requestAnimationFrame(look);
    };
    look();
}"""


class DashboardUser(Person):
    """Signed in by a token, and able to sign in to the pages."""

    def __init__(self, stack: Stack, name: str) -> None:
        super().__init__(stack, stack.token(name))
        self.name = name


class Dashboard(Tab):
    def enter_as(self, person: DashboardUser) -> None:
        self.enter(person.stack.session(person.name))
        self.connected("Live")

    def paste(self, text: str) -> None:
        """Paste as Ctrl-V does, wherever the focus is."""
        self.page.evaluate(PASTE, text)

    def ask(self, url: str) -> None:
        self.field.fill(url)
        self.press("Download")

    @property
    def field(self) -> Any:
        return self.page.get_by_role("textbox", name="Paste a URL")

    def row(self, title: str) -> Any:
        return self.page.get_by_role("listitem", name=title, exact=True)

    def tab(self, name: str, count: int | None = None) -> Any:
        return self.page.get_by_role(
            "tab", name=re.compile(f"^{name} {'' if count is None else count}")
        )

    def said(self, text: str) -> Any:
        """The toast that says this."""
        toast = self.page.locator(".toast", has_text=text)
        toast.wait_for()
        return toast

    def connected(self, state: str, patience: float = 30.0) -> None:
        pill = self.page.get_by_role("status", name="Connection")
        pill.filter(has_text=state).wait_for(timeout=patience * 1000)

    @property
    def state(self) -> str:
        return str(self.page.get_by_role("status", name="Connection").text_content())

    def progress(self, title: str) -> float:
        """The bar's value; 0 while the size is unknown: the bar is drawn full then, and pale."""
        bar = self.row(title).get_by_role("progressbar")
        if bar.evaluate("bar => bar.matches('.unmeasured')"):
            return 0.0
        return float(bar.locator("rect").get_attribute("width"))

    def wait_for_progress(self, title: str, more_than: float) -> None:
        until(lambda: self.progress(title) > more_than)

    def watch(self) -> None:
        """Write down from here on what the pill and the first bar show."""
        self.page.evaluate(WATCH)

    def bars_only_grew(self) -> None:
        bars = self.page.evaluate("seen.bars")  # read once: it goes on growing
        assert bars
        assert bars == sorted(bars), f"a bar ran backwards: {bars}"

    @property
    def faults(self) -> list[str]:
        """Return the console's errors, without those of the network."""
        ours = ("WebSocket connection", "Failed to load resource", "net::ERR")
        return [text for text in self.complaints if not any(word in text for word in ours)]
