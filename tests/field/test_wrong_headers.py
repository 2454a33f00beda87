"""Fragments behind the header of another track, which has the same number.

video-dev/hls.js#1990 (fragments behind another EXT-X-MAP than their own). Media Source Extensions
end with an error; ffmpeg takes pictures for sound.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import fails
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

# header, and of which track each piece is
FORMS = {
    "the sound's before pictures": ("a", "vvvv"),
    "the picture's before sound": ("v", "aaaa"),
    "pictures within the sound": ("a", "aava"),
    "sound within the pictures": ("v", "vvav"),
}


def site(clips: Clips) -> Handler:
    tracks = {kind: clips.cmaf(only=kind) for kind in "va"}
    files = {f"/{kind}.mp4": pieces.init for kind, pieces in tracks.items()}
    for kind, pieces in tracks.items():
        files |= each(f"/{kind}", pieces.parts, ".m4s")
    for number, (header, kinds) in enumerate(FORMS.values()):
        rows = [(f"{kind}{at}.m4s", 1.0) for at, kind in enumerate(kinds)]
        files[f"/{number}.m3u8"] = listing(rows, init=f"{header}.mp4")
    return folder(files)


BROKEN = fails("bad_manifest", words="header .* of another track")
KIND = Kind("hls", site, {name: Form(f"/{at}.m3u8", BROKEN) for at, name in enumerate(FORMS)})


def test_fetch(check: Check, form: Form) -> None:
    check(form)
