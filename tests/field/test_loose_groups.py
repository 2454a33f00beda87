"""Sound apart from a picture that does not name it, or names a group that is not there; and CODECS
that say less than the pieces hold.

video-dev/hls.js#931 (no CODECS) and #3619 (no such group); RFC 8216, 4.3.4.2: AUDIO must match a
group, and CODECS tell all that is in a variant. hls.js takes any sound for a variant without a
group, and both it and ffmpeg what is in the pieces.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import listing, master
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

SOUND = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",URI="a.m3u8"'
INF = "#EXT-X-STREAM-INF:BANDWIDTH=900000"
FORMS = {
    "no group is named": (SOUND, f"{INF},RESOLUTION=160x90\nv.m3u8"),
    "no group, and the picture's codec": (
        SOUND.replace("NAME", "DEFAULT=YES,NAME"),
        f'{INF},RESOLUTION=160x90,CODECS="avc1.42c00a"\nv.m3u8',
    ),
    "another group is named": (SOUND, f'{INF},RESOLUTION=160x90,AUDIO="b"\nv.m3u8'),
    "all in one, beside a group": (
        SOUND,
        f'{INF},RESOLUTION=160x90,CODECS="avc1.42c00a,mp4a.40.2"\nfilm.m3u8',
    ),
    "the sound's codec alone": (f'{INF},CODECS="mp4a.40.2"\nfilm.m3u8',),
    "the picture's codec alone": (f'{INF},CODECS="avc1.42c00a"\nfilm.m3u8',),
}


def site(clips: Clips) -> Handler:
    cut = {
        "v": clips.ts(clips.track("v")), "a": clips.ts(clips.track("a")), "film": clips.ts(),
    }  # fmt: skip
    served = {f"/{at}.m3u8": master(*lines) for at, lines in enumerate(FORMS.values())}
    served["/sound.m3u8"] = master(f'{INF},CODECS="mp4a.40.2"\na.m3u8')
    for name, pieces in cut.items():
        served[f"/{name}.m3u8"] = listing(pieces, f"{name}{{}}.ts")
        served |= each(f"/{name}", pieces.parts, ".ts")
    return folder(served)


KIND = Kind(
    "hls",
    site,
    {name: Form(f"/{at}.m3u8", Film(Clips.film, ext="mp4")) for at, name in enumerate(FORMS)}
    | {
        "sound, and its codec": Form(
            "/sound.m3u8", Film(lambda clips: clips.track("a"), picture=False, ext="m4a")
        )
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
