"""Inside the jail: the attributes of one MPD representation, from itself or its set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from downloads.engine.resolver.manifests.document import Node
from downloads.engine.resolver.manifests.numbers import number, whole

# ISO/IEC 23091-2 TransferCharacteristics, as an Essential- or SupplementalProperty.
_COLOURS = "urn:mpeg:mpegB:cicp:"
_RANGES = {"16": "HDR10", "18": "HLG"}
_TRICK_MODE = "http://dashif.org/guidelines/trickmode"
# Properties for players that switch and seek; irrelevant for playing all of it.
_HARMLESS = (_COLOURS, _TRICK_MODE, "urn:mpeg:dash:ssr:", "urn:mpeg:dash:urlparam:",
             "urn:mpeg:dash:adaptation-set-switching:", "urn:mpeg:dash:period-con",
             "urn:dvb:dash:", "http://dashif.org/guidelines/last-segment-number",
             "tag:dolby.com,")  # fmt: skip
# Roles of a picture other than the film's own: a sign language, another camera.
_ASIDE = frozenset({"sign", "alternate", "supplementary", "commentary", "emergency"})
_RATE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(?:/(\d{1,9}))?")
_NO_LANGUAGE = frozenset({"und", "mul", "zxx", "mis"})
_VIDEO = ("avc", "hev", "hvc", "dvh", "dva", "dav", "vp0", "vp8", "vp9", "av01", "av1", "mp4v",
          "h26", "vvc", "vvi", "lhe", "lvc", "evc", "theora", "mjp")  # fmt: skip
_AUDIO = ("mp4a", "aac", "ac-3", "ac3", "ec-3", "eac3", "ac-4", "opus", "vorbis", "flac", "mp3",
          "alac", "dts", "mha", "mhm", "iamf", "samr", "sawb", "pcm", "ipcm", "fpcm")  # fmt: skip
_TEXT = ("stpp", "wvtt", "tx3g", "ttml", "sbtt", "c608", "c708")
_TEXT_TYPES = {
    "text/vtt": "vtt", "application/vtt": "vtt", "application/ttml+xml": "ttml",
    "application/x-subrip": "srt", "text/srt": "srt", "application/x-srt": "srt",
}  # fmt: skip
_TEXT_ENDINGS = {".vtt": "vtt", ".webvtt": "vtt", ".ttml": "ttml", ".dfxp": "ttml", ".xml": "ttml",
                 ".srt": "srt"}  # fmt: skip
# The Accessibility descriptor of TV-Anytime, in the words of DASH's roles.
_PURPOSES = {"1": "description", "2": "enhanced-audio-intelligibility"}


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a representation. ``kind``: video, audio, text, image, or empty. ``ext``: of a
    text; empty if only its URL may tell. ``roles``: space-separated. ``oddness``: 0 for a normal
    one; the higher, the less it is meant to be played."""

    id: str
    kind: str
    ext: str
    bandwidth: int | None
    width: int | None
    height: int | None
    fps: float | None
    hertz: int | None
    video_codec: str
    audio_codec: str
    dynamic_range: str
    language: str
    roles: str
    label: str
    protected: bool
    oddness: int

    @property
    def is_doubled(self) -> bool:
        """Return if it is HE-AAC, whose frames last twice as long."""
        return self.audio_codec.lower() in ("mp4a.40.5", "mp4a.40.29")


def facts_of(adaptation: Node, representation: Node) -> Facts:
    attributes = _Attributes(adaptation, representation)
    codecs = [each.strip() for each in (attributes.get("codecs") or "").split(",") if each.strip()]
    language = attributes.get("lang") or attributes.component("lang") or ""
    kind = _kind(attributes, codecs)
    bandwidth = whole(representation.get("bandwidth"))
    return Facts(
        id=representation.get("id") or "",
        kind=kind,
        ext=_extension(attributes.mime, kind),
        bandwidth=bandwidth,
        width=_pixels(attributes.get("width")),
        height=_pixels(attributes.get("height")),
        fps=_fps(attributes.get("frameRate") or ""),
        hertz=whole((attributes.get("audioSamplingRate") or "").partition(" ")[0]),
        video_codec=_first(codecs, _VIDEO),
        audio_codec=_first(codecs, _AUDIO),
        dynamic_range=_dynamic_range(attributes, codecs),
        language="" if language in _NO_LANGUAGE else language[:35],
        roles=" ".join(role for role in _roles(attributes) if role.isascii())[:200],
        label=attributes.label[:200],
        protected=any(attributes.elements("ContentProtection")),
        oddness=_oddness(attributes, kind),
    )


def text_named(url: str) -> str:
    """Return the format of a text by its URL, if nothing else gives it."""
    ending = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    return _TEXT_ENDINGS.get(ending, "mp4")


