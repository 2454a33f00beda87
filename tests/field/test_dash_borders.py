"""Segments that reach over the border of two periods, or are listed by both.

shaka-project/shaka-player#9752 (sound over a border, listed by both), #1098 #1882 (the next period
over the end of the one before), cta-wave/device-playback-task-force#85. Players show nothing of a
period beyond its borders, each moment once; a picture begins with its next key frame.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips, Pieces
from tests.field.support.dash import AUDIO, VIDEO, mpd, period, timed
from tests.field.support.expected import Film
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder
from tests.support.request import Handler

ALIGNED, BY_SOUND = 1000, 1500  # milliseconds of a piece


def _files(name: str, pieces: Pieces, each: int) -> dict[str, bytes]:
    named = {f"/{name}-{at * each}.m4s": part for at, part in enumerate(pieces.parts)}
    return {**named, f"/{name}-init.mp4": pieces.init, f"/{name}2-init.mp4": pieces.init}


def _listed(name: str, kind: str, first: int, end: int, offset: int, each: int = ALIGNED) -> str:
    """The pieces that begin from ``first`` on and before ``end``, in milliseconds."""
    lines = "".join(f'<S t="{at}" d="{each}"/>' for at in range(first, end, each))
    return timed(name, kind, lines, offset=offset, media=f"{name}-$Time$.m4s")


def _own_header(told: str) -> str:
    return told.replace("-init.mp4", "2-init.mp4")


def _halves(border: int, picture: int, sound: int, each: int) -> bytes:
    """The film in two periods, the second from ``picture`` and ``sound`` on."""
    one = period(
        _listed("v", VIDEO, 0, border, 0), _listed("a", AUDIO, 0, border, 0, each),
        attributes=f'duration="PT{border / 1000}S"',
    )  # fmt: skip
    two = period(
        _own_header(_listed("v", VIDEO, picture, 4000, border)),
        _listed("a", AUDIO, sound, 4000, border, each),
        attributes=f'duration="PT{4 - border / 1000}S"',
    )
    return mpd(one, two)


def _interrupted(border: int, picture: int, sound: int, each: int) -> bytes:
    """The same with an advertisement of two seconds between them."""
    one = period(
        _listed("v", VIDEO, 0, border, 0), _listed("a", AUDIO, 0, border, 0, each),
        attributes=f'duration="PT{border / 1000}S"',
    )  # fmt: skip
    advert = period(
        _listed("x", VIDEO, 0, 2000, 0), _listed("y", AUDIO, 0, 2000, 0),
        attributes='duration="PT2S"',
    )  # fmt: skip
    two = period(
        _listed("v", VIDEO, picture, 4000, border), _listed("a", AUDIO, sound, 4000, border, each)
    )
    return mpd(one, advert, two, length="PT6S")


def site(clips: Clips) -> Handler:
    advert = clips.film(2.0, tone=700)
    media = _files("v", clips.cmaf(only="v"), ALIGNED)
    for name, kind in (("x", "v"), ("y", "a")):
        media |= _files(name, clips.cmaf(advert, only=kind), ALIGNED)
    served: dict[str, bytes] = {}
    for each in (ALIGNED, BY_SOUND):
        root = f"/{each}"
        sound = _files("a", clips.cmaf(only="a", each=each / 1000), each)
        served |= {root + path: data for path, data in (media | sound).items()}
    served["/1500/sound.mpd"] = _halves(2000, 2000, 1500, BY_SOUND)
    served["/1000/both.mpd"] = _halves(2500, 2000, 2000, ALIGNED)
    served["/1500/advert.mpd"] = _interrupted(2000, 2000, 1500, BY_SOUND)
    served["/1000/within.mpd"] = _interrupted(2500, 2000, 2000, ALIGNED)
    served["/1000/once.mpd"] = _interrupted(2500, 3000, 3000, ALIGNED)
    return folder(served)


GAP = "picture has a gap of 0.5 s at 0:04"
KIND = Kind(
    "dash",
    site,
    {
        "sound over a border": Form("/1500/sound.mpd", Film(Clips.film)),
        "both over a border": Form("/1000/both.mpd", Film(Clips.film)),
        "sound over an advertisement": Form("/1500/advert.mpd", Film(frames=150, seconds=6.0)),
        "an advertisement within a segment": Form(
            "/1000/within.mpd", Film(frames=138, seconds=6.0, note=GAP)
        ),
        "a segment cut off by its period": Form(
            "/1000/once.mpd", Film(frames=138, seconds=6.0, note=GAP)
        ),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
