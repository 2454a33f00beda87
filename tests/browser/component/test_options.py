"""Options beyond the quality: shown only if there is a choice, and sent to the server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.component.arrange import choose, give_choices, give_ladder, known, press, put
from tests.browser.component.conftest import Open
from tests.support.browser import expect, serious
from tests.support.content import MIB, content
from tests.support.length import some
from tests.support.origin import Origin
from tests.support.stack import Stack, until

pytestmark = pytest.mark.stack

SUBTITLES = [
    {"language": "pt-BR", "name": "", "automatic": False},
    {"language": "de", "name": "Deutsch", "automatic": False},
    {"language": "fr", "name": "", "automatic": True},
]


def opened(tab: Any, pk: str) -> Any:
    press(put(tab, f'content-id="{pk}"'), "Download")
    return tab.page.get_by_role("dialog", name="Choose quality")


def film(stack: Stack, origin: Origin, path: str) -> str:
    origin.serve(path, content(MIB))
    pk = known(stack.admin, origin.url(path), "A film")
    give_ladder(stack, pk)
    return pk


def requested(stack: Stack, pk: str) -> Any:
    def asked() -> list[Any]:
        found = stack.admin.get("downloads/").json()["results"]
        return [each for each in found if each["contentId"] == pk]

    (download,) = until(asked)
    return download["options"]


@pytest.mark.parametrize(("width", "scheme"), some([(1280, "light"), (360, "dark")], 1))
def test_what_the_source_has_can_be_chosen(
    tab: Open, stack: Stack, origin: Origin, width: int, scheme: str
) -> None:
    pk = film(stack, origin, f"/{scheme}.mp4")
    give_choices(stack, pk, SUBTITLES, "en", "de")
    here = tab(width, color_scheme=scheme)
    dialog = opened(here, pk)

    more = dialog.get_by_text("More", exact=True)
    more.wait_for()
    expect(dialog.get_by_role("checkbox")).to_have_count(0)  # folded away
    more.click()
    boxes = dialog.get_by_role("group", name="Subtitles").get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    assert [box.evaluate("box => box.labels[0].innerText") for box in boxes.all()] == [
        "Brazilian Portuguese",
        "German",
        "French\nautomatic",
    ]
    controls = dialog.locator("label:has(input), select, summary").locator("visible=true")
    for control in controls.all():
        assert control.bounding_box()["height"] >= 44
    assert here.overflow() == 0
    assert serious(here) == []

    dialog.get_by_role("checkbox", name="German").check()
    dialog.get_by_role("checkbox", name="French automatic").check()
    dialog.get_by_role("combobox", name="Sound language").select_option("German")
    dialog.get_by_role("combobox", name="Container").select_option("mkv")
    chosen = ["More", "2 subtitles, German, mkv"]
    until(lambda: dialog.locator("summary").inner_text().split("\n") == chosen)
    assert serious(here) == []
    choose(here, "720p, 48 MB")

    dialog.wait_for(state="hidden")
    assert requested(stack, pk) == {
        "container": "mkv", "audio": None, "subtitles": ["de", "fr"], "language": "de",
    }  # fmt: skip
    assert here.complaints == []


def test_sound_may_be_mp3_and_has_no_container(tab: Open, stack: Stack, origin: Origin) -> None:
    pk = film(stack, origin, "/sound.mp4")
    here = tab()
    dialog = opened(here, pk)

    dialog.get_by_text("More", exact=True).click()
    dialog.get_by_role("combobox", name="Container").select_option("webm")
    expect(dialog.get_by_role("checkbox", name="Audio as mp3")).to_be_hidden()
    dialog.get_by_role("radio", name="audio, 3.1 MB").check()
    expect(dialog.get_by_role("combobox", name="Container")).to_be_hidden()
    dialog.get_by_role("checkbox", name="Audio as mp3").check()
    choose(here)

    dialog.wait_for(state="hidden")
    assert requested(stack, pk) == {
        "container": None, "audio": "mp3", "subtitles": [], "language": None,
    }  # fmt: skip


def test_no_more_where_there_is_nothing_to_choose(tab: Open, stack: Stack, origin: Origin) -> None:
    origin.serve("/papers.zip", content(MIB))
    pk = known(stack.admin, origin.url("/papers.zip"))
    here = tab()
    dialog = opened(here, pk)

    dialog.get_by_role("radio", name="Original file, 1 MB").wait_for()
    expect(dialog.get_by_text("More", exact=True)).to_be_hidden()


def test_ten_subtitles_at_most(tab: Open, stack: Stack, origin: Origin) -> None:
    pk = film(stack, origin, "/tongues.mp4")
    tags = ["ar", "cs", "da", "de", "el", "es", "fi", "fr", "hu", "it", "ja", "ko"]
    give_choices(stack, pk, [{"language": tag, "name": "", "automatic": True} for tag in tags])
    here = tab()
    dialog = opened(here, pk)

    dialog.get_by_text("More", exact=True).click()
    boxes = dialog.get_by_role("group", name="Subtitles, 10 at most").get_by_role("checkbox")
    for place in range(10):
        boxes.nth(place).check()
    expect(boxes.nth(10)).to_be_disabled()
    boxes.nth(0).uncheck()
    expect(boxes.nth(10)).to_be_enabled()
    assert here.complaints == []
