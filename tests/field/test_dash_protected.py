"""Content protection: told before anything is fetched; a clear set beside it is taken.

Dash-Industry-Forum/dash.js#436 #3856; ISO/IEC 23009-1, 5.8.4.1.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import AUDIO, VIDEO, files, mpd, numbered, period
from tests.field.support.expected import Film, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder
from tests.support.origin import Origin
from tests.support.request import Handler

CENC = (
    '<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cenc" '
    'cenc:default_KID="0123456789abcdef0123456789abcdef"/>'
)
WIDEVINE = '<ContentProtection schemeIdUri="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"/>'


def site(clips: Clips) -> Handler:
    picture, sound = clips.cmaf(only="v"), clips.cmaf(only="a")
    video, audio = numbered("v", VIDEO), numbered("a", AUDIO)
    locked = numbered("v", VIDEO, content=CENC + WIDEVINE)
    tall = VIDEO.replace("160", "1920").replace('"90"', '"1080"')
    served = {
        "/p/cenc.mpd": mpd(period(locked, audio)),
        "/p/uuid.mpd": mpd(period(numbered("v", VIDEO, content=WIDEVINE), audio)),
        "/p/all.mpd": mpd(period(locked, numbered("a", AUDIO, content=CENC))),
        "/p/some.mpd": mpd(period(numbered("x", tall, content=CENC), video, audio)),
        **files("/p", "v", picture),
        **files("/p", "a", sound),
    }
    return folder(served)


KIND = Kind(
    "dash",
    site,
    {
        "cenc": Form("/p/cenc.mpd", fails("protected", words="DRM")),
        "a system alone": Form("/p/uuid.mpd", fails("protected")),
        "picture and sound": Form("/p/all.mpd", fails("protected")),
        "another set is clear": Form("/p/some.mpd", Film(Clips.film, note="1080p.*protected")),
    },
)


def test_fetch(check: Check, form: Form, site: Origin) -> None:
    check(form)
    if form.path != "/p/some.mpd":
        assert not any(request.name.endswith(".m4s") for request in site.log), "fetched in vain"
