"""MPDs by their parts, and what is read of them."""

from __future__ import annotations

from downloads.engine.resolver.manifests.answers import Presentation, RawPiece
from downloads.engine.resolver.manifests.parsing import Parser

URL = "https://example.com/d/x.mpd?s=1"
VIDEO = 'mimeType="video/mp4" codecs="avc1.640028" height="720" width="1280" bandwidth="8000"'
SOUND = 'mimeType="audio/mp4" codecs="mp4a.40.2" bandwidth="64000"'
FILE = "<BaseURL>v.mp4</BaseURL>"
COUNTED = '<SegmentTemplate media="$Number$" initialization="i" duration="5"/>'
TRICK = "http://dashif.org/guidelines/trickmode"


def mpd(periods: str, attributes: str = 'mediaPresentationDuration="PT10S"') -> str:
    return (
        f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" {attributes}>'
        f"{periods}</MPD>"
    )


def period(
    segments: str, attributes: str = "", representation: str = VIDEO, within: str = ""
) -> str:
    return (
        f"<Period {attributes}><AdaptationSet>{within}"
        f'<Representation id="v" {representation}>{segments}</Representation>'
        f"</AdaptationSet></Period>"
    )


def pieces(parser: Parser, text: str, representation: str = "v") -> list[RawPiece]:
    found = parser.presentation(text, URL, representation)
    return next(each.pieces for each in found.representations if each.id == representation)


def numbers(found: list[RawPiece]) -> list[str]:
    return [piece.url.rpartition("/")[2] for piece in found]


def representation(id: str, attributes: str = VIDEO, inside: str = FILE) -> str:
    return f'<Representation id="{id}" {attributes}>{inside}</Representation>'


def adaptation(inside: str, attributes: str = "") -> str:
    return f"<AdaptationSet {attributes}>{inside}</AdaptationSet>"


def ids(found: Presentation) -> list[str]:
    return [each.id for each in found.representations]


def read(parser: Parser, *sets: str) -> Presentation:
    return parser.presentation(mpd(f"<Period>{''.join(sets)}</Period>"), URL)
