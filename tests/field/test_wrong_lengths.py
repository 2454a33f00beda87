"""EXTINF that tells something else than the segment's length.

google/ExoPlayer#1930, nschlia/ffmpegfs#94, videojs/video.js#7716, axiomatic-systems/Bento4#649.
Every byte is there and plays: the film's length is what its packets say.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import listing, master, variant
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

TOLD = {"5 s": 5.0, "10 s": 10.0, "0.6 s": 0.6, "1.2 s": 1.2, "0 s": 0.0, "1000 s": 1000.0}


def site(clips: Clips) -> Handler:
    ts, sound = clips.ts(), clips.packed("adts", "-c:a", "aac", "-b:a", "48k")
    picture = clips.cmaf(only="v")
    files = {**each("/t", ts.parts, ".ts"), **each("/a", sound.parts, ".aac")}
    files |= {**each("/v", picture.parts, ".m4s"), "/v.mp4": picture.init}
    for name, told in TOLD.items():
        at = name.partition(" ")[0]
        files[f"/{at}.m3u8"] = listing([(f"t{n}.ts", told) for n in range(len(ts))])
        files[f"/a{at}.m3u8"] = listing([(f"a{n}.aac", told) for n in range(len(sound))])
    text = listing(ts, "t{}.ts").decode()
    files["/whole.m3u8"] = text.replace(".000000,", ",").encode()
    files["/comma.m3u8"] = text.replace(".000000,", ",0,title").encode()
    files["/none.m3u8"] = text.replace("#EXTINF:1.000000,", "#EXTINF:,").encode()
    group = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="apart-a.m3u8"'
    files["/apart.m3u8"] = master(group, variant("apart-v.m3u8", more=',AUDIO="a"'))
    files["/apart-v.m3u8"] = listing([(f"v{n}.m4s", 3.0) for n in range(4)], init="v.mp4")
    cmaf = clips.cmaf(only="a")
    files |= {**each("/s", cmaf.parts, ".m4s"), "/s.mp4": cmaf.init}
    files["/apart-a.m3u8"] = listing(cmaf, "s{}.m4s", init="s.mp4")
    return folder(files)


SOUND = Film(picture=False, seconds=4.0, slack=0.1)
KIND = Kind(
    "hls",
    site,
    {
        f"each says {name}": Form(f"/{name.partition(' ')[0]}.m3u8", Film(Clips.film))
        for name in TOLD
    }
    | {
        f"of sound: {name}": Form(f"/a{name.partition(' ')[0]}.m3u8", SOUND)
        for name in ("10 s", "0.6 s")
    }
    | {
        "whole numbers": Form("/whole.m3u8", Film(Clips.film)),
        "a decimal comma": Form("/comma.m3u8", Film(Clips.film)),
        "no number": Form("/none.m3u8", Film(Clips.film)),
        "of the picture alone": Form("/apart.m3u8", Film(Clips.film)),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
