"""The same EXT-X-MAP again before segments, and a discontinuity before each.

globocom/m3u8#276, grafov/m3u8#153 (the film's map again behind each advertisement),
video-dev/hls.js#1990, zmwangx/caterpillar#3. RFC 8216, 4.3.2.5: an equal map changes nothing.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips, Pieces
from tests.field.support.expected import Film
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.origin import Origin
from tests.support.request import Handler

A_JOINT = 0.03  # seconds: behind a discontinuity a part begins where the longer track has ended
MAP = '#EXT-X-MAP:URI="init.mp4"'


def site(clips: Clips) -> Handler:
    cmaf, ts = clips.cmaf(), clips.ts()
    names = [(f"{at}.m4s", length) for at, length in enumerate(cmaf.seconds)]
    whole = cmaf.init + b"".join(cmaf.parts)
    ranged = f'#EXT-X-MAP:URI="whole.mp4",BYTERANGE="{len(cmaf.init)}@0"'
    return folder(
        {
            "/each.m3u8": listing(names, before=lambda at: [MAP]),
            "/twice.m3u8": listing(names, before=lambda at: [MAP] if at in (0, 2) else []),
            "/spelt.m3u8": listing(
                names, before=lambda at: [MAP if at % 2 else '#EXT-X-MAP:URI="./x/../init.mp4"']
            ),
            "/marked.m3u8": listing(
                names, before=lambda at: ["#EXT-X-DISCONTINUITY", MAP] if at else [MAP]
            ),
            "/jumps.m3u8": listing(
                ts, "{}.ts", before=lambda at: ["#EXT-X-DISCONTINUITY"] if at else []
            ),
            "/ranges.m3u8": listing(
                [("whole.mp4", length) for length in cmaf.seconds],
                before=lambda at: [ranged, _range(cmaf, at)],
            ),
            "/init.mp4": cmaf.init,
            "/whole.mp4": whole,
            **each("/", cmaf.parts, ".m4s"),
            **each("/", ts.parts, ".ts"),
        }
    )


def _range(pieces: Pieces, at: int) -> str:
    start = len(pieces.init) + sum(map(len, pieces.parts[:at]))
    return f"#EXT-X-BYTERANGE:{len(pieces.parts[at])}@{start}"


KIND = Kind(
    "hls",
    site,
    {
        "before each segment": Form("/each.m3u8", Film(Clips.film)),
        "before some": Form("/twice.m3u8", Film(Clips.film)),
        "in another spelling": Form("/spelt.m3u8", Film(Clips.film)),
        "with a discontinuity": Form("/marked.m3u8", Film(Clips.film, clock=A_JOINT)),
        "as a range": Form("/ranges.m3u8", Film(Clips.film)),
        "discontinuities alone": Form("/jumps.m3u8", Film(Clips.film, clock=A_JOINT)),
    },
)


def test_fetch(check: Check, form: Form, site: Origin) -> None:
    before = len(site.log)
    check(form)
    if form.path in ("/each.m3u8", "/twice.m3u8"):
        maps = [request for request in site.log[before:] if request.name == "init.mp4"]
        assert len(maps) == 1, "fetched again"
