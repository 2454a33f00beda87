"""A redirect that leads back, and ends only for those who return the cookie that it set.

encode/httpx#821, aio-libs/aiohttp#56, ja7ad/hydra#235: consent walls and anti-leech gates.
"""

from __future__ import annotations

import random

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, file, missing, redirect
from tests.support.request import Answer, Handler, Request

BODY = random.Random(1).randbytes(100_000)


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        match request.path:
            case "/itself/film.mp4":
                if request.cookies.get("pass") == "yes":
                    return file(request, BODY, MP4)
                return redirect(request.target, 307, [("Set-Cookie", "pass=yes; Max-Age=600")])
            case "/gated/film.mp4":
                if request.cookies.get("gate") == "open":
                    return file(request, BODY, MP4)
                return redirect("/gate?back=/gated/film.mp4")
            case "/gate":
                return redirect(request.query["back"], 302, [("Set-Cookie", "gate=open; Path=/")])
            case "/expired/film.mp4":
                # "old" is taken away again on the way: only "new" may be sent
                if request.cookies == {"new": "2"}:
                    return file(request, BODY, MP4)
                if request.cookies.get("old"):
                    gone = ("Set-Cookie", "old=; Path=/; Max-Age=0")
                    return redirect(request.target, 302, [gone, ("Set-Cookie", "new=2; Path=/")])
                return redirect(request.target, 302, [("Set-Cookie", "old=1; Path=/")])
            case "/folder/a/film.mp4":
                # a cookie for another folder is not sent here
                if request.cookies == {"here": "1"}:
                    return file(request, BODY, MP4)
                elsewhere = ("Set-Cookie", "there=1; Path=/folder/b")
                here = ("Set-Cookie", "here=1; Path=/folder/a")
                return redirect(request.target, 302, [elsewhere, here])
        return missing()

    return handle


KIND = Kind(
    "http",
    site,
    {
        "leads to itself": Form("/itself/film.mp4", Body(BODY, ("film.mp4",))),
        "through a gate and back": Form("/gated/film.mp4", Body(BODY)),
        "takes a cookie away": Form("/expired/film.mp4", Body(BODY)),
        "for a folder": Form("/folder/a/film.mp4", Body(BODY)),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
