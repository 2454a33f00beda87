"""EXT-X-KEY as packagers write it.

streamlink/streamlink#5856 and #4554 (a line end behind the key), nilaoda/N_m3u8DL-RE#823,
videojs/videojs-contrib-hls#616; RFC 8216, 4.3.2.4 and 4.3.2.5: a key covers what follows it, an
init section too when it has an IV.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from tests.field.conftest import Check
from tests.field.support.clips import Clips, Pieces
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
DATA = "data:text/plain;base64," + base64.b64encode(KEY).decode()


def _by(form: str, uri: str = "key") -> str:
    return f'#EXT-X-KEY:METHOD=AES-128,URI="{uri}"{form}'


# A list by its name: the line before each segment, by its number.
EACH: dict[str, Callable[[int], str]] = {
    "each": lambda at: key(iv(at + 1)),
    "upper": lambda at: _by(f",IV=0X{iv(at + 1).hex().upper()}"),
    "short": lambda at: _by(f",IV=0x{at + 1:x}"),
    "quoted": lambda at: _by(f',IV="0x{iv(at + 1).hex()}"'),
    "data": lambda at: key(iv(at + 1), DATA),
    "format": lambda at: _by(f',IV=0x{iv(at + 1).hex()},KEYFORMAT="identity"'),
    **{name: lambda at, name=name: key(iv(at + 1), f"{name}.key") for name in SPELLED},
}
# The lines at the head of a list: of the encrypted segments, and of CMAF's.
HEADS = {
    "number": [_by(""), "#EXT-X-MEDIA-SEQUENCE:1"],
    "gone": [key(iv(1), "nowhere")],
    "long": [key(iv(1), "page.html")],
}
CMAF_HEADS = {
    "plain-map": [MAP.format("init"), key(iv(0))],
    "secret-map": [key(iv(0)), MAP.format("secret")],
    "drm": [MAP.format("init"), FAIRPLAY],
}


def _none_or_key(at: int) -> list[str]:
    return [key(iv(at + 1)) if at % 2 else NONE]


def _another_from_the_third(at: int) -> list[str]:
    return [key(iv(at + 1), "other" if at else "key")] if at in (0, 2) else []


def _lists(ts: Pieces, cmaf: Pieces) -> dict[str, bytes]:
    mixed = [(f"each{at}.ts" if at % 2 else f"p{at}.ts", 1.0) for at in range(len(ts))]
    session = f'#EXT-X-SESSION-KEY:METHOD=AES-128,URI="key",IV=0x{iv(1).hex()}'
    lists = {
        name: listing(ts, "each{}.ts", before=lambda at, line=line: [line(at)])
        for name, line in EACH.items()
    }
    lists |= {name: listing(ts, "each{}.ts", head=head) for name, head in HEADS.items()}
    lists |= {name: listing(cmaf, "e{}.m4s", head=head) for name, head in CMAF_HEADS.items()}
    lists |= {
        "none": listing(mixed, before=_none_or_key),
        "rotated": listing(ts, "r{}.ts", before=_another_from_the_third),
        "session": master(session, variant("each.m3u8")),
    }
    return {f"/{name}.m3u8": body for name, body in lists.items()}


def site(clips: Clips) -> Handler:
    ts, cmaf = clips.ts(), clips.cmaf()
    files = _lists(ts, cmaf) | {
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
