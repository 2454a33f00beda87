"""Content-Disposition as servers send it, and the name under which browsers save the file.

The tests of greenbytes.de (tc2231), aria2/aria2#425 #1028 #1118 #1873, curl/curl#1964 #2735 #10768,
dotnet/aspnetcore#50557, k0a1a/hotglue2#3, transloadit/uppy#4489.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, reply
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

BODY = content(2000)
MAY = "\u4e94\u6708"  # two characters of three bytes
CODED = "%E4%BA%94%E6%9C%88"
SENT: tuple[tuple[bytes, tuple[str, ...]], ...] = (
    (b'attachment; filename="plain.mp4"', ("plain.mp4",)),
    (b'attachment; filename="semicolon behind.mp4";', ("semicolon behind.mp4",)),
    (b"attachment; filename=token.mp4", ("token.mp4",)),
    (b"attachment; filename=blanks in a token.mp4", ("blanks in a token.mp4",)),
    (b'attachment; filename="one; two.mp4"', ("one; two.mp4",)),
    (b"attachment; filename=right.mp4; other=/wrong.mp4", ("right.mp4",)),
    (f"attachment; filename=\"a.mp4\"; filename*=UTF-8''{CODED}.mp4".encode(), (f"{MAY}.mp4",)),
    (f"attachment; filename*=UTF-8''{CODED}.mp4; filename=\"a.mp4\"".encode(), (f"{MAY}.mp4",)),
    (f"attachment; filename*=utf-8'en'{CODED}.mp4".encode(), (f"{MAY}.mp4",)),
    (b"attachment; filename*=iso-8859-1''caf%E9.mp4", ("caf\u00e9.mp4",)),
    (b"attachment;filename*=\"utf-8' 'linux.zip\"", ("linux.zip",)),
    (b"attachment; filename*=\"UTF-8''quoted%20value.mp4\"", ("quoted value.mp4",)),
    (f'attachment; filename="{CODED}.mp4"'.encode(), (f"{MAY}.mp4",)),
    (f'attachment; filename="{MAY}.mp4"'.encode(), (f"{MAY}.mp4",)),
    (f"attachment; filename={MAY} x.mp4".encode(), (f"{MAY} x.mp4",)),
    (b'attachment; filename="=?UTF-8?B?5LqU5pyILm1wNA==?="', (f"{MAY}.mp4",)),
    (b'attachment; filename="a\\"b.mp4"', ("a b.mp4", "ab.mp4", "a_b.mp4", 'a"b.mp4')),
    (b'attachment; filename="..\\..\\up.mp4"', ("up.mp4",)),
    (b'attachment; filename="/etc/passwd.mp4"', ("passwd.mp4",)),
    (b'inline; filename="shown.mp4"', ("shown.mp4",)),
    (b'filename="no type.mp4"', ("no type.mp4",)),
    (b'attachment; FILENAME="upper.mp4"', ("upper.mp4",)),
    (b'attachment; filename = "blanks around.mp4"', ("blanks around.mp4",)),
    (b"attachment; filename='single.mp4'", ("single.mp4",)),
    (b'attachment; name="x"; filename="100% real.mp4"', ("100% real.mp4",)),
    (b'attachment; filename="a+b c.mp4"', ("a+b c.mp4",)),
    (b"attachment; filename*=UTF-8''a%2Fb.mp4", ("a b.mp4", "b.mp4", "a_b.mp4")),
    (b'attachment; filename*0="contin"; filename*1="ued.mp4"', ("continued.mp4",)),
    (b"attachment; filename*=UTF-8''bad%ZZ.mp4; filename=\"good.mp4\"",
     ("good.mp4", "bad%ZZ.mp4")),
    (b"attachment; filename*=nonsense''caf%C3%A9.mp4; filename=plain.mp4", ("plain.mp4",)),
    (b"attachment; filename*=nonsense''caf%C3%A9.mp4", ("caf\u00e9.mp4",)),
    (b"attachment; filename*=GBK''%CE%E5%D4%C2.mp4", (f"{MAY}.mp4",)),
    (b"attachment; filename=UTF-8''caf%C3%A9.mp4", ("caf\u00e9.mp4",)),
    (b'attachment; filename="The =?UTF-8?B?5LqU5pyI?=.mp4"', (f"The {MAY}.mp4",)),
    (b'attachment; filename="=?UTF-8?B?5LqU?= =?UTF-8?B?5pyILm1wNA==?="', (f"{MAY}.mp4",)),
    (b"attachment; filename=one.mp4, attachment; filename=two.mp4", ("one.mp4",)),
    (b"inline, attachment; filename=two.mp4", ("two.mp4",)),
    (b'attachment; filename="a, attachment; b.mp4"', ("a, attachment; b.mp4",)),
    (f"attachment; filename*0*=UTF-8''{CODED}; filename*1=\".mp4\"".encode(), (f"{MAY}.mp4",)),
    (b'attachment; filename="open.mp4', ("open.mp4",)),
    (b'attachment; filename="C:\\films\\film.mp4"', ("film.mp4",)),
    (b"attachment; filename=\"\"; filename*=UTF-8''only%20one.mp4", ("only one.mp4",)),
)  # fmt: skip


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        return reply(BODY, MP4, headers=[("Content-Disposition", SENT[int(request.name)][0])])

    return handle


KIND = Kind(
    "files",
    site,
    {
        value.decode(): Form(f"/get/{at}", Body(BODY, names))
        for at, (value, names) in enumerate(SENT)
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
