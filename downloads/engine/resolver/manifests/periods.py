"""Inside the jail: what runs through all periods of a presentation becomes one offer.

A period has an id space of its own. A representation goes on in the next period as the one with
its id, if that is alike; else as the only ones alike, nearest in bandwidth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from downloads.engine.resolver.manifests.document import PreparedManifest
from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.facts import Facts
from downloads.engine.resolver.manifests.limits import MAX_FRAGMENTS, MAX_VARIANTS
from downloads.engine.resolver.manifests.timeline import split_range

Format = dict[str, Any]  # as yt-dlp makes it


@dataclass(frozen=True, slots=True)
class Offer:
    """One representation; ``parts`` in the order of the periods."""

    id: str
    kind: str
    facts: Facts
    parts: tuple[tuple[Format, Facts], ...]

    @property
    def first(self) -> Format:
        return self.parts[0][0]

    @property
    def alike(self) -> tuple[object, ...]:
        """Equal for two that play on in one another's place."""
        codecs = tuple(_family(self.first.get(name)) for name in ("vcodec", "acodec"))
        return self.kind, codecs, self.first.get("height"), self.facts.language, self.facts.roles

    def told(self, *, with_pieces: bool) -> dict[str, Any]:
        """As ``answers.RepresentationSaid`` wants it."""
        first = self.first
        whole = len(self.parts) == 1 and "fragments" not in first
        return {
            "id": self.id,
            "kind": self.kind,
            "ext": first.get("ext") or "",
            "url": first["url"] if whole else "",
            "pieces": self._pieces() if with_pieces and not whole else [],
            "width": first.get("width") or None,
            "height": first.get("height") or None,
            "fps": self.facts.fps,
            "bandwidth": round(first["tbr"] * 1000.0) if first.get("tbr") else None,
            "video_codec": _codec(first.get("vcodec")),
            "audio_codec": _codec(first.get("acodec")),
            "dynamic_range": self.facts.dynamic_range or first.get("dynamic_range") or "",
            "language": self.facts.language,
            "roles": self.facts.roles,
            "size": first.get("filesize") if len(self.parts) == 1 else None,
            "protected": any(form.get("has_drm", False) for form, _ in self.parts),
        }

    def _pieces(self) -> list[dict[str, Any]]:
        pieces = [
            piece
            for part, (form, facts) in enumerate(self.parts)
            for piece in _pieces(form, facts, part)
        ]
        if len(pieces) > MAX_FRAGMENTS:
            raise ManifestTooLarge(f"more than {MAX_FRAGMENTS} segments")
        return pieces


def joined(
    prepared: PreparedManifest, periods: Sequence[Sequence[Format]]
) -> tuple[list[Offer], bool]:
    """What can be had from beginning to end, and whether some of it ended on the way."""
    offers = [[_offer(form, prepared.facts) for form in period] for period in periods if period]
    if not offers:
        raise ManifestError("there is nothing in it")
    through = [whole for first in offers[0] if (whole := _through(first, offers[1:]))]
    kinds = {offer.kind for offer in offers[0]} - {"text"}
    split = bool(kinds - {offer.kind for offer in through})
    if len(through) > MAX_VARIANTS:
        raise ManifestTooLarge(f"more than {MAX_VARIANTS} representations")
    return _named(through), split


def _offer(form: Format, facts: list[Facts]) -> Offer:
    known = facts[int(form["lang"].removeprefix("#"))]
    return Offer(known.id, form["kind"], known, ((form, known),))


def _through(first: Offer, later: Sequence[Sequence[Offer]]) -> Offer | None:
    for period in later:
        alike = [offer for offer in period if offer.alike == first.alike]
        if not alike:
            return None
        same = [offer for offer in alike if offer.id == first.id]
        rate = first.first.get("tbr") or 0
        nearest = min(same or alike, key=lambda offer: abs((offer.first.get("tbr") or 0) - rate))
        first = replace(first, parts=(*first.parts, *nearest.parts))
    return first


def _named(offers: Sequence[Offer]) -> list[Offer]:
    """With ids that are there and tell each from the others; they hold over fetches."""
    counts = Counter(offer.id for offer in offers)
    named: list[Offer] = []
    for place, offer in enumerate(offers):
        said = offer.id if counts[offer.id] == 1 and len(offer.id) <= 100 else ""
        named.append(replace(offer, id=said or f"{offer.kind}.{place}"))
    return named


def _pieces(form: Format, facts: Facts, part: int) -> list[dict[str, Any]]:
    if "fragments" not in form:
        return [{"url": form["url"], "part": part}]
    pieces = []
    for place, each in enumerate(form["fragments"]):
        path, span = split_range(each.get("url") or each.get("path") or "")
        pieces.append(
            {
                "url": urljoin(form["fragment_base_url"], path),
                "seconds": float(each.get("duration") or 0.0),
                "range": span,
                "init": place == 0 and facts.has_init,
                "part": part,
            }
        )
    return pieces


def _family(codec: str | None) -> str:
    return (codec or "").partition(".")[0]


def _codec(name: str | None) -> str:
    return "" if name in (None, "none") else name[:200]
