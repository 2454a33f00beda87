"""The variants and tracks of an HLS master playlist as formats. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from msgspec import structs

from downloads.engine.core.media import Format, Protocol, Stream, StreamKind, Subtitle
from downloads.engine.resolver.containers import family
from downloads.engine.resolver.manifests.addresses import Headers, headers_for, join
from downloads.engine.resolver.manifests.answers import Master, RawTrack, RawVariant
from downloads.engine.resolver.quality import quality_label

_SOUND_FAMILIES = frozenset({"aac", "mp3", "opus", "vorbis", "ac3", "flac"})
_TEXT_CODECS = ("stpp", "wvtt", "tx3g")
_RANGES = {"PQ": "HDR10", "HLG": "HLG"}
_DESCRIBES = "public.accessibility.describes-video"
_TRANSCRIBES = "public.accessibility.describes-music-and-sound"
_SOUND_BITRATE = 128_000  # bits a second; a master tells it of no track
_SOUND_SHARE = 0.25  # at most so much of the smallest variant
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")


@dataclass(frozen=True, slots=True)
class _Codecs:
    """RFC 6381 names, or None."""

    video: str | None
    audio: str | None

    @classmethod
    def of(cls, said: str) -> _Codecs:
        names = [name.strip() for name in said.split(",") if name.strip()]
        names = [name for name in names if not name.lower().startswith(_TEXT_CODECS)]
        sounds = [name for name in names if family(name) in _SOUND_FAMILIES]
        pictures = [name for name in names if name not in sounds]
        return cls(next(iter(pictures), None), next(iter(sounds), None))


class Ladder:
    """``url`` is the master's own; ``headers`` what it was fetched with."""

    def __init__(self, master: Master, url: str, headers: Headers) -> None:
        """Raises BlockedAddress, BadManifest for a URL that cannot be fetched."""
        self._url = url
        self._headers = headers
        self._variants = _distinct((join(url, each.uri), each) for each in master.variants)
        # In the variants themselves where they have no URI of their own.
        self._sounds = [(join(url, track.uri), track) for track in master.tracks
                        if track.kind == "AUDIO" and track.uri]  # fmt: skip
        self._inside = {
            track.group for track in master.tracks if track.kind == "AUDIO" and not track.uri
        }
        self._texts = [(join(url, track.uri), track) for track in master.tracks
                       if track.kind == "SUBTITLES" and track.uri]  # fmt: skip

    @property
    def urls(self) -> tuple[str, ...]:
        """Of the variants, in the order of the master."""
        return tuple(url for url, _ in self._variants)

    def formats(self, duration: float) -> tuple[Format, ...]:
        """``duration`` in seconds: sizes are estimates by it."""
        variants = [self._variant(url, said, duration) for url, said in self._variants]
        sounds = [self._sound(url, track, duration) for url, track in self._sounds]
        return _named([*variants, *sounds])

    def subtitles(self) -> tuple[Subtitle, ...]:
        return tuple(
            Subtitle(
                language=_language(track.language) or "und",
                url=url,
                ext="vtt",
                name=track.name,
                headers=self._headers_to(url),
                protocol=Protocol.HLS,
                forced=track.forced,
                described=_TRANSCRIBES in track.characteristics,
            )
            for url, track in self._texts
        )

    def _variant(self, url: str, said: RawVariant, duration: float) -> Format:
        codecs = _Codecs.of(said.codecs)
        kind = self._kind(said, codecs)
        audio = kind is StreamKind.AUDIO
        return Format(
            id=_variant_id(said, kind),
            stream=self._stream(url, kind),
            ext=_sound_ext(codecs.audio) if audio else "mp4",
            mime_type=_sound_type(codecs.audio) if audio else "video/mp4",
            quality=quality_label(said.height, said.width),
            height=said.height,
            width=said.width,
            fps=said.fps,
            video_codec=codecs.video,
            audio_codec=None if kind is StreamKind.VIDEO else codecs.audio,
            bitrate=said.bandwidth,
            estimate=_bytes(said.bandwidth, duration),
            dynamic_range=_dynamic_range(said.video_range, codecs.video),
        )

    def _kind(self, said: RawVariant, codecs: _Codecs) -> StreamKind:
        if codecs.audio and not codecs.video and said.height is None:
            return StreamKind.AUDIO
        apart = any(track.group == said.audio for _, track in self._sounds)
        if said.audio and apart and said.audio not in self._inside:
            return StreamKind.VIDEO
        return StreamKind.MUXED

    def _sound(self, url: str, track: RawTrack, duration: float) -> Format:
        codec = self._codec_of(track.group)
        language = _language(track.language)
        bitrate = self._sound_bitrate()
        return Format(
            id="-".join(filter(None, ("hls-audio", track.group, language or track.name))),
            stream=self._stream(url, StreamKind.AUDIO),
            ext=_sound_ext(codec),
            mime_type=_sound_type(codec),
            audio_codec=codec,
            bitrate=bitrate,
            estimate=_bytes(bitrate, duration),
            language=language,
            preference=self._preference(track),
        )

    def _codec_of(self, group: str) -> str | None:
        """CODECS tells of a variant with its group: the group's is the sound's among them."""
        used = (_Codecs.of(said.codecs).audio for _, said in self._variants if said.audio == group)
        return next(filter(None, used), None)

    def _sound_bitrate(self) -> float:
        rates = [said.bandwidth for _, said in self._variants if said.bandwidth]
        return min([_SOUND_BITRATE, *(rate * _SOUND_SHARE for rate in rates)])

    def _preference(self, track: RawTrack) -> int:
        if _DESCRIBES in track.characteristics:
            return -10
        if track.default:
            return 10
        kin = [other for _, other in self._sounds if other.group == track.group]
        return -10 if any(other.default for other in kin) else 0

    def _stream(self, url: str, kind: StreamKind) -> Stream:
        return Stream(url=url, headers=self._headers_to(url), kind=kind, protocol=Protocol.HLS)

    def _headers_to(self, url: str) -> Headers:
        return headers_for(self._headers, self._url, [url])


