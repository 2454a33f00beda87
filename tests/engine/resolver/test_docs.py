"""The example in docs/resolvers.md works as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from downloads.engine.core.errors import BadResponse
from downloads.engine.core.media import Quality
from downloads.engine.egress.client import Client
from downloads.engine.resolver import registry
from tests.support.answers import respond
from tests.support.origin import Origin

DOCUMENT = Path(__file__).parents[3] / "docs" / "resolvers.md"
SAID = {
    "title": "From the example",
    "seconds": 61,
    "files": [
        {"height": height, "url": f"https://cdn.media.example/{height}.mp4", "size": height * 1000}
        for height in (1080, 720)
    ],
}


@pytest.fixture(autouse=True)
def example(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document's file, and its line in the registry; its platform is the origin."""
    file, line = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    module: dict[str, Any] = {"__name__": "example"}
    exec(compile(file, str(DOCUMENT), "exec"), module)
    assert "ExampleResolver()," in line
    monkeypatch.setitem(module, "HOST", origin.host)
    with_it = (module["ExampleResolver"](), *registry.RESOLVERS)
    monkeypatch.setattr(registry, "RESOLVERS", with_it)


def test_it_resolves(client: Client, origin: Origin) -> None:
    origin.answers["/api/7"] = respond(json.dumps(SAID).encode(), Content_Type="application/json")
    found = registry.resolve(origin.url("/watch/7"), Quality.P720, client)
    assert found.source.identity == "example:7"
    assert found.source.duration == 61
    assert found.selection.streams[0].url == "https://cdn.media.example/720.mp4"
    assert found.selection.size == 720_000
    assert [request.path for request in origin.log] == ["/api/7"]


def test_it_bounds_what_it_is_told(client: Client, origin: Origin) -> None:
    origin.answers["/api/7"] = respond(b"[]")
    with pytest.raises(BadResponse):
        registry.probe(origin.url("/watch/7"), client)


def test_other_links_are_left_to_the_others(client: Client, origin: Origin) -> None:
    origin.answers["/clip.mp4"] = respond(b"x" * 9, Content_Type="video/mp4")
    found = registry.probe(origin.url("/clip.mp4"), client)
    assert found.identity == f"direct:{origin.url('/clip.mp4')}"
