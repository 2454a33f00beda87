"""Tags between EXTINF and the URI, and lines of no meaning there.

denivip/osmf-hls-plugin#55; RFC 8216, 4.3.2: a media segment tag holds for the next URI, in any
order. Unknown tags, remarks and blank lines are passed over.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips, Pieces
from tests.field.support.expected import Film
from tests.field.support.hls import KEY, Tags, encrypt, iv, key
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

NOISE = ["", "# seg", "#EXT-X-SOMETHING-NEW:a=1", "#EXTVLCOPT:network-caching=1000", "", "#"]


def _behind(pieces: Pieces, name: str, tags: Tags) -> bytes:
    lines = ["#EXTM3U", "#EXT-X-VERSION:4", "#EXT-X-TARGETDURATION:2"]
    for at, length in enumerate(pieces.seconds):
        lines += [f"#EXTINF:{length:.3f},a title, with = signs", *tags(at), name.format(at)]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]).encode()


def site(clips: Clips) -> Handler:
    ts = clips.ts()
    starts = [sum(map(len, ts.parts[:at])) for at in range(len(ts))]

    def date(at: int) -> list[str]:
        return [f"#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:0{at}.000Z"]

    def ranged(at: int) -> list[str]:
        return [f"#EXT-X-BYTERANGE:{len(ts.parts[at])}@{starts[at]}"]

    def keyed(at: int) -> list[str]:
        return [] if at else [key(iv(9))]

    return folder(
        {
            "/keyed.m3u8": _behind(ts, "e{}.ts", keyed),
            "/date.m3u8": _behind(ts, "p{}.ts", date),
            "/noise.m3u8": _behind(ts, "p{}.ts", lambda at: NOISE),
            "/ranged.m3u8": _behind(ts, "all.ts", ranged),
            "/old-date.m3u8": _behind(
                ts, "p{}.ts", lambda at: ["#EXT-X-PROGRAM-DATE-TIME:yesterday"]
            ),
            "/all.ts": b"".join(ts.parts),
            "/key": KEY,
            **each("/p", ts.parts, ".ts"),
            **each("/e", (encrypt(part, iv(9)) for part in ts.parts), ".ts"),
        }
    )


KIND = Kind(
    "hls",
    site,
    {
        name: Form(f"/{path}.m3u8", Film(Clips.film))
        for name, path in (
            ("a byte range", "ranged"),
            ("a key", "keyed"),
            ("dates", "date"),
            ("dates that are none", "old-date"),
            ("noise", "noise"),
        )
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
