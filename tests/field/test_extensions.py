"""Names whose last dot begins no extension of media, sent as media.

sixcious/downloadyze#22, danmunn/redmine_dmsf#744, Glitchy-Sheep/boosty-downloader#132 (versions),
WebKit/WebKit#61355 (a film whose URL ends in .gif), yt-dlp/yt-dlp#6101, viu-media/viu#5.
"""

from __future__ import annotations

from urllib.parse import quote

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, file
from tests.support.request import Answer, Handler, Request

NAMES = {
    "Concert Vol.2": ("Concert Vol.2.mp4",),
    "Film.2019.1080p": ("Film.2019.1080p.mp4",),
    "Dr. Mario": ("Dr. Mario.mp4",),
    "episode.15": ("episode.15.mp4",),
    "v1.0": ("v1.0.mp4",),
    "Update v1.2": ("Update v1.2.mp4",),
    "Mr. and Mrs. Smith": ("Mr. and Mrs. Smith.mp4",),
    "play.ashx": ("play.mp4", "play.ashx.mp4"),
    "watch.php": ("watch.mp4", "watch.php.mp4"),
    "clip.html": ("clip.mp4", "clip.html.mp4"),
    "get.aspx": ("get.mp4", "get.aspx.mp4"),
    "anim.gif": ("anim.mp4", "anim.gif.mp4"),
    "anim.gifv": ("anim.mp4", "anim.gifv.mp4"),
    "clip.mp4": ("clip.mp4",),
    "clip.MP4": ("clip.mp4", "clip.MP4"),
    "clip.m4v": ("clip.m4v",),
    "film.mp3": ("film.mp4",),
    "film.m3u8": ("film.mp4",),
    "film.avi": ("film.mp4",),
    "film.mp4.download": ("film.mp4",),
    "film.mp4.crdownload": ("film.mp4",),
    "film.part": ("film.mp4",),
    "film.mp4.php": ("film.mp4",),
    "S01E02.The Title": ("S01E02.The Title.mp4",),
    ".hidden": ("hidden.mp4", "_hidden.mp4", ".hidden.mp4"),
    "trailing.": ("trailing.mp4", "trailing..mp4"),
}


def _film(clips: Clips) -> bytes:
    return clips.film().read_bytes()


def site(clips: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        return file(request, _film(clips), MP4)

    return handle


KIND = Kind(
    "files",
    site,
    {name: Form(f"/c/{quote(name)}", Body(_film, right)) for name, right in NAMES.items()},
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
