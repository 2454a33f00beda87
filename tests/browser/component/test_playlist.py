"""A playlist has no quality of its own: the element leads to where its entries are chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.component.arrange import known, put
from tests.browser.component.conftest import Open
from tests.support.browser import expect, serious
from tests.support.stack import Stack
from tests.support.streaming.origin import StreamingOrigin

pytestmark = pytest.mark.stack

ITEM = "<item><title>Part {0}</title><link>{1}</link><enclosure url='{1}' type='video/mp4'/></item>"


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[StreamingOrigin]:
    """One that says what is HTML: a feed that calls itself so is looked into."""
    running = StreamingOrigin(tmp_path)
    yield running
    running.close()


@pytest.fixture
def playlist(stack: Stack, origin: StreamingOrigin) -> str:
    items = "".join(ITEM.format(n, origin.url(f"/{n}.mp4")) for n in (1, 2))
    feed = f"<?xml version='1.0'?><rss version='2.0'><channel><title>A podcast</title>{items}"
    origin.serve("/feed.html", f"{feed}</channel></rss>".encode())
    return known(stack.admin, origin.url("/feed.html"))


def test_the_element_leads_to_its_entries(tab: Open, playlist: str) -> None:
    here = tab()
    element: Any = put(here, f'content-id="{playlist}"')
    element.get_by_text("2 entries").wait_for()
    link = element.get_by_role("link", name="Choose what to download")
    assert serious(here) == []
    link.click()
    here.page.wait_for_url(f"**/playlists/{playlist}/")
    assert here.complaints == []


def test_so_does_the_dialog(tab: Open, playlist: str) -> None:
    here = tab()
    put(here, f'content-id="{playlist}"')
    here.page.evaluate(
        """async (contentId) => {
            const { openQualityDialog } = await import("/static/js/quality-dialog.js");
            const { FerryClient } = await import("/static/js/client.js");
            void openQualityDialog({ client: new FerryClient(), contentId });
        }""",
        playlist,
    )
    dialog = here.page.get_by_role("dialog", name="Choose quality")
    dialog.get_by_role("link", name="Choose what to download").wait_for()
    expect(dialog.get_by_role("button", name="Download")).to_have_count(0)
    expect(dialog.get_by_role("combobox")).to_have_count(0)
    assert serious(here) == []
    assert here.complaints == []
