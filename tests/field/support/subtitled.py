"""Films of an HLS master with one rendition of subtitles."""

from __future__ import annotations

from collections.abc import Mapping

from tests.field.support.clips import Clips, Pieces
from tests.field.support.cues import Cue
from tests.field.support.expected import Film
from tests.field.support.hls import listing, master, variant
from tests.field.support.kind import Form
from tests.support.answers import each

CUES: tuple[Cue, ...] = ((0.5, 1.5, "Hello there"), (2.0, 3.5, "Goodbye"))
FIRST = 126_000  # on MPEG's clock: where ffmpeg lets a picture begin, 1.4 s


def clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02}:{int(seconds % 3600 // 60):02}:{seconds % 60:06.3f}"


def vtt(cues: tuple[Cue, ...] = CUES, head: str = "", shift: float = 0) -> bytes:
    """WebVTT of cues; ``head``: what follows the first line, ``shift``: what is added to times."""
    rows = (f"{clock(a + shift)} --> {clock(b + shift)}\n{text}\n" for a, b, text in cues)
    return "\n".join([f"WEBVTT{chr(10) * bool(head)}{head}\n", *rows]).encode()


def film(root: str, pieces: Pieces, files: Mapping[str, bytes], uri: str = "") -> dict[str, bytes]:
    """``master.m3u8`` under ``root``; ``files``: of the subtitles, the first is their URI."""
    media = (
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English",LANGUAGE="en",DEFAULT=YES,'
        f'AUTOSELECT=YES,URI="{uri or next(iter(files))}"'
    )
    return {
        f"{root}/master.m3u8": master(media, variant("v.m3u8", more=',SUBTITLES="s"')),
        f"{root}/v.m3u8": listing(pieces, "{}.ts"),
        **each(f"{root}/", pieces.parts, ".ts"),
        **{f"{root}/{name}": body for name, body in files.items()},
    }


def playlist(*names: str, head: tuple[str, ...] = ()) -> bytes:
    """A list of pieces of subtitles, all as long as a film of the clips."""
    return listing([(name, 4.0 / len(names)) for name in names], head=head)


def form(root: str, cues: tuple[Cue, ...] = CUES) -> Form:
    return Form(f"{root}/master.m3u8", Film(Clips.film, cues=cues), subtitles="en")
