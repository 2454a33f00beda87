"""Periods that are none, and text before the MPD element.

Dash-Industry-Forum/Conformance-Software#153, Dash-Industry-Forum/dash.js#721 #2500,
emarsden/dash-mpd-cli#14, shaka-project/shaka-player#186; ISO/IEC 23009-1, 5.5.3: a period that
resolves to zero is taken away.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import AUDIO, VIDEO, files, mpd, numbered, period
from tests.field.support.expected import Film, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import file, folder
from tests.support.request import Answer, Handler, Request

ZERO = '<Period xlink:href="urn:mpeg:dash:resolve-to-zero:2013" xlink:actuate="onLoad"/>'
PICTURE = numbered("v", VIDEO)
REAL = period(PICTURE)
FORMS = {
    "resolves to zero": mpd(ZERO, REAL),
    "resolves to zero, behind": mpd(period(PICTURE, attributes='duration="PT4S"'), ZERO),
    "no length and no sets": mpd('<Period id="ad" duration="PT0S"/>', REAL),
    "stands elsewhere, and is gone": mpd(
        '<Period xlink:href="none.xml" xlink:actuate="onRequest" duration="PT9S"/>', REAL
    ),
    "events alone": mpd(
        '<Period duration="PT0S"><EventStream schemeIdUri="urn:x"/></Period>',
        period(PICTURE, attributes='start="PT0S"'),
    ),
    "no length, before an empty one": mpd(REAL, period(PICTURE, attributes='duration="PT0S"')),
    "an empty set": mpd(period("<AdaptationSet/>", PICTURE)),
}
PROLOGS = {
    "a comment": f"<!-- {'made by a packager ' * 200}-->\n",
    "a stylesheet": '<?xml-stylesheet type="text/xsl" href="m.xsl"?>\n',
    "blank lines": "\n\n\n",
}


def site(clips: Clips) -> Handler:
    served = {f"/{at}/a.mpd": text for at, text in enumerate(FORMS.values())}
    pieces = clips.cmaf(clips.track("v"))
    for at in (*range(len(FORMS) + len(PROLOGS) + 2), 99):
        served |= files(f"/{at}", "v", pieces)
    prologs = [mpd(REAL, lead=lead) for lead in PROLOGS.values()]
    prologs += [b"\xef\xbb\xbf" + mpd(REAL), mpd(REAL).partition(b"\n")[2]]

    def also(request: Request) -> Answer:
        at = int(request.path.split("/")[1])
        if at == 98:  # its sound alone is not the film
            nameless = PICTURE.replace("media=", "medium=")
            return file(request, mpd(period(nameless, numbered("a", AUDIO))), "text/xml")
        if at == 99:
            return file(request, mpd(REAL, lead="<!DOCTYPE MPD>\n"), "text/xml")
        return file(request, prologs[at - len(FORMS)], "text/xml")

    return folder(served, also)


PICTURE_ALONE = Film(lambda clips: clips.track("v"), sound=False)
KIND = Kind(
    "dash",
    site,
    {
        name: Form(f"/{at}/a.mpd", PICTURE_ALONE)
        for at, name in enumerate((*FORMS, *PROLOGS, "a BOM", "no declaration"))
    }
    | {
        # of a type declaration nothing is read; to refuse it is as good
        "a picture that cannot be read": Form("/98/a.mpd", fails("bad_manifest")),
        "a doctype": Form("/99/a.mpd", PICTURE_ALONE),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
