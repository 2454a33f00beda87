"""Lists in every shape that players read: ranges, gaps, pictures alone, links of any form.

RFC 8216, 4.3.2.2 (byte ranges), RFC 8216bis, 4.4.4.7 (EXT-X-GAP), 4.4.6.3 (lists of I-frames are
no films); video-dev/hls.js#2940 and shaka-project/shaka-player#1308 (gaps), video-dev/hls.js#2018
(a first segment without a frame).
"""

from __future__ import annotations

import base64

from tests.field.conftest import Check
from tests.field.support.clips import Clips, Pieces
from tests.field.support.expected import Film, fails
from tests.field.support.hls import listing, master, variant
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder, missing, redirect
from tests.support.request import Answer, Handler, Request

GAP = "#EXT-X-GAP"


def _ranges(pieces: Pieces, *, implicit: bool) -> bytes:
    start, rows, tags = len(pieces.init), [], []
    for part, length in zip(pieces.parts, pieces.seconds, strict=True):
        at = "" if implicit and rows else f"@{start}"
        tags.append(f"#EXT-X-BYTERANGE:{len(part)}{at}")
        rows.append(("all.mp4", length))
        start += len(part)
    head = f'#EXT-X-MAP:URI="all.mp4",BYTERANGE="{len(pieces.init)}@0"'
    return listing(rows, head=[head], before=lambda at: [tags[at]])


def _data(part: bytes) -> str:
    return "data:video/mp2t;base64," + base64.b64encode(part).decode()


def site(clips: Clips) -> Handler:
    ts, cmaf = clips.ts(), clips.cmaf()
    names = [(f"/{at}.ts", length) for at, length in enumerate(ts.seconds)]
    frames = '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=900000,RESOLUTION=1920x1080,URI="i.m3u8"'
    gone = [*names[:1], ("/gone.ts", ts.seconds[1]), *names[2:]]
    files = {
        "/ranges.m3u8": _ranges(cmaf, implicit=False),
        "/implicit.m3u8": _ranges(cmaf, implicit=True),
        "/frames.m3u8": master(frames, variant("plain.m3u8")),
        "/plain.m3u8": listing(names),
        "/tables.m3u8": listing([("/tables.ts", 0.02), *names, ("/tables.ts", 0.02)]),
        "/tables.ts": ts.parts[0][: 3 * 188],
        "/i.m3u8": listing(names[:1], head=["#EXT-X-I-FRAMES-ONLY"]),
        "/gap.m3u8": listing(gone, before=lambda at: [GAP] if at == 1 else []),
        "/gaps.m3u8": listing(names, before=lambda at: [GAP]),
        "/data.m3u8": listing([(_data(ts.parts[0]), ts.seconds[0]), *names[1:]]),
        "/deep/er/up.m3u8": listing([(f"../..{uri}", length) for uri, length in names]),
        "/query.m3u8": listing([(f"{uri}?a=b/c?d#e", length) for uri, length in names]),
        "/host.m3u8": listing(names).replace(b"\n/", b"\n{origin}/"),
        "/no-end.m3u8": listing(names).replace(b"#EXT-X-ENDLIST\n", b""),
        "/crlf.m3u8": listing(names).replace(b"\n", b"\r\n"),
        "/tabs.m3u8": listing(names).replace(b"\n/", b"\n \t/"),
        "/no-target.m3u8": listing(names).replace(b"#EXT-X-TARGETDURATION:2\n", b""),
        "/late-tag.m3u8": b"\n\n" + listing(names),
        "/empty.m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-ENDLIST\n",
        "/all.mp4": cmaf.init + b"".join(cmaf.parts),
        **each("/", ts.parts, ".ts"),
    }

    def also(request: Request) -> Answer:
        if request.path == "/moved.m3u8":
            return redirect("/plain.m3u8")
        return missing()

    def handle(request: Request) -> Answer:
        own = f"http://{request.headers['host']}".encode()
        body = files.get(request.path, b"").replace(b"{origin}", own)
        return folder({request.path: body} if body else {}, also)(request)

    return handle


WHOLE = {
    "byte ranges": "ranges",
    "ranges without a start": "implicit",
    "a list of I-frames first": "frames",
    "a data: segment": "data",
    "segments of tables alone": "tables",
    "links upwards": "deep/er/up",
    "a query with anything in it": "query",
    "whole URLs": "host",
    "moved": "moved",
    "PLAYLIST-TYPE VOD without an end": "no-end",
    "CR LF": "crlf",
    "blanks before links": "tabs",
    "no target duration": "no-target",
    "blank lines first": "late-tag",
}
KIND = Kind(
    "hls",
    site,
    {name: Form(f"/{path}.m3u8", Film(Clips.film)) for name, path in WHOLE.items()}
    | {
        "a gap": Form("/gap.m3u8", Film(frames=75, note="(?i)gap|missing")),
        "nothing but gaps": Form("/gaps.m3u8", fails("incomplete", "bad_manifest", "unavailable")),
        "nothing": Form("/empty.m3u8", fails("bad_manifest")),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
