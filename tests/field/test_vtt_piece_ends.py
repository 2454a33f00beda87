"""Pieces of WebVTT that end with one line feed, with none, with CR LF.

Found beside video-dev/hls.js#3342: ffmpeg's own muxer ends a file with the text and one line
feed. RFC 8216, 3.5: each piece is a file of its own; WebVTT, 4.1: its last block needs no empty
line behind it.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.cues import Cue
from tests.field.support.kind import Form, Kind
from tests.field.support.subtitled import FIRST, film, form, playlist, vtt
from tests.support.answers import folder
from tests.support.request import Handler

CUES: tuple[Cue, ...] = (
    (0.2, 0.8, "One"), (1.0, 1.5, "Two"), (2.2, 2.8, "Three"), (3.0, 3.6, "Four"),
)  # fmt: skip
ENDS = {"one line feed": "\n", "nothing": "", "CR LF": "\r\n", "two line feeds": "\n\n"}
CLOCKS = ("one clock", "a clock each", "no map")


def _piece(ticks: int | None, cues: tuple[Cue, ...], late: float, end: str) -> bytes:
    head = f"X-TIMESTAMP-MAP=MPEGTS:{ticks},LOCAL:00:00:00.000" if ticks is not None else ""
    text = vtt(cues, head, -late).rstrip()
    return (text.replace(b"\n", b"\r\n") if end == "\r\n" else text) + end.encode()


def site(clips: Clips) -> Handler:
    served: dict[str, bytes] = {}
    for at, end in enumerate(ENDS.values()):
        for n, clock in enumerate(CLOCKS):
            base = None if clock == "no map" else FIRST
            late = 2 if clock == "a clock each" else 0
            second = base + late * 90_000 if base else None
            files = {
                "en.m3u8": playlist("a.vtt", "b.vtt"),
                "a.vtt": _piece(base, CUES[:2], 0, end),
                "b.vtt": _piece(second, CUES[2:], late, end),
            }
            served |= film(f"/{at}{n}", clips.ts(), files)
    return folder(served)


KIND = Kind(
    "subtitles",
    site,
    {
        f"{end}, {clock}": form(f"/{at}{n}", CUES)
        for at, end in enumerate(ENDS)
        for n, clock in enumerate(CLOCKS)
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
