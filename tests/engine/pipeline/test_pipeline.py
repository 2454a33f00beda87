"""The parts that join several streams into one piece of work."""

from __future__ import annotations

import threading

import pytest

from downloads.engine.core.cancellation import BranchStop, StopToken
from downloads.engine.core.errors import SourceChanged, Stopped, StopReason
from downloads.engine.core.media import Format, Quality, Selection, Source, Stream, StreamKind
from downloads.engine.pipeline.link_refresh import Renewal
from downloads.engine.pipeline.mux_pipeline import connections_of


def offered(name: str, url: str, kind: StreamKind = StreamKind.VIDEO) -> Format:
    return Format(name, Stream(url, kind=kind), "mp4")


def source(*formats: Format) -> Source:
    return Source("site:1", "A film", formats)


def test_links_that_expire_together_are_asked_for_once() -> None:
    asked = []

    def ask() -> Source:
        asked.append(1)
        number = len(asked)
        return source(*(offered(name, f"https://a.example/{name}{number}") for name in "vax"))

    renewal = Renewal(
        [offered("v", "https://a.example/v"), offered("a", "https://a.example/a")], ask
    )
    assert renewal.another(0).url.endswith("/v1")
    assert renewal.another(1).url.endswith("/a1")
    assert len(asked) == 1
    assert renewal.another(1).url.endswith("/a2"), "that one did not work either"
    assert renewal.another(0).url.endswith("/v2")


def test_a_format_that_is_gone_is_a_change_of_the_source() -> None:
    renewal = Renewal([offered("v", "https://a.example/v")], source)
    with pytest.raises(SourceChanged):
        renewal.another(0)


@pytest.mark.parametrize(
    ("kinds", "most", "shares"),
    [("v", 8, [8]), ("va", 8, [6, 2]), ("va", 1, [1, 1]), ("a", 8, [8]), ("va", 2, [1, 1])],
)
def test_a_sound_beside_a_picture_gets_a_quarter(kinds: str, most: int, shares: list[int]) -> None:
    named = {"v": StreamKind.VIDEO, "a": StreamKind.AUDIO}
    formats = tuple(offered(kind, "https://a.example/", named[kind]) for kind in kinds)
    selection = Selection(formats, Quality.P720, "mp4", "video/mp4")
    assert connections_of(selection, most) == shares


def test_a_branch_hears_its_trunk_and_never_stops_it() -> None:
    trunk = StopToken()
    branch, other = BranchStop(trunk), BranchStop(trunk)
    branch.stop(StopReason.UNWANTED)
    assert branch.stopped
    assert not trunk.stopped
    threading.Timer(0.05, trunk.stop, args=(StopReason.SHUTDOWN,)).start()
    assert other.wait(30)
    with pytest.raises(Stopped, match="shutdown"):
        other.check()


def test_beats_of_a_branch_are_its_own() -> None:
    now = [0.0]
    trunk = StopToken(lambda: now[0])
    branch = BranchStop(trunk, lambda: now[0])
    now[0] = 5.0
    branch.beat()
    assert (branch.idle_seconds, trunk.idle_seconds) == (0.0, 5.0)
