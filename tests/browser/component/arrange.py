"""Content in the catalogue, and what can be asked of its elements."""

from __future__ import annotations

import json
from typing import Any

from tests.support.browser import Tab
from tests.support.stack import Person, Stack, until

LADDER = [
    ("2160p", 2160, 4_800_000_000, True),
    ("1080p", 1080, 812_000_000, True),
    ("720p", 720, 48_000_000, False),
    ("360p", 360, 9_800_000, False),
    ("audio", None, 3_100_000, False),
]
EVENTS = ["created", "progress", "completed", "failed", "deleted"]


def known(by: Person, url: str, title: str = "", *, probed: bool = True) -> str:
    """The id of content that its owner knows, probed unless said otherwise."""
    content = by.post("content/", url=url, title=title).json()
    pk = str(content["id"])
    if probed:
        until(lambda: by.get(f"content/{pk}/").json()["probeStatus"] != "pending")
    return pk


def give_ladder(stack: Stack, pk: str) -> None:
    """Give the content several qualities; direct files have one."""
    names = ("quality", "height", "size", "sizeIsEstimate")
    offers = [
        {**dict(zip(names, rung, strict=True)), "ext": "mp4", "videoCodec": "avc1.64001f"}
        for rung in LADDER
    ]
    _learn(stack, pk, qualities=offers)


def give_choices(stack: Stack, pk: str, subtitles: list[dict[str, Any]], *languages: str) -> None:
    """Give the content subtitles and these languages of sound."""
    _learn(stack, pk, subtitles=subtitles, languages=languages)


def _learn(stack: Stack, pk: str, **facts: Any) -> None:
    code = (
        "import json; from downloads.models import Content;"
        f"Content.objects.filter(pk={pk!r}).update(**json.loads({json.dumps(facts)!r}))"
    )
    stack.shell(code)


def put(tab: Tab, *elements: str) -> Any:
    """Only these elements on a page of ours; ``window.heard`` is what they told."""
    tab.go("/catalogue/add/")
    html = "".join(f"<media-downloader {attributes}></media-downloader>" for attributes in elements)
    tab.page.evaluate(
        """async ([html, names]) => {
            window.heard = [];
            for (const name of names)
                document.addEventListener(`download-${name}`, ({ type, detail }) =>
                    window.heard.push([type, detail]));
            document.querySelector("main").innerHTML = `<h1>Here</h1>${html}`;
            await import("/static/js/media-downloader.js");
        }""",
        [html, EVENTS],
    )
    return tab.page.locator("media-downloader")


def heard(tab: Tab) -> list[str]:
    """The kinds of events told so far, each run of the same as one."""
    kinds = [kind for kind, _ in tab.page.evaluate("window.heard")]
    return [kind for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind]


def press(where: Any, name: str) -> None:
    where.get_by_role("button", name=name, exact=True).click()


def choose(tab: Tab, quality: str = "") -> None:
    """In the quality dialog: this one, or what stands there, and go."""
    dialog = tab.page.get_by_role("dialog", name="Choose quality")
    if quality:
        dialog.get_by_role("radio", name=quality).check()
    press(dialog, "Download")
