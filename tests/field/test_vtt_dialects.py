"""WebVTT as sites write it, read as browsers read it; pieces that hold no cue, or the same cue.

w3c/webvtt.js#27, osk/node-webvtt#10 #29, captioning/captioning#86, glut23/webvtt-py#19. WebVTT,
6.1: a timestamp may lack its hours, a bad cue is dropped and the next is read, text before the
first cue is passed over.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.kind import Form, Kind
from tests.field.support.subtitled import CUES, film, form, playlist, vtt
from tests.support.answers import folder
from tests.support.request import Handler

ONE = "00:00:00.500 --> 00:00:01.500\nHello there\n"
TWO = "00:00:02.000 --> 00:00:03.500\nGoodbye\n"
SET = ONE.replace("500\n", "500 line:90% align:center\n")
TEXTS: dict[str, bytes] = {
    "a BOM": b"\xef\xbb\xbf" + vtt(),
    "bare CR": vtt().replace(b"\n", b"\r"),
    "no hours": vtt().replace(b"00:00:", b"00:"),
    "ids and settings": (f"WEBVTT - a title\n\nfirst\n{SET}\n2\n{TWO}").encode(),
    "notes and styles": (
        f"WEBVTT\n\nNOTE a remark\nof two lines\n\nSTYLE\n::cue {{ color: red }}\n\n"
        f"REGION\nid:r\n\n{ONE}\n{TWO}"
    ).encode(),
    "a bad cue between": f"WEBVTT\n\n{ONE}\n00:zz --> 5\nlost\n\n{TWO}".encode(),
    "no blank line between": f"WEBVTT\n\n{ONE}{TWO}".encode(),
    "tabs around the arrow": vtt().replace(b" --> ", b"\t-->\t"),
    "the metadata of a packager": f"WEBVTT\nKind: captions\nLanguage: en\n\n{ONE}\n{TWO}".encode(),
    "many blank lines": f"WEBVTT\n\n\n\n\n{ONE}\n\n\n\n{TWO}\n\n\n".encode(),
}


def site(clips: Clips) -> Handler:
    served: dict[str, bytes] = {}
    for at, text in enumerate(TEXTS.values()):
        served |= film(f"/{at}", clips.ts(), {"en.m3u8": playlist("0.vtt"), "0.vtt": text})
    empty = {"0.vtt": vtt(CUES[:1]), "1.vtt": b"WEBVTT\n\n", "2.vtt": b"WEBVTT", "3.vtt": b"",
             "4.vtt": vtt(CUES[1:])}  # fmt: skip
    served |= film("/empty", clips.ts(), {"en.m3u8": playlist(*empty), **empty})
    again = {"0.vtt": vtt(CUES[:1]), "1.vtt": vtt(CUES)}
    served |= film("/again", clips.ts(), {"en.m3u8": playlist(*again), **again})
    return folder(served)


KIND = Kind(
    "subtitles",
    site,
    {name: form(f"/{at}") for at, name in enumerate(TEXTS)}
    | {
        "pieces without a cue": form("/empty"),
        "a cue in two pieces": form("/again"),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
