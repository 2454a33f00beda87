"""Two sets of sound that look alike: the original and an audio description.

yt-dlp/yt-dlp#12426 (both were put one behind the other), videojs/mpd-parser#164 (a WebM beside
an MP4 with an index).
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import AUDIO, VIDEO, files, mpd, period
from tests.field.support.expected import Film
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder
from tests.support.request import Handler

ROLE = '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="{}"/>'
DESCRIBES = '<Accessibility schemeIdUri="urn:tva:metadata:cs:AudioPurposeCS:2007" value="1"/>'


def _set(name: str, kind: str, marks: str, identity: str) -> str:
    return (
        f"<AdaptationSet {'' if name == 'v' else 'lang=' + chr(34) + 'en' + chr(34)}>{marks}"
        f'<SegmentTemplate timescale="1000" duration="1000" startNumber="0" '
        f'initialization="{name}-init.mp4" media="{name}-$Number$.m4s"/>'
        f'<Representation id="{identity}" bandwidth="96000" {kind}/></AdaptationSet>'
    )


def site(clips: Clips) -> Handler:
    picture, sound = clips.cmaf(only="v"), clips.cmaf(only="a")
    mono = clips.cmaf(clips.film(more=("-ac", "1")), only="a")
    twin = "audio_eng=96000"
    first = _set("d", AUDIO, DESCRIBES + ROLE.format("alternate"), twin)
    second = _set("a", AUDIO, ROLE.format("main"), twin)
    bare = _set("d", AUDIO, DESCRIBES, twin)
    film = _set("v", VIDEO, "", "v")
    served = {
        "/t/a.mpd": mpd(period(film, first, second)),
        "/t/b.mpd": mpd(period(film, second, first)),
        "/t/c.mpd": mpd(period(film, bare, _set("a", AUDIO, "", twin))),
        "/t/d.mpd": mpd(period(film, first.replace('"alternate"', '"description"'), second)),
        "/mixed.mpd": mpd(
            period(
                '<AdaptationSet mimeType="video/webm"><Representation id="1" bandwidth="100000" '
                'codecs="vp9" width="160" height="90"><BaseURL>v.webm</BaseURL></Representation>'
                "</AdaptationSet>",
                f'<AdaptationSet lang="eng"><Representation id="2" bandwidth="96000" {AUDIO}>'
                "<BaseURL>a.mp4</BaseURL></Representation></AdaptationSet>",
            ),
            profile="isoff-main",
        ),
        "/v.webm": clips.webm().read_bytes(),
        "/a.mp4": clips.fragmented("a").read_bytes(),
        **files("/t", "v", picture),
        **files("/t", "a", sound),
        **files("/t", "d", mono),
    }
    return folder(served)


TWINS = Film(Clips.film, channels="stereo")
KIND = Kind(
    "dash",
    site,
    {
        "the description first": Form("/t/a.mpd", TWINS),
        "the original first": Form("/t/b.mpd", TWINS),
        "no role": Form("/t/c.mpd", TWINS),
        "a role of its own": Form("/t/d.mpd", TWINS),
        "WebM beside MP4": Form("/mixed.mpd", Film(frames=100, seconds=4.0)),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