class _Attributes:
    """The attributes of a representation, falling back to its set's."""

    def __init__(self, adaptation: Node, representation: Node) -> None:
        self._both = (representation, adaptation)
        self._components = list(adaptation.all("ContentComponent"))
        mime = (self.get("mimeType") or "").lower()
        self.mime = mime.partition(";")[0].strip()

    def get(self, name: str) -> str | None:
        return next((each.get(name) for each in self._both if each.get(name)), None)

    def elements(self, name: str) -> Iterator[Node]:
        return (found for each in self._both for found in each.all(name))

    def component(self, name: str) -> str | None:
        return next((each.get(name) for each in self._components if each.get(name)), None)

    @property
    def contents(self) -> set[str]:
        components = {(each.get("contentType") or "").lower() for each in self._components}
        return {(self.get("contentType") or "").lower(), *components} - {""}

    @property
    def label(self) -> str:
        found = next(self.elements("Label"), None)
        return " ".join((found.text if found else self.get("label") or "").split())

    def properties(self, *kinds: str) -> Iterator[tuple[str, str]]:
        """Yield scheme and value of each property."""
        for kind in kinds:
            for each in self.elements(kind):
                yield (each.get("schemeIdUri") or "").strip(), (each.get("value") or "").strip()


def _kind(attributes: _Attributes, codecs: list[str]) -> str:
    """Return the kind by the codecs, since types are often wrong; then by the other attributes."""
    major = attributes.mime.partition("/")[0]
    if major == "image" or "image" in attributes.contents:
        return "image"
    for kind, known in (("video", _VIDEO), ("audio", _AUDIO), ("text", _TEXT)):
        if _first(codecs, known):
            return kind
    if major == "text" or attributes.mime in _TEXT_TYPES:
        return "text"
    if major in ("video", "audio"):
        return major
    for kind in ("video", "audio", "text"):
        if kind in attributes.contents:
            return kind
    if attributes.get("width") or attributes.get("height") or attributes.get("frameRate"):
        return "video"
    return "audio" if attributes.get("audioSamplingRate") else ""


def _first(codecs: list[str], known: tuple[str, ...]) -> str:
    return next((each for each in codecs if each.lower().startswith(known)), "")


def _extension(mime: str, kind: str) -> str:
    if kind == "text":
        return "mp4" if mime.startswith("application/mp4") else _TEXT_TYPES.get(mime, "")
    if mime.endswith("/webm"):
        return "webm"
    return "ts" if mime.endswith("/mp2t") else "mp4"


def _pixels(text: str | None) -> int | None:
    found = whole(text)
    return found if found and found <= 100_000 else None


def _fps(text: str) -> float | None:
    match = _RATE.fullmatch(text.strip())
    if match is None:
        return None
    rate = round(float(match[1]) / (float(match[2] or 1) or 1), 3)
    return rate if 0 < rate <= 10_000 else None


def _dynamic_range(attributes: _Attributes, codecs: list[str]) -> str:
    for scheme, value in attributes.properties("EssentialProperty", "SupplementalProperty"):
        if scheme == f"{_COLOURS}TransferCharacteristics":
            return _RANGES.get(value, "")
    codec = _first(codecs, _VIDEO).lower()
    if codec.startswith(("dvh", "dva", "dav")):
        return "DV"
    return "HDR10" if codec.startswith(("vp09.02", "vp9.2")) else ""


def _roles(attributes: _Attributes) -> Iterator[str]:
    for scheme, value in attributes.properties("Role"):
        if not scheme or "dash:role" in scheme.lower():
            yield value
    for scheme, value in attributes.properties("Accessibility"):
        if "AudioPurposeCS" in scheme and value in _PURPOSES:
            yield _PURPOSES[value]
        elif "dash:role" in scheme.lower():
            yield value


def _oddness(attributes: _Attributes, kind: str) -> int:
    """Return the oddness. 3: pictures for fast forward (DASH-IF IOP, 3.2.9). 2: it depends on
    another. 1: it has an essential property that is not supported (ISO/IEC 23009-1, 5.8.4.8); or it
    is another picture than the film's."""
    found = attributes.properties("EssentialProperty", "SupplementalProperty")
    schemes = [scheme for scheme, _ in found]
    roles = {value.lower() for _, value in attributes.properties("Role")}
    is_fast = (number(attributes.get("maxPlayoutRate")) or 1) > 1
    stands_alone = (attributes.get("codingDependency") or "").strip().lower() == "false"
    is_trick = _TRICK_MODE in schemes or roles & {"trick", "trickmode", "trick-mode", "trickplay"}
    if is_trick or (is_fast and stands_alone):
        return 3
    if attributes.get("dependencyId"):
        return 2
    if kind == "video" and roles & _ASIDE and "main" not in roles:
        return 1
    needed = (scheme for scheme, _ in attributes.properties("EssentialProperty"))
    return int(any(not scheme.startswith(_HARMLESS) for scheme in needed))
