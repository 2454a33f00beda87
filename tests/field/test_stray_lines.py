"""Lines in a playlist that are neither tags nor links: a packager's name, a cache's comment.

RFC 8216, 4.3.2.1: each segment has an EXTINF. hls.js and ffmpeg pass over a line without one.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import KEY, encrypt, iv, listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

FORMS = {
    "first": (b"#EXTINF", b"made by a packager\n#EXTINF"),
    "before the end": (b"#EXT-X-ENDLIST", b"the end\n#EXT-X-ENDLIST"),
    "a page's footer": (b"#EXT-X-ENDLIST", b"#EXT-X-ENDLIST\n<!-- cached -->\n</body></html>"),
    "a second link": (b"1.ts", b"1.ts\n1-backup.ts"),
    "two byte order marks": (b"#EXTM3U", b"\xef\xbb\xbf\xef\xbb\xbf#EXTM3U"),
}


def site(clips: Clips) -> Handler:
    ts = clips.ts()
    plain = listing(ts, "{}.ts")
    served = {f"/{at}.m3u8": plain.replace(*each_, 1) for at, each_ in enumerate(FORMS.values())}
    # the number of a segment, which its vector is told by, counts segments alone
    keyed = listing(ts, "e{}.ts", head=['#EXT-X-KEY:METHOD=AES-128,URI="key"'])
    served["/keyed.m3u8"] = keyed.replace(b"#EXTINF", b"made by a packager\n#EXTINF", 1)
    served["/key"] = KEY
    served |= each("/e", (encrypt(part, iv(at)) for at, part in enumerate(ts.parts)), ".ts")
    return folder(served | each("/", ts.parts, ".ts"))


KIND = Kind(
    "hls",
    site,
    {name: Form(f"/{at}.m3u8", Film(Clips.film)) for at, name in enumerate(FORMS)}
    | {"in an encrypted list": Form("/keyed.m3u8", Film(Clips.film))},
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
