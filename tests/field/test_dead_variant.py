"""A master whose first variant is gone; the one asked for works.

videojs/videojs-contrib-hls#264. A variant that is repeated is a spare (RFC 8216bis, 6.2.4).
"""

from __future__ import annotations

from config.server.supervisor.port import ReservedPort
from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film, fails
from tests.field.support.hls import listing, master, variant
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder, missing, page, reply
from tests.support.request import Answer, Handler, Request

CLOSED = ReservedPort()  # nothing listens there
DEAD = {
    "does not resolve": "http://gone.invalid/v.m3u8",
    "refuses": f"http://127.0.0.1:{CLOSED.number}/v.m3u8",
    "500": "/500.m3u8",
    "404": "/404.m3u8",
    "a page": "/page.m3u8",
    "an empty list": "/empty.m3u8",
    "an empty body": "/nothing.m3u8",
    "hangs up": "/hangup.m3u8",
}


def site(clips: Clips) -> Handler:
    pieces = clips.ts()
    files = {
        "/v.m3u8": listing(pieces, "/{}.ts"),
        "/empty.m3u8": b"#EXTM3U\n#EXT-X-ENDLIST\n",
        "/nothing.m3u8": b"",
        **each("/", pieces.parts, ".ts"),
    }
    tall = {"rate": 5_000_000, "size": "1920x1080"}
    for at, uri in enumerate(DEAD.values()):
        files[f"/first/{at}.m3u8"] = master(variant(uri, **tall), variant("/v.m3u8"))
        files[f"/spare/{at}.m3u8"] = master(variant(uri), variant("/v.m3u8"))
    files["/all.m3u8"] = master(variant("/404.m3u8"), variant("/500.m3u8", **tall))

    def also(request: Request) -> Answer:
        match request.name:
            case "500.m3u8":
                return reply(status=500)
            case "page.m3u8":
                return page("<!doctype html><html><body>gone</body></html>")
            case "hangup.m3u8":
                return None
        return missing()

    return folder(files, also)


KIND = Kind(
    "hls",
    site,
    {
        name: Form(f"/first/{at}.m3u8", Film(Clips.film), quality="360p")
        for at, name in enumerate(DEAD)
    }
    | {
        f"its equal: {name}": Form(f"/spare/{at}.m3u8", Film(Clips.film))
        for at, name in enumerate(DEAD)
    }
    | {
        "all of them": Form(
            "/all.m3u8", fails("unavailable", "bad_response", "network", "bad_manifest")
        )
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
