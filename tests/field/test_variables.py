"""EXT-X-DEFINE: variables by NAME and VALUE, by IMPORT from the master, by QUERYPARAM.

androidx/media#3258, video-dev/hls.js#5161 #5240, shaka-project/shaka-player#1561,
rutgersc/m3u8-rs#85; RFC 8216bis, 4.3.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film, fails
from tests.field.support.hls import KEY, encrypt, iv, listing, master
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder, missing
from tests.support.request import Answer, Handler, Request

BASE = '#EXT-X-DEFINE:NAME="base",VALUE="/media/"'
AUTH = '#EXT-X-DEFINE:NAME="auth",VALUE="?t=1"'


def site(clips: Clips) -> Handler:
    pieces = clips.ts()
    own = "{{$base}}{}.ts{{$auth}}"
    crypt = f'#EXT-X-KEY:METHOD=AES-128,URI="{{$base}}key",IV=0x{iv(9).hex()}'
    lists = {
        "/own.m3u8": listing(pieces, own, head=[BASE, AUTH], version=8),
        "/master.m3u8": master(
            '#EXT-X-DEFINE:NAME="dir",VALUE="lists"', BASE,
            '#EXT-X-DEFINE:NAME="size",VALUE="160x90"',
            "#EXT-X-STREAM-INF:BANDWIDTH=100000,RESOLUTION={$size}\n{$dir}/v.m3u8",
        ),
        "/lists/v.m3u8": listing(
            pieces, "{{$base}}{}.ts?t=1", head=['#EXT-X-DEFINE:IMPORT="base"'], version=8
        ),
        "/query.m3u8": listing(
            pieces, "/media/{}.ts?t={{$token}}", head=['#EXT-X-DEFINE:QUERYPARAM="token"'],
            version=11,
        ),
        "/keyed.m3u8": listing(
            pieces, "/secret/{}.ts", head=[BASE, crypt], version=8
        ),
        "/undefined.m3u8": listing(pieces, "{{$nowhere}}{}.ts", head=[BASE], version=8),
        "/plain.m3u8": listing(pieces, "/media/{}.ts?t=1&x={{$y", head=[BASE], version=8),
        "/media/key": KEY,
    }  # fmt: skip

    def also(request: Request) -> Answer:
        if request.path.startswith("/secret/"):
            return folder(secret)(request)
        allowed = request.query.get("t") == "1"
        return folder(clear)(request) if allowed else missing()

    clear = {f"/media/{at}.ts": part for at, part in enumerate(pieces.parts)}
    secret = {f"/secret/{at}.ts": encrypt(part, iv(9)) for at, part in enumerate(pieces.parts)}
    return folder(lists, also)


KIND = Kind(
    "hls",
    site,
    {
        "IMPORT from the master": Form("/master.m3u8", Film(Clips.film)),
        "NAME and VALUE": Form("/own.m3u8", Film(Clips.film)),
        "QUERYPARAM": Form("/query.m3u8?token=1", Film(Clips.film)),
        "in a key": Form("/keyed.m3u8", Film(Clips.film)),
        "no reference at all": Form("/plain.m3u8", Film(Clips.film)),
        "not defined": Form("/undefined.m3u8", fails("bad_manifest")),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
