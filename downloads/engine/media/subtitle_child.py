"""Inside the jail: the pieces of one subtitle in, WebVTT out on stdout. See ``subtitles``.

stdin describes the pieces in JSON; the first line of stdout is the outcome in JSON.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from downloads.engine.media import film_clock, mp4_text, subrip, webvtt
from downloads.engine.media.cues import Cue, joined, write
from downloads.engine.media.film_clock import FilmClock, PartStart, TimedPiece
from downloads.engine.media.text_encoding import decode

_MOST: Final = 200_000  # cues
# Possessive: without backtracking, or a row of comments takes quadratic time.
_LEAD: Final = r"\s*+(?:<\?xml.{0,500}?\?>\s*)?+(?:<!--.{0,5000}?-->\s*)*+"
_TTML = re.compile(_LEAD + r"(?:<!DOCTYPE[^>[]*+(?:\[.*?\]\s*)?>\s*)?+<(?:\w+:)?tt[\s>]", re.DOTALL)
_PAGE = re.compile(
    _LEAD + r"<(?:!doctype html|html|head|body|script|title)\b", re.IGNORECASE | re.DOTALL
)


class Unusable(Exception):
    """An unusable piece. Its text goes to the parent: see ``subtitles.CAUSES``."""


@dataclass(slots=True)
class _SubtitleReader:
    """A reader of one piece after the other; an MP4's header applies to those after it."""

    kind: str
    charset: str
    language: str
    track: mp4_text.Mp4TextTrack | None = None
    regions: dict[str, str] = field(default_factory=dict)
    _start: float | None = None  # of the first sample of a piece
    is_cut: bool = False  # cues across a bound come in parts, to be joined

    def read(self, content: bytes) -> Iterator[TimedPiece]:
        """Yield the cues of a piece. Raises Unusable, and what the formats' readers raise."""
        if mp4_text.is_mp4(content[:16]):
            self.is_cut = True
            cues = list(self._mp4(content))
            yield TimedPiece(cues, on_source=True, media_start=self._start)
            return
        text = decode(content, self.charset, self.language)
        if not text.strip("\ufeff \t\n"):
            yield TimedPiece(())
        elif webvtt.is_webvtt(text):
            for found in webvtt.read(text):
                self.regions = found.regions | self.regions
                yield TimedPiece(found.cues, found.map)
        else:
            yield TimedPiece(list(self._other(text)))

    def _other(self, text: str) -> Iterator[Cue]:
        """Yield the cues of any other format, by its content, whatever its declared type."""
        if _TTML.match(text.lstrip("\ufeff")) or (self.kind == "ttml" and "<" in text):
            self.is_cut = True
            yield from _ttml(text)
        elif subrip.is_ssa(text):
            yield from subrip.read_ssa(text)
        elif _PAGE.match(text):
            raise Unusable("page")
        elif subrip.is_subrip(text):
            yield from subrip.read_subrip(text)
        else:
            raise Unusable("format")

    def _mp4(self, content: bytes) -> Iterator[Cue]:
        self.track = mp4_text.track_of(content) or self.track
        if self.track is None:
            raise Unusable("format")
        self._start = None
        for sample in mp4_text.samples(content, self.track):
            self._start = sample.start if self._start is None else self._start
            if self.track.kind == b"wvtt":
                yield from mp4_text.cues(sample)
            elif self.track.kind == b"tx3g":
                if cue := mp4_text.plain_cue(sample):
                    yield cue
            elif sample.data.strip(b"\x00 \r\n\t"):
                for cue in _ttml(decode(sample.data)):
                    yield replace(cue, end=sample.end) if math.isinf(cue.end) else cue


def _ttml(text: str) -> Iterator[Cue]:
    from downloads.engine.media import ttml  # rare, and the XML parser takes a while to import

    try:
        yield from ttml.read(text.lstrip("\ufeff \t\n"))
    except ttml.NotText:
        raise Unusable("images") from None


def convert(content: bytes, order: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    """Return the outcome, the WebVTT, and the part of it within the film if that has fewer cues.

    Raises Unusable if no piece can be read.
    """
    reader = _SubtitleReader(order["kind"], order["charset"], order["language"])
    timed: list[TimedPiece] = []
    broken: list[int] = []
    first: Exception | None = None
    for place, piece in enumerate(order["pieces"]):
        try:
            found = list(reader.read(content[piece["offset"] : piece["offset"] + piece["size"]]))
        except Exception as error:  # noqa: BLE001
            # an untrusted file may fail a reader in any way: only that piece is lost
            first = first or error
            broken.append(place)
        else:
            timed += [
                replace(each, at=piece["at"], part=piece["part"], shift=piece["shift"])
                for each in found
            ]
    if first is not None and not any(each.cues for each in timed):
        raise first
    clock = FilmClock(tuple(PartStart(*start) for start in order["starts"]), order["length"])
    cues = film_clock.on_film(timed, clock, order["parts"])
    if len(cues) > _MOST:
        raise Unusable("many")
    cues = joined(cues) if reader.is_cut else cues
    regions = _used(reader.regions, cues)
    beside = write(cues, regions)
    inside = write(film_clock.until_end(cues, clock.length), regions) if clock.length else beside
    outcome = {"broken": broken, "cause": _word(first), "found": len(cues)}
    return outcome, beside, "" if inside == beside else inside


def _used(regions: dict[str, str], cues: Iterable[Cue]) -> list[str]:
    named = {word[7:] for cue in cues for word in cue.settings.split() if word[:7] == "region:"}
    return [body for name, body in regions.items() if name in named]


def _word(error: Exception | None) -> str:
    return str(error) if isinstance(error, Unusable | mp4_text.UnreadableText) else "broken"


def main() -> None:
    order = json.load(sys.stdin)
    try:
        outcome, beside, inside = convert(Path(order["path"]).read_bytes(), order)
    except Exception as error:  # noqa: BLE001
        raise SystemExit(
            f"{type(error).__name__}: {error}"[:200] + f"\ncause={_word(error)}"
        ) from None
    made = beside.encode()
    head = json.dumps({**outcome, "size": len(made)}).encode()
    sys.stdout.buffer.write(head + b"\n" + made + inside.encode())


if __name__ == "__main__":
    main()
