"""Lists of sound alone in containers that films are in, and films called sound.

video-dev/hls.js#1481 and #592, videojs/video.js#6708 (MP3 in MPEG-TS). A plain list does not tell
what is in its pieces: the file's name is by what was found.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import listing, master
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

MP3 = ("-c:a", "libmp3lame", "-b:a", "64k", "-ac", "2")


def site(clips: Clips) -> Handler:
    ts, cmaf = clips.ts(clips.track("a")), clips.cmaf(clips.track("a"))
    mp3, film = clips.ts(clips.sound("ts", *MP3)), clips.ts()
    served = {
        "/ts/list.m3u8": listing(ts, "{}.ts"),
        "/fmp4/list.m3u8": listing(cmaf, "{}.m4s", init="init.mp4"),
        "/fmp4/init.mp4": cmaf.init,
        "/mp3/list.m3u8": listing(mp3, "{}.ts"),
        "/picture/list.m3u8": listing(clips.ts(clips.track("v")), "{}.ts"),
        "/master/master.m3u8": master("#EXT-X-STREAM-INF:BANDWIDTH=64000\nlist.m3u8"),
        "/master/list.m3u8": listing(ts, "{}.ts"),
        "/film/list.m3u8": listing(film, "{}.mp3"),
        "/film-aac/list.m3u8": listing(film, "{}.aac"),
    }
    for root in ("ts", "master"):
        served |= each(f"/{root}/", ts.parts, ".ts")
    served |= each("/fmp4/", cmaf.parts, ".m4s") | each("/mp3/", mp3.parts, ".ts")
    served |= each("/picture/", clips.ts(clips.track("v")).parts, ".ts")
    served |= each("/film/", film.parts, ".mp3") | each("/film-aac/", film.parts, ".aac")
    return folder(served)


SOUND = Film(lambda clips: clips.track("a"), picture=False, codec="aac", ext="m4a")
KIND = Kind(
    "hls",
    site,
    {
        "MPEG-TS": Form("/ts/list.m3u8", SOUND),
        "fragmented MP4": Form("/fmp4/list.m3u8", SOUND),
        "MP3 in MPEG-TS": Form(
            "/mp3/list.m3u8",
            Film(lambda clips: clips.sound("ts", *MP3), picture=False, codec="mp3", ext="mp3"),
        ),
        "a master without codecs": Form("/master/master.m3u8", SOUND),
        "pictures alone": Form(
            "/picture/list.m3u8", Film(lambda clips: clips.track("v"), sound=False, ext="mp4")
        ),
        "a film called .mp3": Form("/film/list.m3u8", Film(Clips.film, ext="mp4")),
        "a film called .aac": Form("/film-aac/list.m3u8", Film(Clips.film, ext="mp4")),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
