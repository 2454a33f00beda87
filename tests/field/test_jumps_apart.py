"""Picture and sound apart, with discontinuities at different places, or in one of them alone.

videojs/http-streaming#1113, video-dev/hls.js#1484 #7262; RFC 8216bis, 6.2.1: what belongs
together has one discontinuity sequence number. Both tracks stay whole and beside each other.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips, Pieces
from tests.field.support.expected import Film
from tests.field.support.hls import Tags, listing, master, variant
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

GROUP = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="a.m3u8"'
JUMP = ["#EXT-X-DISCONTINUITY"]


def _at(*places: int) -> Tags:
    return lambda index: JUMP if index in places else []


def _apart(root: str, picture: Pieces, sound: Pieces, v: Tags, a: Tags) -> dict[str, bytes]:
    return {
        f"{root}/master.m3u8": master(GROUP, variant("v.m3u8", more=',AUDIO="a"')),
        f"{root}/v.m3u8": listing(picture, "v{}.m4s", init="v.mp4", before=v),
        f"{root}/a.m3u8": listing(sound, "a{}.m4s", init="a.mp4", before=a),
        f"{root}/v.mp4": picture.init,
        f"{root}/a.mp4": sound.init,
        **each(f"{root}/v", picture.parts, ".m4s"),
        **each(f"{root}/a", sound.parts, ".m4s"),
    }


def site(clips: Clips) -> Handler:
    picture, sound = clips.cmaf(only="v"), clips.cmaf(only="a")
    long = clips.cmaf(only="a", each=2)
    return folder(
        _interrupted(clips)
        | _apart("/same", picture, sound, _at(2), _at(2))
        | _apart("/picture", picture, sound, _at(2), _at())
        | _apart("/sound", picture, sound, _at(), _at(1, 3))
        | _apart("/other", picture, sound, _at(1), _at(3))
        | _apart("/longer", picture, long, _at(2), _at(1))
    )


def _interrupted(clips: Clips) -> dict[str, bytes]:
    """An advertisement after two seconds, into which a piece of the film's sound reaches."""
    advert = clips.film(2.0, tone=700)
    files = {"/over/master.m3u8": master(GROUP, variant("v.m3u8", more=',AUDIO="a"'))}
    for kind, each_ in (("v", 1.0), ("a", 1.25)):
        film, other = clips.cmaf(only=kind, each=each_), clips.cmaf(advert, only=kind)
        runs = [(film, f"{kind}f", (0, 1)), (other, f"{kind}x", (0, 1)), (film, f"{kind}f", (2, 3))]
        rows, tags = [], {}
        for pieces, name, places in runs:
            tags[len(rows)] = [*JUMP[: len(rows)], f'#EXT-X-MAP:URI="{name}.mp4"']
            rows += [(f"{name}{at}.m4s", pieces.seconds[at]) for at in places]
        files[f"/over/{kind}.m3u8"] = listing(rows, before=lambda at, t=tags: t.get(at, ()))
        for pieces, name, _ in runs[:2]:
            files |= {f"/over/{name}.mp4": pieces.init}
            files |= each(f"/over/{name}", pieces.parts, ".m4s")
    return files


# seconds: behind a mark a part begins where the longer track has ended
AS_ONE = Film(Clips.film, clock=0.03, near=0.06)
KIND = Kind(
    "hls",
    site,
    {
        "at the same place": Form("/same/master.m3u8", AS_ONE),
        "in the picture alone": Form("/picture/master.m3u8", AS_ONE),
        "in the sound alone": Form("/sound/master.m3u8", AS_ONE),
        "at different places": Form("/other/master.m3u8", AS_ONE),
        "in pieces of other lengths": Form("/longer/master.m3u8", AS_ONE),
        "sound that reaches over one": Form(
            "/over/master.m3u8",
            Film(frames=150, seconds=6.0, note="0.5 s of the site's sound .* at 0:02 and are left"),
        ),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
