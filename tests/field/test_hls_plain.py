"""HLS as packagers write it: the measure against which every other kind is held."""

from __future__ import annotations

from pathlib import Path

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import listing, master, variant
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler


def large(clips: Clips) -> Path:
    """A film of which each fragment is longer than what is read at once, 1 MiB."""
    return clips.film(2.0, "1280x720", more=("-crf", "0"))


def site(clips: Clips) -> Handler:
    heavy = clips.cmaf(large(clips))
    assert min(map(len, heavy.parts)) > 1024 * 1024
    ts, cmaf = clips.ts(), clips.cmaf()
    picture, sound = clips.cmaf(only="v"), clips.cmaf(only="a")
    group = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",DEFAULT=YES,URI="a.m3u8"'
    return folder(
        {
            "/ts.m3u8": listing(ts, "t{}.ts"),
            "/cmaf.m3u8": listing(cmaf, "c{}.m4s", init="c.mp4"),
            "/apart.m3u8": master(group, variant("v.m3u8", more=',AUDIO="a"')),
            "/v.m3u8": listing(picture, "v{}.m4s", init="v.mp4"),
            "/a.m3u8": listing(sound, "a{}.m4s", init="a.mp4"),
            "/master.m3u8": master(variant("ts.m3u8")),
            **each("/t", ts.parts, ".ts"),
            **each("/c", cmaf.parts, ".m4s"),
            **each("/v", picture.parts, ".m4s"),
            **each("/a", sound.parts, ".m4s"),
            "/large.m3u8": listing(heavy, "l{}.m4s", init="l.mp4"),
            **each("/l", heavy.parts, ".m4s"),
            "/l.mp4": heavy.init,
            "/c.mp4": cmaf.init,
            "/v.mp4": picture.init,
            "/a.mp4": sound.init,
        }
    )


KIND = Kind(
    "hls",
    site,
    {
        "MPEG-TS": Form("/ts.m3u8", Film(Clips.film, height=90, codec="aac")),
        "fragmented MP4": Form("/cmaf.m3u8", Film(Clips.film)),
        "large fragments": Form("/large.m3u8", Film(large)),
        "a master": Form("/master.m3u8", Film(Clips.film)),
        "picture and sound apart": Form("/apart.m3u8", Film(Clips.film)),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
