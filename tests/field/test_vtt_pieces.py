"""Pieces of subtitles that count from their own begin, lack their list's end or name no clock.

devine-dl/devine#67 (no map, each piece from zero), nilaoda/N_m3u8DL-CLI#236 (one map in all),
video-dev/hls.js#2179 (a map that cannot be read), nilaoda/N_m3u8DL-RE#473 (no decimals).
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.kind import Form, Kind
from tests.field.support.subtitled import CUES, film, form, playlist, vtt
from tests.support.answers import folder
from tests.support.request import Handler

MAP = "X-TIMESTAMP-MAP=MPEGTS:{},LOCAL:00:00:00.000"
NONE = ("MPEGTS:NaN,LOCAL:00:00:00.000", "LOCAL:00:00:00.000", "")


def _halves(head: str = "", second: float = -2.0) -> dict[str, bytes]:
    one, two = CUES
    pieces = {"0.vtt": vtt((one,), head), "1.vtt": vtt((two,), head, second)}
    return {"en.m3u8": playlist(*pieces), **pieces}


def _open(kind: bytes) -> dict[str, bytes]:
    listed = playlist("0.vtt").replace(b"#EXT-X-ENDLIST\n", b"")
    return {"en.m3u8": listed.replace(b"#EXT-X-PLAYLIST-TYPE:VOD\n", kind), "0.vtt": vtt()}


FORMS = {
    "each from zero": _halves(),
    "each from zero, one map": _halves(MAP.format(0)),
    "each from zero, the film's map": _halves(MAP.format(126_000)),
    "the film's times": _halves(second=0.0),
    "a list without an end": _open(b""),
    "a list of an event": _open(b"#EXT-X-PLAYLIST-TYPE:EVENT\n"),
    "no decimals": {
        "en.m3u8": playlist("0.vtt"),
        "0.vtt": b"WEBVTT\n\n0:0:0.5 --> 0:0:1.5\nHello there\n\n00:02 --> 00:03.5\nGoodbye\n",
    },
    **{
        f"a map of {told or 'nothing'}": {
            "en.m3u8": playlist("0.vtt"), "0.vtt": vtt(head=f"X-TIMESTAMP-MAP={told}"),
        }
        for told in NONE
    },
}  # fmt: skip


def site(clips: Clips) -> Handler:
    served: dict[str, bytes] = {}
    for at, files in enumerate(FORMS.values()):
        served |= film(f"/{at}", clips.ts(), files)
    short = _open(b"") | {"en.m3u8": playlist("0.vtt").replace(b"#EXT-X-ENDLIST\n", b"")}
    short["en.m3u8"] = short["en.m3u8"].replace(b"#EXT-X-PLAYLIST-TYPE:VOD\n", b"")
    served |= film("/short", clips.ts(clips.film(16.0)), short)
    return folder(served)


KIND = Kind(
    "subtitles",
    site,
    {name: form(f"/{at}") for at, name in enumerate(FORMS)}
    | {
        "a list that ends early": Form(
            "/short/master.m3u8",
            Film(lambda clips: clips.film(16.0), cues=CUES, note="may be cut short"),
            subtitles="en",
        )
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
