"""A page, JSON or XML in place of a file, with 200.

danielfernau/unifi-protect-video-downloader#515, carlosflorencio/laracasts-downloader#57,
pyload/pyload#2962, graphaelli/zat#12, openclaw/openclaw#18903, getsentry/symbolicator#1526: a
login, a quota, an error. What is no page and of no known format is kept as the source names it.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import BYTES, MP4, Header, reply
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

LOGIN = (
    b"<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>Sign in</title></head>"
    b"<body><form>Password</form></body></html>\n"
)
LATE = (
    b"\xef\xbb\xbf\r\n<!-- " + b"x" * 3000 + b" -->\r\n<HTML><HEAD><TITLE>Error 503</TITLE></HEAD>"
    b"<BODY>later</BODY></HTML>"
)
QUOTA = b'{"error":"quota exceeded"}'
DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
HTML = "text/html; charset=utf-8"
NAMED: Header = ("Content-Disposition", 'attachment; filename="film.mp4"')
FORMS: dict[str, tuple[bytes, str | None, tuple[Header, ...]]] = {
    "told": (LOGIN, HTML, ()),
    "as a film": (LOGIN, MP4, ()),
    "as bytes": (LOGIN, BYTES, ()),
    "untold": (LOGIN, None, ()),
    "with a film's name": (LOGIN, BYTES, (NAMED,)),
    "behind a comment": (LATE, MP4, ()),
    "in UTF-16": (LOGIN.decode().encode("utf-16"), MP4, ()),
    "without a doctype": (b"\n\n  <html><body>gone</body></html>", MP4, ()),
    "a script alone": (b"<script>location='/login'</script>", MP4, ()),
    "JSON": (QUOTA, "application/json", ()),
    "JSON as a film": (QUOTA, MP4, ()),
    "a list of JSON as a film": (b'[{"code": 403}]', BYTES, ()),
    "JSON in a call": (b'callback({"error": "gone"});', MP4, ()),
    "JSON by hand": (b"{'error': 'gone'}", BYTES, ()),
    "JSON in UTF-16": ('{"error": "gone"}'.encode("utf-16"), MP4, ()),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', MP4, ()),
    "a script's source": (b"<?php readfile($file); ?>", BYTES, ()),
    "a script's fault": (b"\nWarning: readfile(a.mp4): failed to open stream in /a.php", MP4, ()),
    "an answer's head": (b"HTTP/1.1 404 Not Found\r\n\r\n", MP4, ()),
    "a piece of a page": (b"<center><h1>504</h1></center>", BYTES, ()),
    "XML": (DENIED, "application/xml", ()),
    "XML as a film": (DENIED, MP4, ()),
}


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        group, index = request.path.split("/")[1:3]
        if group == "kept":
            return list(KEPT.values())[int(index)][1]
        body, kind, headers = list(FORMS.values())[int(index)]
        return reply(body, kind, headers=headers)

    return handle


ODD = content(5000)
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + ODD
KEPT: dict[str, tuple[str, bytes, bytes]] = {
    "bytes of no format": ("film.mp4", reply(ODD, MP4), ODD),
    "a page that is a page": ("notes.html", reply(LOGIN, HTML, headers=[
        ("Content-Disposition", 'attachment; filename="notes.html"')]), LOGIN),
    "JSON that is JSON": ("data.json", reply(QUOTA, "application/json"), QUOTA),
    "a picture": ("film.png", reply(PICTURE, MP4), PICTURE),
    "text": ("words.txt", reply(b"< and > are words\n", "text/plain"), b"< and > are words\n"),
    "a subtitle": ("film.srt", reply(b"1\n00:00:01,000 --> 00:00:02,000\nHi\n", "text/plain"),
                   b"1\n00:00:01,000 --> 00:00:02,000\nHi\n"),
}  # fmt: skip
NAMED_AS = {"a picture": "film.mp4"}
KIND = Kind(
    "files",
    site,
    {
        name: Form(f"/page/{at}/film.mp4", fails("not_media", "login_required", "unsupported_url"))
        for at, name in enumerate(FORMS)
    }
    | {
        name: Form(f"/kept/{at}/{NAMED_AS.get(name, file_name)}", Body(body, (file_name,)))
        for at, (name, (file_name, _, body)) in enumerate(KEPT.items())
    },
)


def test_fetch(check: Check, form: Form) -> None:
    outcome = check(form)
    assert ("a picture (PNG)" in outcome.note) == (form == KIND.forms["a picture"])
