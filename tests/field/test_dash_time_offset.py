"""presentationTimeOffset: picture and sound begin at different times of their media.

videojs/http-streaming#680, gpac/gpac#2283 (no offset told), shaka-project/shaka-packager#916,
Dash-Industry-Forum/dash.js#1342, canalplus/rx-player#251; ISO/IEC 23009-1, 5.3.9.2: the offset
is the media time of the period's beginning; where there is none, the difference is meant.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import AUDIO, VIDEO, files, mpd, numbered, period, timed
from tests.field.support.expected import Film
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder
from tests.support.request import Handler

# media times of picture and sound in seconds, their offsets, how much later the sound begins
FORMS = {
    "none": (0, 0, 0, 0, 0),
    "of the picture": (0.5, 0, 0.5, 0, 0),
    "of the sound": (0, 0.5, 0, 0.5, 0),
    "both, far": (10, 9.5, 10, 9.5, 0),
    "very far": (1_700_000, 1_700_000, 1_700_000, 1_700_000, 0),
    "not told: meant": (0, 0.5, 0, 0, 0.5),
    "told, and more is meant": (10, 10, 10, 9.5, 0.5),
}
COUNTED = {"counted": (10, 9.5, 10, 9.5, 0.0)}


def site(clips: Clips) -> Handler:
    served: dict[str, bytes] = {}
    for at, (v, a, v_offset, a_offset, _) in enumerate((*FORMS.values(), *COUNTED.values())):
        sets = []
        for name, kind, media, offset in (("v", VIDEO, v, v_offset), ("a", AUDIO, a, a_offset)):
            pieces = clips.cmaf(only=name, start=media)
            served |= files(f"/{at}", name, pieces)
            ticks = int(offset * 1000)
            line = f'<S t="{int(media * 1000)}" d="1000" r="{len(pieces) - 1}"/>'
            counted = at >= len(FORMS)
            sets.append(
                numbered(name, kind, offset=ticks)
                if counted
                else timed(name, kind, line, offset=ticks)
            )
        served[f"/{at}/a.mpd"] = mpd(period(*sets))
    return folder(served)


KIND = Kind(
    "dash",
    site,
    {
        name: Form(f"/{at}/a.mpd", Film(frames=100, lag=float(form[4])))
        for at, (name, form) in enumerate((FORMS | COUNTED).items())
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
