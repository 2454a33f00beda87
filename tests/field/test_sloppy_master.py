"""Masters whose attributes are not as the RFC has them; players read on.

globocom/m3u8#72 #91 #97 #355 (fractions; Twitch), globocom/hlsclient#11 (a blank behind the
comma), chrippa/livestreamer#488. A bad optional attribute counts as missing.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

ATTRIBUTES = (
    "BANDWIDTH=900000,AVERAGE-BANDWIDTH=812345.6,RESOLUTION=160x90",
    "BANDWIDTH=66406.2,RESOLUTION=160x90",
    "PROGRAM-ID=1, BANDWIDTH=900000, RESOLUTION=160x90",
    "BANDWIDTH=900000,RESOLUTION=160.0x90.0",
    'BANDWIDTH=900000,RESOLUTION="160x90"',
    "BANDWIDTH=900000,RESOLUTION=160X90",
    "BANDWIDTH=900000,RESOLUTION=160",
    "BANDWIDTH=900000,RESOLUTION=auto",
    'BANDWIDTH="900000",RESOLUTION=160x90',
    'BANDWIDTH=900000,FRAME-RATE="25.000",RESOLUTION=160x90',
    "PROGRAM-ID=,BANDWIDTH=900000,RESOLUTION=160x90",
    "BANDWIDTH=undefined,RESOLUTION=160x90",
    "BANDWIDTH=NaN,RESOLUTION=160x90",
    "BANDWIDTH=-1,RESOLUTION=160x90",
    "BANDWIDTH=99999999999999999999,RESOLUTION=160x90",
    "BANDWIDTH=900000,FRAME-RATE=NaN,RESOLUTION=160x90",
    "BANDWIDTH=900000,CODECS=avc1.42c00a,mp4a.40.2,RESOLUTION=160x90",
    'BANDWIDTH=900000,CODECS="avc1.42c00a,mp4a.40.2',
    'BANDWIDTH=900000,CODECS="",RESOLUTION=160x90',
    "RESOLUTION=160x90",
    "",
    "BANDWIDTH=900000,,RESOLUTION=160x90,",
    "bandwidth=900000,resolution=160x90",
    'BANDWIDTH=900000,NAME="a, b=c",RESOLUTION=160x90',
    "BANDWIDTH=900000,HDCP-LEVEL=WHAT,VIDEO-RANGE=X,RESOLUTION=160x90",
    'BANDWIDTH=900000,AUDIO="nowhere",SUBTITLES="none",RESOLUTION=160x90',
)


def site(clips: Clips) -> Handler:
    pieces = clips.ts()
    files = {"/v.m3u8": listing(pieces, "/{}.ts"), **each("/", pieces.parts, ".ts")}
    for at, text in enumerate(ATTRIBUTES):
        remark = "\n\n# a remark\n" if at % 2 else "\n"
        line = f"#EXTM3U\n#EXT-X-STREAM-INF:{text}{remark}v.m3u8\n"
        files[f"/{at}.m3u8"] = line.encode()
    files["/crlf.m3u8"] = files["/0.m3u8"].replace(b"\n", b"\r\n")
    files["/bom.m3u8"] = b"\xef\xbb\xbf" + files["/0.m3u8"]
    files["/blank.m3u8"] = files["/0.m3u8"].replace(b"v.m3u8", b"  v.m3u8 ")
    return folder(files)


KIND = Kind(
    "hls",
    site,
    {text or "nothing": Form(f"/{at}.m3u8", Film(Clips.film)) for at, text in enumerate(ATTRIBUTES)}
    | {
        "CR LF": Form("/crlf.m3u8", Film(Clips.film)),
        "a BOM": Form("/bom.m3u8", Film(Clips.film)),
        "blanks around a URI": Form("/blank.m3u8", Film(Clips.film)),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
