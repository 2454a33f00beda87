"""Location as people write it by hand; browsers and curl follow all of these.

Homebrew/brew#5053, cakephp/cakephp#11163, 2dust/v2rayNG#4857 (``//host/x``),
jnunemaker/httparty#174 (no slash in front), ning/async-http-client#13, bearjaws/node-wget#11,
follow-redirects/follow-redirects#206 (a colon in a relative one).
"""

from __future__ import annotations

from urllib.parse import unquote

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, file, missing, redirect, reply
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

BODY = content(30_000)
FORMS: dict[str, tuple[int, str | bytes]] = {
    "scheme-relative": (302, "//{host}/real/film.mp4"),
    "a path": (301, "/real/film.mp4"),
    "no slash in front": (302, "../real/film.mp4"),
    "a query alone": (302, "?go=1"),
    "blanks around it": (302, "  http://{host}/real/film.mp4  "),
    "a scheme in capitals": (302, "HTTP://{host}/real/film.mp4"),
    "backslashes": (302, "\\real\\film.mp4"),
    "a fragment": (302, "/real/film.mp4#t=3"),
    "303": (303, "/real/film.mp4"),
    "307": (307, "/real/film.mp4"),
    "308": (308, "/real/film.mp4"),
    "a colon in a segment": (302, "./a:b/film.mp4"),
    "dots": (302, "/x/../../real/film.mp4"),
    "one slash too few": (302, "http:/real/film.mp4"),
    "a blank within": (302, "/real/the film.mp4"),
    "letters in Latin-1": (302, b"/real/caf\xe9/film.mp4"),
    "letters in GBK": (302, b"/real/\xce\xe5\xd4\xc2.mp4"),
    "a query in Latin-1": (302, b"/real/film.mp4?x=\xe9"),
    "a name and a password": (302, "http://me:secret@{host}/real/private.mp4"),
    "three slashes": (302, "///{host}/real/film.mp4"),
    "a tab within": (302, "/re\tal/film.mp4"),
    "above the root": (302, "/../../real/film.mp4"),
    "300": (300, "/real/film.mp4"),
    "letters in UTF-8": (302, "/real/caf\u00e9/film.mp4"),
}


# What is not UTF-8 comes back byte for byte.
AS_SENT = {
    unquote(target): target for target in ("/real/caf%E9/film.mp4", "/real/%CE%E5%D4%C2.mp4")
}


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        if (wanted := AS_SENT.get(request.path)) and wanted != request.target:
            return missing()
        if request.name == "private.mp4" and "authorization" not in request.headers:
            return missing()
        if request.path.startswith("/real/") or "a:b" in request.path or "go" in request.query:
            return file(request, BODY, MP4)
        if request.name == "none":
            return reply(b"moved", "text/html", status=302)
        if request.name == "round":
            return redirect(request.target)
        status, location = list(FORMS.values())[int(request.name)]
        octets = location if isinstance(location, bytes) else location.encode()
        octets = octets.replace(b"{host}", request.headers["host"].encode())
        headers = [("Location", octets), ("Content-Type", "text/html")]
        return reply(b"moved", None, status=status, headers=headers)

    return handle


KIND = Kind(
    "http",
    site,
    {name: Form(f"/from/{at}", Body(BODY)) for at, name in enumerate(FORMS)}
    | {
        "no Location": Form("/from/none", fails("bad_response", "unavailable", "not_media")),
        "in a circle": Form("/from/round", fails("too_many_redirects")),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