def _distinct(pairs: Iterable[tuple[str, RawVariant]]) -> list[tuple[str, RawVariant]]:
    """A picture stands once for each group of sounds; a redundant stream (RFC 8216, 6.2.4) says
    the same about itself as the one before it."""
    found: dict[object, tuple[str, RawVariant]] = {}
    urls: set[str] = set()
    for url, said in pairs:
        facts = structs.replace(said, uri="x")
        key = facts if said.bandwidth else url
        if url not in urls and key not in found:
            found[key] = (url, said)
            urls.add(url)
    return list(found.values())


def _variant_id(said: RawVariant, kind: StreamKind) -> str:
    size = f"{said.height}p" if said.height else ("audio" if kind is StreamKind.AUDIO else "")
    rate = f"{round(said.bandwidth / 1000)}k" if said.bandwidth else ""
    return "-".join(filter(None, ("hls", size, rate)))


def _named(formats: Iterable[Format]) -> tuple[Format, ...]:
    """With ids that differ, in an order that holds over fetches."""
    counts: dict[str, int] = {}
    named = []
    for offered in formats:
        counts[offered.id] = counts.get(offered.id, 0) + 1
        many = counts[offered.id]
        named.append(offered if many == 1 else replace(offered, id=f"{offered.id}-{many}"))
    return tuple(named)


def _bytes(bandwidth: float | None, duration: float) -> int | None:
    return int(bandwidth / 8 * duration) if bandwidth and duration else None


def _dynamic_range(said: str, codec: str | None) -> str:
    if (codec or "").lower().startswith(("dvh", "dva")):
        return "DV"
    return _RANGES.get(said, "SDR")


def _sound_ext(codec: str | None) -> str:
    return "mp3" if family(codec) == "mp3" else "m4a"


def _sound_type(codec: str | None) -> str:
    return "audio/mpeg" if family(codec) == "mp3" else "audio/mp4"


def _language(told: str) -> str:
    said = told.strip().replace("_", "-")
    return said if len(said) <= 35 and _LANGUAGE.fullmatch(said) else ""
