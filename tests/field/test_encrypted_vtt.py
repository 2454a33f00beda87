"""AES-128 over the pieces of a subtitle playlist.

video-dev/hls.js#1365 (Akamai) #1381 #4293 (svtplay); RFC 8216, 4.3.2.4: a key covers all segments.
What cannot be read is told, and the film is kept.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import KEY, encrypt, iv, key
from tests.field.support.kind import Form, Kind
from tests.field.support.subtitled import CUES, FIRST, film, form, playlist, vtt
from tests.support.answers import folder
from tests.support.request import Handler

MAP = f"X-TIMESTAMP-MAP=MPEGTS:{FIRST},LOCAL:00:00:00.000"


def site(clips: Clips) -> Handler:
    one, two = vtt(CUES[:1], MAP), vtt(CUES[1:], MAP)
    secret = {"0.vtt": encrypt(one, iv(5)), "1.vtt": encrypt(two, iv(5)), "key": KEY}
    numbered = {"0.vtt": encrypt(one, iv(0)), "1.vtt": encrypt(two, iv(1)), "key": KEY}
    by_number = '#EXT-X-KEY:METHOD=AES-128,URI="key"'
    names = ("0.vtt", "1.vtt")
    pieces = clips.ts()
    return folder(
        film("/iv", pieces, {"en.m3u8": playlist(*names, head=(key(iv(5)),)), **secret})
        | film("/number", pieces, {"en.m3u8": playlist(*names, head=(by_number,)), **numbered})
        | film("/gone", pieces, {"en.m3u8": playlist(*names, head=(key(iv(5), "no"),)), **secret})
    )


KIND = Kind(
    "subtitles",
    site,
    {
        "an IV": form("/iv"),
        "no IV": form("/number"),
        "no key": Form("/gone/master.m3u8", Film(Clips.film), subtitles="en"),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    outcome = check(form)
    if form.path.startswith("/gone"):
        assert outcome.subtitles == ()
        assert "ubtitle" in outcome.log, "not a word of what is missing"
