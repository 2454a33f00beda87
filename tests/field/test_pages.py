"""Pages that name a film: in an element, in metadata, in a feed; their links as people write them.

microlinkhq/metascraper#355 and yt-dlp/yt-dlp#4016 (JSON-LD), outmoded/metaphor#5 (Open Graph);
JSON-LD 1.1, 4.3 and 9; HTML, 2.4 and 4.2.3 (``<base href>``), URL Standard, 4.4 (blanks around a
link).
"""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, file, missing, page
from tests.support.request import Answer, Handler, Request

HEAD = "<!doctype html><html><head><title>A film</title>{}</head><body>{}</body></html>"
LINKED_DATA = (
    '<script type="application/ld+json">{"@context":"https://schema.org","@type":"VideoObject",'
    '"name":"A film","uploadDate":"2026-01-01","thumbnailUrl":"/t.jpg",'
    '"contentUrl":"{origin}/media/film.mp4"}</script>'
)
OPEN_GRAPH = (
    '<meta property="og:video" content="{origin}/media/film.mp4">'
    '<meta property="og:video:type" content="video/mp4">'
)
MICRODATA = (
    '<div itemscope itemtype="https://schema.org/VideoObject"><meta itemprop="name" content="A">'
    '<link itemprop="contentUrl" href="/media/film.mp4"></div>'
)
PLAYER = '<video src="/media/film.mp4"></video>'
BLANK = '<iframe src="about:blank"></iframe>'


def _linked(text: str, kind: str = "application/ld+json") -> tuple[str, str]:
    return f'<script type="{kind}">{text}</script>', ""


# what stands in the head and in the body
PAGES = {
    "relative": ("", '<video src="media/film.mp4" controls></video>'),
    # the page is at the root, above which ".." does not lead
    "upwards": ("", '<video><source src="../media/film.mp4" type="video/mp4"></video>'),
    "spaces": ("", '<video src="  media/the film.mp4  "></video>'),
    "base": ('<base href="/media/">', '<video src="film.mp4"></video>'),
    "entities": ("", '<video src="media/film.mp4?a=1&amp;b=2"></video>'),
    "open graph": (OPEN_GRAPH, ""),
    "linked data": (LINKED_DATA, ""),
    "microdata": ("", MICRODATA),
    # schema.org's terms as whole IRIs, in another case, in nodes of their own
    "linked data, an IRI": _linked(
        '{"@type": "https://schema.org/VideoObject", "contentUrl": "/media/film.mp4"}'
    ),
    "linked data, another case": _linked(
        '{"@type": "VideoObject", "contentURL": "/media/film.mp4"}'
    ),
    "linked data, a node": _linked(
        '{"@type": "VideoObject", "contentUrl": {"@id": "/media/film.mp4"}}'
    ),
    "linked data, a graph": _linked(
        '{"@graph": [{"@type": "WebSite"}, {"@type": ["VideoObject"],'
        ' "contentUrl": ["/media/film.mp4"]}]}'
    ),
    "linked data of an article": _linked(
        '{"@type": "NewsArticle", "video": [{"@type": "VideoObject",'
        ' "contentUrl": "/media/film.mp4"}]}'
    ),
    "linked data of a film": _linked('{"@type": "Movie", "contentUrl": "/media/film.mp4"}'),
    # and as people write JSON by hand
    "linked data, a comma too many": _linked(
        '{"@type": "VideoObject", "contentUrl": "/media/film.mp4",}'
    ),
    "linked data, a remark": _linked(
        '/* a film */ {"@type": "VideoObject", "contentUrl": "\\/media\\/film.mp4"}'
    ),
    "linked data, a semicolon": _linked('{"@type":"VideoObject","contentUrl":"/media/film.mp4"};'),
    "linked data, two documents": _linked(
        '{"@type": "WebSite"} {"@type": "VideoObject", "contentUrl": "/media/film.mp4"}'
    ),
    "linked data with a charset": _linked(
        '{"@type": "VideoObject", "contentUrl": "/media/film.mp4"}',
        "application/ld+json; charset=utf-8",
    ),
    "microdata of two properties": (
        "",
        '<link itemprop="contentUrl url" href="/media/film.mp4">',
    ),
    "open graph, a name and blanks": (
        '<meta content=" /media/film.mp4 " name="og:video:secure_url">',
        "",
    ),
    "a base without its slash": ("<base href=/media/index.html>", '<video src="film.mp4">'),
    "a base for linked data": (
        '<base href="/media/">' + _linked('{"@type":"VideoObject","contentUrl":"film.mp4"}')[0],
        "",
    ),
    "line ends in an address": ("", '<video src="/media/\nfilm.mp4 "></video>'),
    "a refresh": ('<meta http-equiv=Refresh content="0; URL=/player">', ""),
    "a frame": ("", "<IFRAME SRC='/player'>"),
    "a frame beside an empty one": ("", BLANK + '<iframe src="/player"></iframe>'),
    "a frame that loads late": ("", '<iframe src="about:blank" data-lazy-src="/player"></iframe>'),
    "a frame that fills the screen": (
        "",
        '<iframe src="/other"></iframe><iframe src="/player" allowfullscreen></iframe>',
    ),
    "a set of frames": ("", '<frame src="/player">'),
}


def _film(clips: Clips) -> bytes:
    return clips.film().read_bytes()


def site(clips: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        if request.path in ("/media/film.mp4", "/media/the film.mp4"):
            if "referer" not in request.headers and request.query.get("b") == "2":
                return page("<html><body>hotlinked", 403)
            return file(request, _film(clips), MP4)
        if request.path == "/player":
            return page(HEAD.format("", PLAYER))
        if request.name not in PAGES:
            return missing()
        head, body = (text.replace("{origin}", f"http://{request.headers['host']}")
                      for text in PAGES[request.name])  # fmt: skip
        return page(HEAD.format(head, body))

    return handle


KIND = Kind("pages", site, {name: Form(f"/{quote(name)}", Body(_film)) for name in PAGES})


@pytest.mark.timeout(90)
def test_fetch(check: Check, form: Form) -> None:
    check(form)
