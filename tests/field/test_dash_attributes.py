"""Representations without a bandwidth, or with attributes that are no numbers.

shaka-project/shaka-player#938 #940. Of two heights the taller is the better.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import files, mpd, period
from tests.field.support.expected import Film
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder
from tests.support.request import Handler

SMALL = 'codecs="avc1.42c00a" width="160" height="90"'
LARGE = 'codecs="avc1.42c00d" width="320" height="180"'
# attributes of the set, of the smaller and of the larger representation
FORMS = {
    "none": ("", SMALL, LARGE),
    "zero": ("", f'bandwidth="0" {SMALL}', f'bandwidth="0" {LARGE}'),
    "a word": ("", f'bandwidth="auto" {SMALL}', f'bandwidth="auto" {LARGE}'),
    "a fraction": ("", f'bandwidth="100.5" {SMALL}', f'bandwidth="200.5" {LARGE}'),
    "a rate in words": ('frameRate="25 fps" sar="1 : 1" par="16 / 9"',
                        f'bandwidth="100" {SMALL}', f'bandwidth="200" {LARGE}'),
    "no size": ("", 'bandwidth="100" codecs="avc1.42c00a"', 'bandwidth="200" codecs="avc1"'),
    "no codecs": ("", 'bandwidth="100" width="160" height="90"',
                  'bandwidth="200" width="320" height="180"'),
    "blanks": ("", f'bandwidth=" 100 " {SMALL}', f'bandwidth=" 200 " {LARGE}'),
}  # fmt: skip


def site(clips: Clips) -> Handler:
    small = clips.cmaf(clips.track("v"))
    large = clips.cmaf(clips.track("v", size="320x180"))
    served: dict[str, bytes] = {}
    for at, (shared, one, two) in enumerate(FORMS.values()):
        template = (
            '<SegmentTemplate timescale="1000" duration="1000" startNumber="0" initialization='
            '"$RepresentationID$-init.mp4" media="$RepresentationID$-$Number$.m4s"/>'
        )
        served[f"/{at}/a.mpd"] = mpd(
            period(
                f'<AdaptationSet mimeType="video/mp4" {shared}>{template}'
                f'<Representation id="s" {one}/><Representation id="l" {two}/></AdaptationSet>'
            )
        )
        served |= files(f"/{at}", "s", small) | files(f"/{at}", "l", large)
    return folder(served)


KIND = Kind(
    "dash",
    site,
    {
        name: Form(
            f"/{at}/a.mpd",
            Film(lambda clips: clips.track("v", size="320x180"), sound=False, height=180),
        )
        for at, name in enumerate(FORMS)
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
