"""Inside the jail: what a DASH representation says about itself that yt-dlp's reader drops."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

# ISO/IEC 23091-2 TransferCharacteristics, as an Essential- or SupplementalProperty.
_TRANSFER = "urn:mpeg:mpegB:cicp:TransferCharacteristics"
_RANGES = {"16": "HDR10", "18": "HLG"}
_RATE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(?:/(\d{1,9}))?")
_LANGUAGES_OF_NOBODY = frozenset({"und", "mul", "zxx", "mis"})


@dataclass(frozen=True, slots=True)
class Facts:
    """``roles``: space-separated. ``has_init``: the first of its segments is a header."""

    id: str
    language: str
    roles: str
    fps: float | None
    dynamic_range: str
    has_init: bool


def facts_of(adaptation: Element, representation: Element, has_init: bool) -> Facts:
    said = {**adaptation.attrib, **representation.attrib}
    roles = [role.get("value", "") for role in adaptation.findall("{*}Role")]
    language = said.get("lang", "")
    return Facts(
        id=said.get("id", "") if "id" in representation.attrib else "",
        language="" if language in _LANGUAGES_OF_NOBODY else language[:35],
        roles=" ".join(role for role in roles if role.isascii())[:200],
        fps=_fps(said.get("frameRate", "")),
        dynamic_range=_dynamic_range(adaptation) or _dynamic_range(representation),
        has_init=has_init,
    )


def _fps(said: str) -> float | None:
    match = _RATE.fullmatch(said.strip())
    if match is None:
        return None
    rate = float(match[1]) / (float(match[2] or 1) or 1)
    return round(rate, 3) or None


def _dynamic_range(element: Element) -> str:
    for kind in ("EssentialProperty", "SupplementalProperty"):
        for held in element.findall("{*}" + kind):
            if held.get("schemeIdUri") == _TRANSFER:
                return _RANGES.get(held.get("value", ""), "")
    return ""
