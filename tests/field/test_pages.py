"""Pages that name a film: in an element, in metadata, in a feed; their links as people write them.

microlinkhq/metascraper#355 and yt-dlp/yt-dlp#4016 (JSON-LD), outmoded/metaphor#5 (Open Graph);
HTML, 2.4 and 4.2.3 (``<base href>``), URL Standard, 4.4 (blanks around a link).
"""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.field.support.origin import MP4, Answer, Handler, Request, file, missing, page

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
}


def _film(clips: Clips) -> bytes:
    return clips.film().read_bytes()


def site(clips: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        if request.path in ("/media/film.mp4", "/media/the film.mp4"):
            if "referer" not in request.headers and request.query.get("b") == "2":
                return page("<html><body>hotlinked", 403)
            return file(request, _film(clips), MP4)
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
