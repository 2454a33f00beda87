"""Inside the jail: one subtitle file in, WebVTT out on stdout. See ``subtitles``."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from downloads.engine.media.cues import Cue, escape_all_but_tags, tidy, write

_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_ARROW = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}([^\n]*)")
_MAP = re.compile(
    rf"X-TIMESTAMP-MAP=.*?MPEGTS:(\d+).*?LOCAL:{_TIME}|X-TIMESTAMP-MAP=.*?LOCAL:{_TIME}.*?MPEGTS:(\d+)"
)
_SETTING = re.compile(r"(?:vertical|line|position|size|align):[\w.,%-]+")
_FONT = re.compile(r"</?font[^>]*>|\{\\[^}]*\}", re.IGNORECASE)
_TICKS: Final = 90_000  # a second, of MPEG-TS; its clock has 33 bits
_WRAP: Final = 2**33
_MOST: Final = 200_000  # cues


def vtt(text: str) -> Iterator[Cue]:
    """Also the pieces of an HLS playlist one after another, each with a clock of its own
    (RFC 8216, 3.5): what it differs by from the first one's is added."""
    first: float | None = None
    shift = 0.0
    for block in re.split(r"\n{2,}", text):
        if mapped := _MAP.search(block):
            offset = _offset(mapped)
            first = offset if first is None else first
            shift = offset - first
        if cue := _cue(block, shift, settings=True):
            yield cue


def srt(text: str) -> Iterator[Cue]:
    for block in re.split(r"\n{2,}", text):
        if cue := _cue(_FONT.sub("", block), 0.0, settings=False):
            yield cue


def ttml(text: str) -> Iterator[Cue]:
    from downloads.engine.media import ttml as reader

    return reader.read(text)


READERS: Final[Mapping[str, Callable[[str], Iterator[Cue]]]] = {
    "vtt": vtt,
    "srt": srt,
    "ttml": ttml,
}


def _cue(block: str, shift: float, *, settings: bool) -> Cue | None:
    lines = block.split("\n")
    for place, line in enumerate(lines):
        if match := _ARROW.match(line):
            found = " ".join(_SETTING.findall(match[9])) if settings else ""
            text = escape_all_but_tags(tidy(lines[place + 1 :]))
            start, end = _seconds(*match.groups()[:4]), _seconds(*match.groups()[4:8])
            return Cue(start + shift, end + shift, text, found)
    return None


def _seconds(*clock: str | None) -> float:
    hours, minutes, seconds, fraction = clock
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + int((fraction or "0").ljust(3, "0")) / 1000


def _offset(mapped: re.Match[str]) -> float:
    groups = mapped.groups()
    ticks, local = (groups[0], groups[1:5]) if groups[0] else (groups[9], groups[5:9])
    return (int(ticks or 0) % _WRAP) / _TICKS - _seconds(*local)


def decode(content: bytes) -> str:
    """UTF-8 by the standard; what is older says so with a mark, or not at all."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def main() -> None:
    kind, path = sys.argv[1:3]
    cues = list(READERS[kind](decode(Path(path).read_bytes())))
    if len(cues) > _MOST:
        raise SystemExit("too many cues")
    sys.stdout.buffer.write(write(cues).encode())


if __name__ == "__main__":
    main()
