"""In Chromium, over the real thing: the player shows the words, and in the language chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.storage.subtitles.arrange import talk
from tests.support.browser import Tab, chromium
from tests.support.stack import Person, Stack, until
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SHOWN = "[...player.textTracks].filter(({mode}) => mode === 'showing').map(({label}) => label)"
WORDS = "[...player.textTracks].flatMap(track => [...track.activeCues ?? []].map(cue => cue.text))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def alice(stack: Stack) -> Person:
    return stack.person("alice")


@pytest.fixture
def tab(browser: Any, stack: Stack) -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    here = Tab(context, stack.url)
    here.enter(stack.session("alice"))
    here.page.set_default_timeout(15_000)
    here.complaints.clear()
    yield here
    context.close()


def test_the_player_shows_a_cue_and_changes_the_language(
    tab: Tab, alice: Person, media: Media, streaming: StreamingOrigin
) -> None:
    url = talk(media, streaming)
    asked = alice.ask(url, options={"subtitles": ["en", "pt"]})
    download = alice.wait_for(asked["id"], "completed")
    assert [each["language"] for each in download["subtitles"]] == ["en", "pt-BR"]
    tab.go(f"/downloads/{download['id']}/play/")
    page = tab.page
    until(lambda: page.evaluate("player.readyState >= 2"))
    page.evaluate("player.pause(); player.currentTime = 1.5")

    until(lambda: page.evaluate(WORDS) == ["A spoken word."])
    until(lambda: page.evaluate(SHOWN) == ["English"])
    page.keyboard.press("c")
    until(lambda: page.evaluate(WORDS) == ["Uma palavra."])
    page.keyboard.press("c")
    until(lambda: page.evaluate(SHOWN) == [])
    page.keyboard.press("c")
    page.keyboard.press("c")
    until(lambda: page.evaluate(SHOWN) == ["Português Brasileiro"])
    until(lambda: page.evaluate("localStorage.getItem('ferry:subtitles')") == "pt-BR")
    page.reload()
    until(lambda: page.evaluate("player.readyState >= 2"))
    until(lambda: page.evaluate(SHOWN) == ["Português Brasileiro"])
    assert tab.complaints == []
