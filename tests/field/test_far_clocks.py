"""Several recordings in one list, each with a header and a clock of its own.

yt-dlp/yt-dlp#14516 #16085 (radio; the length came out wrong), google/ExoPlayer#4164.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips, Pieces
from tests.field.support.expected import Film
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler


def site(clips: Clips) -> Handler:
    far, near = clips.cmaf(only="a", start=82_624), clips.cmaf(only="a", start=1000)
    film, advert = clips.cmaf(start=50_000), clips.cmaf(clips.film(2.0, "320x180"))
    runs = {"far": far, "near": near, "film": film, "advert": advert}
    files = {f"/{name}.mp4": pieces.init for name, pieces in runs.items()}
    for name, pieces in runs.items():
        files |= each(f"/{name}", pieces.parts, ".m4s")
    files["/radio.m3u8"] = _joined(runs, ("far", 0, 4), ("near", 0, 4), ("far", 0, 2))
    files["/film.m3u8"] = _joined(runs, ("film", 0, 2), ("advert", 0, 2), ("film", 2, 4))
    return folder(files)


def _joined(runs: dict[str, Pieces], *order: tuple[str, int, int]) -> bytes:
    rows, tags = [], {}
    for name, first, end in order:
        tags[len(rows)] = ["#EXT-X-DISCONTINUITY"] * bool(rows) + [f'#EXT-X-MAP:URI="{name}.mp4"']
        rows += [(f"{name}{at}.m4s", runs[name].seconds[at]) for at in range(first, end)]
    return listing(rows, before=lambda at: tags.get(at, ()))


KIND = Kind(
    "hls",
    site,
    {
        "sound alone": Form("/radio.m3u8", Film(picture=False, seconds=10.0, slack=0.2)),
        "an advertisement of another size": Form(
            "/film.m3u8", Film(seconds=6.0, frames=150, slack=0.15)
        ),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
