"""Parts of one list in different codecs.

shaka-project/shaka-player#5961 and Dash-Industry-Forum/dash.js#4949 (sound, between periods).
Players change the type of their buffers; a file holds one codec of each kind: sound is made like
that of the first part, a picture is refused.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film, fails
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

CODECS = {
    "aac": ("-c:a", "aac"),
    "ac3": ("-c:a", "ac3"),
    "hevc": ("-c:v", "libx265", "-x265-params", "log-level=none:pools=1"),
    "av1": ("-c:v", "libsvtav1", "-preset", "13", "-svtav1-params", "lp=1"),
}
ORDERS = [("aac", "ac3"), ("ac3", "aac"), ("aac", "hevc"), ("hevc", "aac"), ("av1", "aac")]


def site(clips: Clips) -> Handler:
    files: dict[str, bytes] = {}
    for name, told in CODECS.items():
        pieces = clips.cmaf(clips.film(2.0, more=told))
        files |= {f"/{name}.mp4": pieces.init, **each(f"/{name}", pieces.parts, ".m4s")}
    for order in ORDERS:
        rows = [(f"{name}{at}.m4s", 1.0) for name in order for at in range(2)]
        tags = {
            0: [f'#EXT-X-MAP:URI="{order[0]}.mp4"'],
            2: ["#EXT-X-DISCONTINUITY", f'#EXT-X-MAP:URI="{order[1]}.mp4"'],
        }
        files[f"/{'-'.join(order)}.m3u8"] = listing(rows, before=lambda at, t=tags: t.get(at, ()))
    return folder(files)


def _sound(codec: str) -> Film:
    return Film(frames=100, seconds=4.0, codec=codec, slack=0.15, note=f"was\\s+made {codec}")


KIND = Kind(
    "hls",
    site,
    {
        "AAC, then AC-3": Form("/aac-ac3.m3u8", _sound("aac")),
        "AC-3, then AAC": Form("/ac3-aac.m3u8", _sound("ac3")),
    }
    | {
        f"{one} beside {two}": Form(
            f"/{one}-{two}.m3u8", fails("unsupported_codec", words="changes its codec midway")
        )
        for one, two in ORDERS[2:]
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
