"""A segment that is a page, nothing, JSON or a word, with 200: once, or always.

tsduck/tsduck#1449, video-dev/hls.js#2233 (CloudFront hands out 0 bytes for a while),
videojs/videojs-contrib-hls#1072, selsta/hlsdl#124. Asked again, and exact then; else an error:
never a film that is silently shorter.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film, fails
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import HLS, TS, file, reply
from tests.support.request import Answer, Handler, Request

BODIES: dict[str, tuple[bytes, str]] = {
    "page": (b"<!doctype html><html><body><h1>Too many requests</h1></body></html>", "text/html"),
    "empty": (b"", TS),
    "json": (b'{"error":"token expired"}', "application/json"),
    "word": (b"Forbidden", "text/plain"),
    "zeros": (bytes(1880), TS),
    "page-as-ts": (b"<html><body>" + b"sorry " * 400 + b"</body></html>", TS),
    "gif": (b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,;", "image/gif"),
}


def site(clips: Clips) -> Handler:
    ts, cmaf = clips.ts(), clips.cmaf()
    lists = {"ts": listing(ts, "{}"), "cmaf": listing(cmaf, "{}", init="init")}

    def handle(request: Request) -> Answer:
        kind, form, often, name = request.path.split("/")[1:]
        if name == "list.m3u8":
            return file(request, lists[kind], HLS)
        if name == "init":
            return file(request, cmaf.init)
        if name == "2" and (often == "always" or request.nth == 1):
            return reply(*BODIES[form])
        return file(request, (ts if kind == "ts" else cmaf).parts[int(name)], TS)

    return handle


KIND = Kind(
    "hls",
    site,
    {
        f"{kind}: {form} once": Form(f"/{kind}/{form}/once/list.m3u8", Film(Clips.film))
        for kind in ("ts", "cmaf")
        for form in BODIES
    }
    | {
        f"{kind}: {form} always": Form(
            f"/{kind}/{form}/always/list.m3u8",
            fails("incomplete", "not_media", "bad_response", "expired_link"),
        )
        for kind, form in (
            ("ts", "page"), ("ts", "empty"), ("ts", "json"), ("ts", "word"), ("ts", "zeros"),
            ("cmaf", "page"), ("cmaf", "empty"),
        )
    },
)  # fmt: skip


def test_fetch(check: Check, form: Form) -> None:
    check(form)
