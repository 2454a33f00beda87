"""Real media in every form in which sources offer it, made by ffmpeg when first asked for.

Every maker answers the *URL path* of what a user would paste, to be served by
``StreamingOrigin(media.root)``; ``media.path(it)`` is the file itself.
All films are 6 s (``SECONDS``) of the same picture and tone, except for the joined ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.support.streaming import dash, hls
from tests.support.streaming.clips import RATE, SECONDS, WIDTHS, Clips, picture
from tests.support.streaming.workshop import Workshop, ffmpeg

__all__ = ["RATE", "RUNGS", "SECONDS", "WIDTHS", "Media"]

RUNGS = (1080, 720, 480, 360)
JOINED_SECONDS = SECONDS + 3

_PAGE = """<!doctype html>
<html lang="en"><head><title>A page with a film</title>
<meta property="og:title" content="A film on a page"></head>
<body><h1>A film on a page</h1>
<video controls width="320" src="../direct_mp4/clip.mp4" type="video/mp4"></video></body></html>
"""
_PAGE_OF_PIECES = """<!doctype html>
<html lang="en"><head><title>A page with a film</title>
<meta property="og:title" content="A film with a cover"></head>
<body><video controls poster="cover.jpg" src="../hls_ts/index.m3u8"
type="application/vnd.apple.mpegurl"></video></body></html>
"""


class Media:
    def __init__(self, root: Path) -> None:
        """``root`` may be shared by processes: each thing is made once."""
        self._shop = Workshop(root)
        self.clips = Clips(self._shop)
        self.root = self._shop.root

    def path(self, url_path: str) -> Path:
        return self.root / url_path.lstrip("/")

    # Direct files: a copy under a name of its own.

    def direct_mp4(self, height: int = 360) -> str:
        name = "direct_mp4" if height == 360 else f"direct_mp4_{height}"
        return self._copy(name, self.clips.video(height))

    def direct_webm(self) -> str:
        return self._copy("direct_webm", self.clips.webm())

    def direct_mp3(self) -> str:
        return self._copy("direct_mp3", self.clips.mp3())

    def page(self) -> str:
        """HTML with ``<video src>`` of the direct mp4."""
        self.direct_mp4()
        self._shop.made("page", lambda folder: (folder / "index.html").write_text(_PAGE))
        return "/page/index.html"

    def page_of_pieces(self) -> str:
        """HTML with ``<video src>`` of an HLS list, and a picture for it."""
        self.hls_ts()

        def make(folder: Path) -> None:
            ffmpeg(*picture(180, 1), "-frames:v", "1", "cover.jpg", cwd=folder)
            (folder / "index.html").write_text(_PAGE_OF_PIECES)

        self._shop.made("page_of_pieces", make)
        return "/page_of_pieces/index.html"

    # HLS media playlists, 360p.

    def hls_ts(self) -> str:
        return self._hls("hls_ts", partial(hls.cut, self.clips.video(360)))

    def hls_mp4(self) -> str:
        """fMP4 with EXT-X-MAP."""
        return self._hls("hls_mp4", partial(hls.cut_mp4, self.clips.video(360)))

    def hls_encrypted(self, *, explicit: bool = True) -> str:
        """AES-128 over TS; ``explicit``: with the IV in the list, else by sequence number."""
        if explicit:
            return self._hls("hls_encrypted", partial(hls.encrypted, self.clips.video(360)))
        make = partial(hls.encrypted_by_number, self.clips.video(360))
        return self._hls("hls_encrypted_by_number", make)

    def hls_byte_ranges(self) -> str:
        """One .ts file; offsets are implicit after the first."""
        return self._hls("hls_byte_ranges", partial(hls.byte_ranges, self.clips.video(360)))

    def hls_mp4_byte_ranges(self) -> str:
        """One .mp4 file; the map is a range of it too."""
        told = ("-hls_segment_type", "fmp4")
        return self._hls(
            "hls_mp4_byte_ranges",
            lambda folder: hls.byte_ranges(self.clips.video(360), folder, *told),
        )

    def hls_discontinuity(self) -> str:
        """Two encodings, TS: the film and 3 s of another. The clocks start again."""
        return self._joined("hls_discontinuity", hls.cut)

    def hls_map_change(self) -> str:
        """Two encodings, fMP4: the map changes in the middle."""
        return self._joined("hls_map_change", hls.cut_mp4)

    def hls_absolute(self) -> str:
        name = "hls_absolute"

        def make(folder: Path) -> None:
            hls.cut_mp4(self.clips.video(360), folder)
            hls.absolute(folder, name)

        return self._hls(name, make)

    def hls_sound(self) -> str:
        """A media playlist of AAC alone (ADTS pieces)."""
        return self._hls("hls_sound", partial(hls.packed_sound, self.clips.video(360)))

    def hls_mp3(self) -> str:
        """A media playlist of MP3 alone, a tag before each piece."""
        return self._hls("hls_mp3", partial(hls.packed_mp3, self.clips.video(360)))

    # HLS masters.

    def hls_master(self) -> str:
        """1080p, 720p, 480p and 360p, each with its sound in it (TS)."""
        return self._master("hls_master", self._fill_master)

    def hls_separate(self) -> str:
        """720p and 360p without sound, and a group of two sounds: English, and dubbed French;
        English subtitles (fMP4)."""
        return self._master("hls_separate", self._fill_separate)

    # DASH: 720p and 360p, and one sound.

    def dash_template(self) -> str:
        """SegmentTemplate with $Number$."""
        return self._dash("dash_template", lambda folder: dash.cut(self._two, folder))

    def dash_timeline(self) -> str:
        """SegmentTemplate with SegmentTimeline."""
        return self._dash(
            "dash_timeline", lambda folder: dash.cut(self._two, folder, timeline=True)
        )

    def dash_list(self) -> str:
        return self._dash("dash_list", lambda folder: dash.cut(self._two, folder, template=False))

    def dash_ranges(self) -> str:
        """SegmentList with mediaRange: a file a representation."""
        return self._dash("dash_ranges", lambda folder: dash.ranges(self._two, folder))

    def dash_base(self) -> str:
        """SegmentBase: a file a representation."""
        clips = {height: self.clips.video(height) for height in (720, 360)}
        return self._dash("dash_base", partial(dash.whole_files, clips))

    def dash_webm(self) -> str:
        """SegmentBase: VP9 in one WebM file, Opus in another (180p)."""
        return self._dash("dash_webm", partial(dash.whole_webm, self.clips.webm()))

    def dash_periods(self, *, matching: bool = True) -> str:
        """The film and 3 s of another. ``matching``: both offer 720p and 360p."""
        second = [self.clips.other(height) for height in ((720, 360) if matching else (480,))]
        name = "dash_periods" if matching else "dash_periods_apart"
        return self._dash(name, lambda folder: dash.periods(self._two, second, folder))

    @property
    def _two(self) -> list[Path]:
        return [self.clips.video(height) for height in (720, 360)]

    def _copy(self, name: str, clip: Path) -> str:
        self._shop.made(name, lambda folder: (folder / clip.name).hardlink_to(clip))
        return f"/{name}/{clip.name}"

    def _hls(self, name: str, make: Callable[[Path], None]) -> str:
        self._shop.made(name, make)
        return f"/{name}/{hls.INDEX}"

    def _dash(self, name: str, make: Callable[[Path], None]) -> str:
        self._shop.made(name, make)
        return f"/{name}/{dash.INDEX}"

    def _master(self, name: str, make: Callable[[Path], None]) -> str:
        self._shop.made(name, make)
        return f"/{name}/master.m3u8"

    def _joined(self, name: str, cut: Callable[[Path, Path], None]) -> str:
        lists = []
        for place, clip in enumerate((self.clips.video(360), self.clips.other(360))):
            made = self._shop.made(f"{name}_{place}", partial(cut, clip))
            lists.append(made / hls.INDEX)
        return self._hls(name, partial(hls.joined, *lists))

    def _fill_master(self, folder: Path) -> None:
        lines = ["#EXTM3U", "#EXT-X-VERSION:3"]
        for height in RUNGS:
            hls.cut(self.clips.video(height), folder / str(height))
            codecs = "avc1.42c028,mp4a.40.2"
            lines.append(f"{_variant(folder, height, codecs)}\n{height}/{hls.INDEX}")
        (folder / "master.m3u8").write_text("\n".join(lines) + "\n")

    def _fill_separate(self, folder: Path) -> None:
        lines = ["#EXTM3U", "#EXT-X-VERSION:7"]
        for height in (720, 360):
            hls.cut_mp4(self.clips.video(height), folder / str(height), streams=("0:v",))
        hls.cut_mp4(self.clips.video(360), folder / "en", streams=("0:a",))
        hls.cut_mp4(self.clips.dubbed(), folder / "fr")
        hls.subtitles(folder / "subtitles")
        for language, name, default in (("en", "English", "YES"), ("fr", "Fran\u00e7ais", "NO")):
            lines.append(
                f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",LANGUAGE="{language}",NAME="{name}",'
                f'DEFAULT={default},AUTOSELECT=YES,CHANNELS="1",URI="{language}/{hls.INDEX}"'
            )
        lines.append(
            '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="words",LANGUAGE="en",NAME="English",'
            f'DEFAULT=NO,URI="subtitles/{hls.INDEX}"'
        )
        for height in (720, 360):
            variant = _variant(folder, height, "avc1.42c01f,mp4a.40.2")
            lines.append(f'{variant},AUDIO="sound",SUBTITLES="words"\n{height}/{hls.INDEX}')
        (folder / "master.m3u8").write_text("\n".join(lines) + "\n")


def _variant(folder: Path, height: int, codecs: str) -> str:
    size = sum(each.stat().st_size for each in (folder / str(height)).iterdir())
    average = size * 8 // SECONDS
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={average * 2},AVERAGE-BANDWIDTH={average},"
        f'RESOLUTION={WIDTHS[height]}x{height},FRAME-RATE={RATE}.000,CODECS="{codecs}"'
    )
