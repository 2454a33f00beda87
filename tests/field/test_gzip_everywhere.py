"""A server that packs whatever it sends, though ``identity`` was asked for.

ArchiveTeam/wpull#14, kaltura/nginx-vod-module#1273, Stream4me/addon#680, curl/curl#2422,
ytdl-org/youtube-dl#28303 (a label on plain bytes). Browsers decode all of it.
"""

from __future__ import annotations

import gzip
import zlib

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import KEY, encrypt, iv, key, listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import BYTES, HLS, TS, file, reply
from tests.support.request import Answer, Handler, Request

FORMS = {"list": "l", "key": "k", "segments": "s", "all": "lks", "label": "", "deflate": "lks"}


def site(clips: Clips) -> Handler:
    pieces = clips.ts()
    secret = [encrypt(part, iv(1)) for part in pieces.parts]
    text = listing(pieces, "{}.ts", head=[key(iv(1))])

    def handle(request: Request) -> Answer:
        form, name = request.path.split("/")[1:]
        what, body, kind = {"list.m3u8": ("l", text, HLS), "key": ("k", KEY, BYTES)}.get(
            name, ("s", b"", TS)
        )
        body = body or secret[int(name[:-3])]
        if form == "label" and what == "l":
            return reply(body, kind, headers=[("Content-Encoding", "gzip")])
        if what not in FORMS[form]:
            return file(request, body, kind)
        packed = zlib.compress(body) if form == "deflate" else gzip.compress(body, mtime=0)
        coding = "deflate" if form == "deflate" else "gzip"
        return reply(packed, kind, headers=[("Content-Encoding", coding)])

    return handle


KIND = Kind(
    "hls", site, {name: Form(f"/{name}/list.m3u8", Film(Clips.film)) for name in FORMS}
)  # fmt: skip


def test_fetch(check: Check, form: Form) -> None:
    check(form)
