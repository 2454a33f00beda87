"""WebVTT of a clip that was cut from a running channel: hours on the clock.

shaka-project/shaka-packager#1355, yt-dlp/yt-dlp#474, video-dev/hls.js#3342 #5987 #7852,
google/ExoPlayer#10969; RFC 8216, 3.5: LOCAL stands for MPEGTS on the picture's own clock, modulo
2^33. Without a map, times inside the film are the film's, others the channel's.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.kind import Form, Kind
from tests.field.support.subtitled import film, form, playlist, vtt
from tests.support.answers import folder
from tests.support.request import Handler

START = 33_660.0  # 09:21:00; ffmpeg's muxer adds 1.4 s
PICTURE = START + 1.4
WRAP = 2**33 / 90_000  # s: MPEG's clock begins again after so long
LATE = WRAP - 2.0  # a film in the middle of which it does


def _map(ticks: float, local: str = "00:00:00.000") -> str:
    return f"X-TIMESTAMP-MAP=MPEGTS:{round(ticks)},LOCAL:{local}"


# what follows WEBVTT, by how much the cues are late, where the film's clock begins
FORMS = {
    "MPEGTS of the start": (_map(PICTURE * 90_000), 0.0, START),
    "MPEGTS 0, the channel's times": (_map(0), PICTURE, START),
    "no map, the channel's times": ("", PICTURE, START),
    "no map, the film's times": ("", 0.0, START),
    "LOCAL in the channel's time": (
        f"X-TIMESTAMP-MAP=LOCAL:09:21:00.000,MPEGTS:{round(PICTURE * 90_000)}", START, START,
    ),
    "blanks in the map": (
        f"X-TIMESTAMP-MAP = LOCAL:00:00:00.000, MPEGTS:{round(PICTURE * 90_000)}", 0.0, START,
    ),
    "a clock that went round": (_map(PICTURE * 90_000 - 2**33), 0.0, START),
    "the usual start": (_map(126_000), 0.0, 0.0),
    "no map at the usual start": ("", 0.0, 0.0),
}  # fmt: skip


def site(clips: Clips) -> Handler:
    served: dict[str, bytes] = {}
    for at, (head, shift, start) in enumerate(FORMS.values()):
        files = {"en.m3u8": playlist("0.vtt"), "0.vtt": vtt(head=head, shift=shift)}
        served |= film(f"/{at}", clips.ts(start=start), files)
    return folder(served)


KIND = Kind(
    "subtitles",
    site,
    {
        name: form(f"/{at}")
        for at, name in enumerate(FORMS)
        if name != "a clock that went round"
    },
)  # fmt: skip


def test_fetch(check: Check, form: Form) -> None:
    check(form)
