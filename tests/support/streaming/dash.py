"""DASH around clips: ffmpeg's own muxer, and by hand what it does not write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.support.streaming.clips import SECONDS, WIDTHS
from tests.support.streaming.workshop import ffmpeg

INDEX = "index.mpd"


def cut(clips: Sequence[Path], folder: Path, *, template: bool = True, timeline: bool = False,
        seconds: float = 1, told: tuple[str, ...] = ()) -> None:  # fmt: skip
    """A representation a clip, and the first clip's sound; pieces of ``seconds``."""
    folder.mkdir(exist_ok=True)
    inputs = [word for clip in clips for word in ("-i", clip)]
    maps = [word for place in range(len(clips)) for word in ("-map", f"{place}:v")]
    ffmpeg(
        *inputs, *maps, "-map", "0:a", "-c", "copy", "-f", "dash",
        "-seg_duration", str(seconds), "-use_template", str(int(template)),
        "-use_timeline", str(int(timeline)), *told,
        "-adaptation_sets", "id=0,streams=v id=1,streams=a", INDEX, cwd=folder,
    )  # fmt: skip


def ranges(clips: Sequence[Path], folder: Path) -> None:
    """SegmentList of byte ranges: a file a representation."""
    cut(clips, folder, template=False, told=("-single_file", "1"))


def whole_files(clips: dict[int, Path], folder: Path) -> None:
    """SegmentBase: each representation is one file with an index, as video-on-demand has it."""
    sets = []
    for height, clip in clips.items():
        name = f"video{height}.mp4"
        _fragmented(clip, "0:v", folder, name)
        sets.append(_picture(height, name, (folder / name).stat().st_size))
    first = next(iter(clips.values()))
    _fragmented(first, "0:a", folder, "sound.mp4")
    (folder / INDEX).write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n'
        f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        f'mediaPresentationDuration="PT{SECONDS}.0S" minBufferTime="PT1S" '
        f'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period>'
        f'<AdaptationSet mimeType="video/mp4" contentType="video">{"".join(sets)}</AdaptationSet>'
        f'<AdaptationSet mimeType="audio/mp4" contentType="audio" lang="en">'
        f'<Representation id="sound" codecs="mp4a.40.2" bandwidth="64000" '
        f'audioSamplingRate="44100"><BaseURL>sound.mp4</BaseURL><SegmentBase indexRange="0-99">'
        f'<Initialization range="0-99"/></SegmentBase></Representation></AdaptationSet>'
        f"</Period></MPD>\n"
    )


def whole_webm(clip: Path, folder: Path) -> None:
    """SegmentBase of a picture and a sound in WebM."""
    offers = (("0:v", "video", "vp9", f' width="{WIDTHS[180]}" height="180"', 150_000),
              ("0:a", "audio", "opus", "", 48_000))  # fmt: skip
    sets = []
    for stream, kind, codec, size, rate in offers:
        ffmpeg("-i", clip, "-map", stream, "-c", "copy", f"{kind}.webm", cwd=folder)
        sets.append(
            f'<AdaptationSet mimeType="{kind}/webm" contentType="{kind}"><Representation '
            f'id="{kind}" codecs="{codec}" bandwidth="{rate}"{size}><BaseURL>{kind}.webm</BaseURL>'
            f'<SegmentBase indexRange="0-99"><Initialization range="0-99"/></SegmentBase>'
            f"</Representation></AdaptationSet>"
        )
    (folder / INDEX).write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n'
        f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        f'mediaPresentationDuration="PT{SECONDS}.0S" minBufferTime="PT1S" '
        f'profiles="urn:mpeg:dash:profile:webm-on-demand:2012"><Period>{"".join(sets)}</Period>'
        f"</MPD>\n"
    )


def periods(first: Sequence[Path], second: Sequence[Path], folder: Path) -> None:
    """Two periods, each in a folder of its own."""
    parts = []
    for name, clips in (("one", first), ("two", second)):
        cut(clips, folder / name)
        text = (folder / name / INDEX).read_text()
        period = re.search(r"<Period.*</Period>", text, re.DOTALL)
        total = re.search(r'mediaPresentationDuration="(PT[^"]+)"', text)
        assert period is not None
        assert total is not None
        opening = f'<Period id="{name}" duration="{total[1]}"><BaseURL>{name}/</BaseURL>'
        parts.append(re.sub(r"<Period[^>]*>", opening, period[0], count=1))
    (folder / INDEX).write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" minBufferTime="PT1S" '
        f'profiles="urn:mpeg:dash:profile:isoff-live:2011">{"".join(parts)}</MPD>\n'
    )


def _fragmented(clip: Path, stream: str, folder: Path, name: str) -> None:
    ffmpeg(
        "-i", clip, "-map", stream, "-c", "copy", "-movflags",
        "+frag_keyframe+empty_moov+default_base_moof+global_sidx", name, cwd=folder,
    )  # fmt: skip


def _picture(height: int, name: str, size: int) -> str:
    return (
        f'<Representation id="v{height}" codecs="avc1.42c01e" width="{WIDTHS[height]}" '
        f'height="{height}" frameRate="12" bandwidth="{size * 8 // SECONDS}">'
        f'<BaseURL>{name}</BaseURL><SegmentBase indexRange="0-99">'
        f'<Initialization range="0-99"/></SegmentBase></Representation>'
    )
