"""Lists of one entry that players begin at once, in every form that they read.

faush01/plugin.video.embycon#17 (remarks in a strm file), jellyfin/jellyfin#9019 (headers behind its
link), xbmc/xbmc#16597 (a link alone); the M3U, PLS, XSPF and ASX of internet radio: relative links,
other cases, blank lines before.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, file, missing, reply
from tests.support.request import Answer, Handler, Request

XSPF = (
    '<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track>'
    "<location>../media/film.mp4</location></track></trackList></playlist>"
)
LISTS: dict[str, tuple[str, str, str]] = {
    "a link alone": ("a.strm", "application/octet-stream", "{origin}/media/film.mp4\n"),
    "a link without an extension": ("b.strm", "text/plain", "{origin}/media/1"),
    "remarks before it": ("c.strm", "text/plain", "#KODIPROP:a=b\n{origin}/media/film.mp4\n"),
    "headers behind it": ("d.strm", "text/plain", "{origin}/media/film.mp4|User-Agent=x&a=b\n"),
    "a mark before it": ("e.strm", "text/plain", "\ufeff{origin}/media/film.mp4\r\n"),
    "M3U": ("a.m3u", "audio/x-mpegurl", "../media/film.mp4\n"),
    "M3U with a title": ("b.m3u", "audio/x-mpegurl", "#EXTM3U\n#EXTINF:4,A\n../media/film.mp4\n"),
    "M3U of no extension": ("c.m3u", "audio/x-mpegurl", "#EXTM3U\n#EXTINF:-1,A\n../media/1\n"),
    "M3U called HLS": ("d.m3u8", "application/vnd.apple.mpegurl", "#EXTM3U\n/media/film.mp4\n"),
    "PLS": ("a.pls", "audio/x-scpls", "[playlist]\nFile1=../media/film.mp4\nNumberOfEntries=1\n"),
    "PLS in lower case": ("b.pls", "text/plain", "\n[Playlist]\r\nfile1={origin}/media/1\r\n"),
    "XSPF": ("a.xspf", "application/xspf+xml", XSPF),
    "ASX": ("a.asx", "video/x-ms-asf", "<ASX><ENTRY><REF HREF='/media/film.mp4'/></ENTRY></ASX>"),
    "RAM": ("a.ram", "audio/x-pn-realaudio", "{origin}/media/film.mp4\n"),
}
TWO = "#EXTM3U\n../media/film.mp4\n../media/other.mp4\n"


def _film(clips: Clips) -> bytes:
    return clips.film().read_bytes()


def site(clips: Clips) -> Handler:
    listed = {name: (kind, text) for name, kind, text in LISTS.values()}
    listed["two.m3u"] = ("audio/x-mpegurl", TWO)

    def handle(request: Request) -> Answer:
        if request.path.startswith("/media/"):
            return file(request, _film(clips), MP4)
        if request.name not in listed:
            return missing()
        kind, text = listed[request.name]
        return reply(text.replace("{origin}", f"http://{request.headers['host']}").encode(), kind)

    return handle


KIND = Kind(
    "pages",
    site,
    {name: Form(f"/lists/{file_name}", Body(_film)) for name, (file_name, *_) in LISTS.items()}
    | {"of two": Form("/lists/two.m3u", fails("unsupported_url", words="playlist"))},
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
