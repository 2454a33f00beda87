"""On-demand MPDs: one file a track, with more or less of an index told.

Dash-Industry-Forum/dash.js#1517, google/ExoPlayer#5510, media-kit/media-kit#524,
videojs/http-streaming#162.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import AUDIO, ON_DEMAND, VIDEO, mpd, period
from tests.field.support.expected import Film
from tests.field.support.kind import Form, Kind
from tests.support.answers import DASH, MP4, file, missing
from tests.support.request import Answer, Handler, Request

FORMS = ("full", "query", "no-init", "no-index", "bare", "list")


def _boxes(data: bytes) -> Iterator[tuple[str, int, int]]:
    """(kind, start, end) of each box."""
    at = 0
    while at < len(data):
        end = at + int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8].decode(), at, end
        at = end


def _addressing(form: str, name: str, data: bytes) -> str:
    boxes = list(_boxes(data))
    end = {kind: box_end for kind, _, box_end in boxes}
    sidx = next((start, stop) for kind, start, stop in boxes if kind == "sidx")
    starts = [start for kind, start, _ in boxes if kind == "moof"]
    stop = next((start for kind, start, _ in boxes if kind == "mfra"), len(data))
    spans = zip(starts, [*starts[1:], stop], strict=True)
    base = f"<BaseURL>{name}.mp4{'?sig=a&amp;b=1%2F2' if form == 'query' else ''}</BaseURL>"
    init = f'<Initialization range="0-{end["moov"] - 1}"/>'
    index = f'indexRange="{sidx[0]}-{sidx[1] - 1}"'
    urls = "".join(f'<SegmentURL mediaRange="{first}-{last - 1}"/>' for first, last in spans)
    return (
        base
        + {
            "full": f"<SegmentBase {index}>{init}</SegmentBase>",
            "query": f"<SegmentBase {index}>{init}</SegmentBase>",
            "no-init": f"<SegmentBase {index}/>",
            "no-index": f"<SegmentBase>{init}</SegmentBase>",
            "bare": "",
            "list": f'<SegmentList timescale="1000" duration="1000">{init}{urls}</SegmentList>',
        }[form]
    )


def site(clips: Clips) -> Handler:
    tracks = {
        "v": clips.fragmented("v").read_bytes(),
        "a": clips.fragmented("a", "-frag_duration", "1000000").read_bytes(),
    }
    kinds = {"v": VIDEO, "a": AUDIO}

    def handle(request: Request) -> Answer:
        form, name = request.path.split("/")[1:]
        if name == "a.mpd":
            sets = (
                f'<AdaptationSet><Representation id="{track}" bandwidth="100000" {kinds[track]}>'
                f"{_addressing(form, track, data)}</Representation></AdaptationSet>"
                for track, data in tracks.items()
            )
            return file(request, mpd(period(*sets), profile=ON_DEMAND), DASH)
        if form == "query" and urlsplit(request.target).query != "sig=a&b=1%2F2":
            return missing()
        return file(request, tracks[name[0]], MP4)

    return handle


KIND = Kind("dash", site, {form: Form(f"/{form}/a.mpd", Film(Clips.film)) for form in FORMS})


def test_fetch(check: Check, form: Form) -> None:
    check(form)
