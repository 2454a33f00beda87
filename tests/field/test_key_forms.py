"""EXT-X-KEY as packagers write it.

streamlink/streamlink#5856 and #4554 (a line end behind the key), nilaoda/N_m3u8DL-RE#823,
videojs/videojs-contrib-hls#616; RFC 8216, 4.3.2.4 and 4.3.2.5: a key covers what follows it, an
init section too when it has an IV.
"""

from __future__ import annotations

import base64

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film, fails
from tests.field.support.hls import KEY, encrypt, iv, key, listing, master, variant
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

NONE = "#EXT-X-KEY:METHOD=NONE"
OTHER = bytes(range(40, 56))
FAIRPLAY = (
    '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key",'
    'KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"'
)
SPELLED = {
    "line-end": KEY + b"\n",
    "hex": KEY.hex().encode() + b"\r\n",
    "0x": b"0x" + KEY.hex().upper().encode(),
    "base64": base64.b64encode(KEY),
}
MAP = '#EXT-X-MAP:URI="{}.mp4"'


def _by(form: str, uri: str = "key") -> str:
    return f'#EXT-X-KEY:METHOD=AES-128,URI="{uri}"{form}'


def site(clips: Clips) -> Handler:
    ts, cmaf = clips.ts(), clips.cmaf()
    data = "data:text/plain;base64," + base64.b64encode(KEY).decode()
    mixed = [(f"each{at}.ts" if at % 2 else f"p{at}.ts", 1.0) for at in range(len(ts))]
    files = {
        "/plain-map.m3u8": listing(cmaf, "e{}.m4s", head=[MAP.format("init"), key(iv(0))]),
        "/secret-map.m3u8": listing(cmaf, "e{}.m4s", head=[key(iv(0)), MAP.format("secret")]),
        "/each.m3u8": listing(ts, "each{}.ts", before=lambda at: [key(iv(at + 1))]),
        "/upper.m3u8": listing(
            ts, "each{}.ts", before=lambda at: [_by(f",IV=0X{iv(at + 1).hex().upper()}")]
        ),
        "/short.m3u8": listing(ts, "each{}.ts", before=lambda at: [_by(f",IV=0x{at + 1:x}")]),
        "/none.m3u8": listing(mixed, before=lambda at: [key(iv(at + 1)) if at % 2 else NONE]),
        "/number.m3u8": listing(ts, "each{}.ts", head=[_by(""), "#EXT-X-MEDIA-SEQUENCE:1"]),
        "/quoted.m3u8": listing(
            ts, "each{}.ts", before=lambda at: [_by(f',IV="0x{iv(at + 1).hex()}"')]
        ),
        "/data.m3u8": listing(ts, "each{}.ts", before=lambda at: [key(iv(at + 1), data)]),
        "/format.m3u8": listing(
            ts,
            "each{}.ts",
            before=lambda at: [_by(f',IV=0x{iv(at + 1).hex()},KEYFORMAT="identity"')],
        ),
        "/rotated.m3u8": listing(
            ts,
            "r{}.ts",
            before=lambda at: (
                [key(iv(at + 1), "other" if at >= 2 else "key")] if at in (0, 2) else []
            ),
        ),
        "/session.m3u8": master(
            f'#EXT-X-SESSION-KEY:METHOD=AES-128,URI="key",IV=0x{iv(1).hex()}',
            variant("each.m3u8"),
        ),
        "/drm.m3u8": listing(
            cmaf,
            "e{}.m4s",
            head=[
                MAP.format("init"),
                FAIRPLAY,
            ],
        ),
        "/gone.m3u8": listing(ts, "each{}.ts", head=[key(iv(1), "nowhere")]),
        "/long.m3u8": listing(ts, "each{}.ts", head=[key(iv(1), "page.html")]),
        **{
            f"/{name}.m3u8": listing(
                ts, "each{}.ts", before=lambda at, name=name: [key(iv(at + 1), f"{name}.key")]
            )
            for name in SPELLED
        },
        **{f"/{name}.key": body for name, body in SPELLED.items()},
        "/page.html": b"<!doctype html><html><body>Sign in</body></html>",
        "/key": KEY,
        "/other": OTHER,
        "/init.mp4": cmaf.init,
        "/secret.mp4": encrypt(cmaf.init, iv(0)),
    }
    files |= each("/e", (encrypt(part, iv(0)) for part in cmaf.parts), ".m4s")
    files |= each("/each", (encrypt(part, iv(n + 1)) for n, part in enumerate(ts.parts)), ".ts")
    files |= each("/p", ts.parts, ".ts")
    rotated = (encrypt(part, iv(n // 2 * 2 + 1), OTHER if n >= 2 else KEY)
               for n, part in enumerate(ts.parts))  # fmt: skip
    return folder(files | each("/r", rotated, ".ts"))


GOOD = {
    "an IV for each": "each",
    "a plain map before the key": "plain-map",
    "a map under the key": "secret-map",
    "0X and capitals": "upper",
    "an IV without its zeros": "short",
    "a quoted IV": "quoted",
    "NONE between": "none",
    "no IV": "number",
    "a data: key": "data",
    "KEYFORMAT identity": "format",
    "another key half way": "rotated",
    "a session key": "session",
}
KIND = Kind(
    "hls",
    site,
    {name: Form(f"/{path}.m3u8", Film(Clips.film)) for name, path in GOOD.items()}
    | {f"a key as {name}": Form(f"/{name}.m3u8", Film(Clips.film)) for name in SPELLED}
    | {
        "FairPlay": Form("/drm.m3u8", fails("protected")),
        "a key that is gone": Form(
            "/gone.m3u8", fails("unavailable", "bad_manifest", "incomplete", "protected")
        ),
        "a page for a key": Form(
            "/long.m3u8", fails("not_media", "bad_manifest", "login_required", "bad_response")
        ),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
