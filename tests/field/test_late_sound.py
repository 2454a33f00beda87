"""Picture and sound apart, on one clock, and the sound begins later.

video-dev/hls.js#7432 (3 s; Jellyfin), videojs/http-streaming#419 #680 (0.1 s),
kaltura/nginx-vod-module#142, HeapOfChaos/goondvr#19; RFC 8216, 3: renditions share one clock.
Clocks that are far apart exist as well: there both begin together. When a track begins, its
fragments tell (tfdt), an edit list, or the packets of MPEG-TS beside MP4.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips, Pieces
from tests.field.support.expected import Film
from tests.field.support.hls import listing, master, variant
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

GAPS = (0.1, 0.4, 1.0, 3.0)
CLOCKS = (0.4, 1.4, 3.0)
TFDT = b"tfdt\1\0\0\0"  # a time of 64 bits is behind it
GROUP = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="a.m3u8"'


def site(clips: Clips) -> Handler:
    picture = clips.cmaf(only="v")
    files: dict[str, bytes] = {}
    for gap in GAPS:
        shorter = clips.film(4.0 - gap)
        files |= _apart(f"/{gap}", picture, clips.cmaf(shorter, only="a", start=gap))
    files |= _apart("/early", clips.cmaf(clips.film(3.0), only="v", start=1.0),
                    clips.cmaf(only="a"))  # fmt: skip
    files |= _apart("/far", clips.cmaf(only="v", start=5000), clips.cmaf(only="a", start=300))
    both = {"v": clips.cmaf(only="v", start=7200), "a": clips.cmaf(only="a", start=7200)}
    files |= _apart("/together", both["v"], both["a"])
    for gap in CLOCKS:
        late = clips.cmaf(clips.film(4.0 - gap), only="a")
        files |= _apart(f"/tfdt-{gap}", _moved(picture, 0), _moved(late, gap * 48_000))
    late = clips.cmaf(clips.film(3.0), only="v")
    sound = _moved(clips.cmaf(only="a"), 0)
    files |= _apart("/tfdt-early", _moved(late, 12_800), sound)
    files |= _apart("/ts", clips.ts(), sound)  # which begins at 1.4 s
    return folder(files)


def _moved(pieces: Pieces, ticks: float) -> Pieces:
    """On a later clock, by the decode times of its fragments alone."""
    parts = []
    for part in pieces.parts:
        first, *rest = part.replace(b"sidx", b"free").split(TFDT)
        moved = [(int.from_bytes(each[:8]) + int(ticks)).to_bytes(8) + each[8:] for each in rest]
        parts.append(TFDT.join([first, *moved]))
    return Pieces(tuple(parts), pieces.seconds, pieces.init.replace(b"edts", b"free"))


def _apart(root: str, picture: Pieces, sound: Pieces) -> dict[str, bytes]:
    return {
        f"{root}/master.m3u8": master(GROUP, variant("v.m3u8", more=',AUDIO="a"')),
        f"{root}/v.m3u8": listing(picture, "v{}.m4s", init="v.mp4" if picture.init else ""),
        f"{root}/a.m3u8": listing(sound, "a{}.m4s", init="a.mp4"),
        f"{root}/v.mp4": picture.init,
        f"{root}/a.mp4": sound.init,
        **each(f"{root}/v", picture.parts, ".m4s"),
        **each(f"{root}/a", sound.parts, ".m4s"),
    }


KIND = Kind(
    "hls",
    site,
    {
        f"{gap} s later": Form(f"/{gap}/master.m3u8", Film(frames=100, lag=gap)) for gap in GAPS
    }
    | {
        "1 s earlier": Form("/early/master.m3u8", Film(frames=75, lag=-1.0)),
        "clocks far apart": Form("/far/master.m3u8", Film(Clips.film, lag=0.0)),
    }
    | {
        f"{gap} s later, by its fragments": Form(
            f"/tfdt-{gap}/master.m3u8", Film(frames=100, lag=gap)
        )
        for gap in CLOCKS
    }
    | {
        "1 s earlier, by the picture's": Form(
            "/tfdt-early/master.m3u8", Film(frames=75, lag=-1.0)
        ),
        "TS at 1.4 s": Form("/ts/master.m3u8", Film(frames=100, lag=-1.4)),
        "both far from zero": Form("/together/master.m3u8", Film(Clips.film, lag=0.0)),
    },
)  # fmt: skip


def test_fetch(check: Check, form: Form) -> None:
    check(form)
