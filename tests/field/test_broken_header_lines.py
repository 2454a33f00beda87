"""One bad line among the good ones of a head.

snoyberg/http-client#398 (a word alone on a line; curl, wget and Firefox take the file),
python/cpython#69725 and internetstandards/Internet.nl#1374 (a blank before the colon),
psf/requests#6249. What stands behind the bad line holds.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.support.answers import missing
from tests.support.content import content
from tests.support.origin import Origin
from tests.support.request import Answer, Handler, Request

BODY = content(100_000)
GOOD = (
    b'Content-Disposition: attachment; filename="right name.mp4"\r\n'
    b"Content-Length: %d\r\nContent-Type: video/mp4\r\n\r\n" % len(BODY)
)
LINES = {
    "a word alone": b"X-Frame: a;\r\npreload\r\n",
    "a blank before the colon": b"X-Powered-By : PHP/5.3\r\n",
    "a second status line": b"HTTP/1.1 200 OK\r\n",
    "no name": b": nothing\r\n",
    "a colon alone": b":\r\n",
    "a name with blanks": b"X Powered By: PHP\r\n",
    "a name with brackets": b"(X): y\r\n",
    "bytes above 127": "X-Título: película\r\n".encode(),
    "bytes that are no UTF-8": b"X-Name: caf\xe9\r\n\xe9t\xe9: 1\r\n",
    "a folded value": b"X-Long: one\r\n two\r\n\tthree\r\n",
    "a fold with nothing before it": b" lonely\r\n",
    "an empty value": b"X-Empty:\r\n",
    "a line of blanks": b"   \r\n",
    "a bare CR": b"X-A: one\rtwo\r\n",
    "HTML": b"<b>Warning</b>: Cannot modify header in /a.php\r\n",
    "a quote left open": b'X-Quote: "open\r\n',
}


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        if not request.name.isdigit():
            return missing()
        line = list(LINES.values())[int(request.name)]
        first = b"" if line[:1] == b" " else b"Server: openresty\r\n"
        return b"HTTP/1.1 200 OK\r\n" + first + line + GOOD + BODY

    return handle


KIND = Kind(
    "http",
    site,
    {
        name: Form(f"/{at}", Body(BODY, ("right name.mp4",)))
        for at, name in enumerate(LINES)
    },
)  # fmt: skip


def test_fetch(check: Check, site: Origin, form: Form) -> None:
    check(form)
    asked = [request for request in site.log if request.target == form.path]
    assert len(asked) == 1, "what waits for more than the body asks again"
