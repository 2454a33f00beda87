"""Links as people paste them: blanks, brackets, letters of any language, lone percent signs.

bezzad/Downloader#223, DIYgod/DPlayer#187, aperezdc/ngx-fancyindex#95. An address bar encodes what
has to be encoded, and nothing else (URL Standard, 4.4).
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, file, missing
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

BODY = content(3000)
# as pasted, and the path that a browser asks for
LINKS = {
    "/[Group] Show - 03 [1080p AAC].mkv": "/[Group]%20Show%20-%2003%20[1080p%20AAC].mkv",
    "/[Group]%20Show%20-%2003.mkv": "/[Group]%20Show%20-%2003.mkv",
    "/caf\u00e9.mp4": "/caf%C3%A9.mp4",
    "/{x}.mp4": "/%7Bx%7D.mp4",
    "/100%.mp4": "/100%.mp4",
    "/50% off.mp4": "/50%%20off.mp4",
    '/a"b.mp4': "/a%22b.mp4",
    "/a<b>.mp4": "/a%3Cb%3E.mp4",
    "/a|b^c`d.mp4": "/a|b^c%60d.mp4",
    "/a%2Fb.mp4": "/a%2Fb.mp4",
    "/a+b.mp4": "/a+b.mp4",
    "/a;b=1,c.mp4": "/a;b=1,c.mp4",
    "/b/./c/../d.mp4": "/b/d.mp4",
    "/film.mp4?title=a b&x=[1]": "/film.mp4?title=a%20b&x=[1]",
    "/film.mp4?x=caf\u00e9": "/film.mp4?x=caf%C3%A9",
    "/film.mp4#t=10": "/film.mp4",
}
# Where browsers themselves differ from one another, or servers take both.
ALSO = {
    "/%5BGroup%5D%20Show%20-%2003%20%5B1080p%20AAC%5D.mkv",
    "/%5BGroup%5D%20Show%20-%2003.mkv",
    "/a%7Cb%5Ec%60d.mp4",
    "/a|b%5Ec%60d.mp4",
    "/100%25.mp4",
    "/50%25%20off.mp4",
    "/film.mp4?title=a%20b&x=%5B1%5D",
}


def site(_: Clips) -> Handler:
    right = {*LINKS.values(), *ALSO}

    def handle(request: Request) -> Answer:
        return file(request, BODY, MP4) if request.target in right else missing()

    return handle


KIND = Kind(
    "http",
    site,
    {link: Form(link, Body(BODY)) for link in LINKS}
    | {
        "blanks around it": Form("  {origin}/a+b.mp4 \n", Body(BODY)),
        "in a sentence": Form("Watch this: {origin}/a+b.mp4, it is good", Body(BODY)),
        "in a list": Form("1. {origin}/a+b.mp4", Body(BODY)),
        "in an element": Form('<a href="{origin}/a+b.mp4">film</a>', Body(BODY)),
        "in Markdown": Form('[film]({origin}/a+b.mp4 "a film")', Body(BODY)),
        "in a forum's code": Form("[url]{origin}/a+b.mp4[/url]", Body(BODY)),
        "in JSON": Form('{"url": "{origin}/a+b.mp4"}', Body(BODY)),
        "a command": Form(
            "curl '{origin}/a+b.mp4' -H 'Referer: http://example.com/' --compressed", Body(BODY)
        ),
        "a command with options": Form("wget -c {origin}/a+b.mp4", Body(BODY)),
        "of a program": Form("vlc://{origin}/a+b.mp4", Body(BODY)),
        "of a podcast": Form("feed:{origin}/a+b.mp4", Body(BODY)),
        "an ellipsis behind it": Form("{origin}/a+b.mp4\u2026", Body(BODY)),
        "several": Form("{origin}/a+b.mp4 and {origin}/100%.mp4", fails("unsupported_url")),
        "in angle brackets": Form("<{origin}/a+b.mp4>", Body(BODY)),
        "a scheme in capitals": Form("{origin}/a+b.mp4".replace("http", "HTTP"), Body(BODY)),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
