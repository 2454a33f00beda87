"""The variants and tracks of an HLS master playlist as formats. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from msgspec import structs

from downloads.engine.core.data_url import is_data_url
from downloads.engine.core.media import Format, Protocol, Stream, StreamKind, Subtitle
from downloads.engine.resolver.containers import family
from downloads.engine.resolver.manifests.addresses import Headers, headers_for, join
from downloads.engine.resolver.manifests.answers import Master, RawTrack, RawVariant
from downloads.engine.resolver.manifests.refusals import too_big
from downloads.engine.resolver.quality import quality_label

_SOUND_FAMILIES = frozenset({"aac", "mp3", "opus", "vorbis", "ac3", "flac"})
_TEXT_CODECS = ("stpp", "wvtt", "tx3g")
_STILLS = ("jpeg", "jpg", "mjpg", "mjpeg", "png", "webp")
# Codecs of packed audio (RFC 8216, 3.4), by container.
_PACKED = {"aac": "mp4a.40.2", "mp3": "mp3", "ac3": "ac-3", "ec3": "ec-3"}
_MOST_ALTERNATES = 5
_LONGEST_DATA = 256 * 1024  # characters of a data: URL of a list: it is stored with a stream
_RANGES = {"PQ": "HDR10", "HLG": "HLG"}
_DESCRIBES = "public.accessibility.describes-video"
_TRANSCRIBES = "public.accessibility.describes-music-and-sound"
_SOUND_BITRATE = 128_000  # bits a second; a master gives it for no track
_SOUND_SHARE = 0.25  # at most so much of the smallest variant
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")


@dataclass(frozen=True, slots=True)
class _Codecs:
    """The codecs of a variant by their RFC 6381 names, or None."""

    video: str | None
    audio: str | None

    @classmethod
    def of(cls, codecs: str) -> _Codecs:
        names = [name.strip() for name in codecs.split(",") if name.strip()]
        names = [name for name in names if not name.lower().startswith(_TEXT_CODECS)]
        sounds = [name for name in names if family(name) in _SOUND_FAMILIES]
        pictures = [name for name in names if name not in sounds]
        return cls(next(iter(pictures), None), next(iter(sounds), None))


@dataclass(frozen=True, slots=True)
class _Offer:
    """One picture or sound, with its alternate URLs."""

    url: str
    variant: RawVariant
    alternates: tuple[str, ...] = ()


class Ladder:
    """The formats of a master. ``url`` is the master's own; ``headers`` those that it was fetched
    with."""

    def __init__(self, master: Master, url: str, headers: Headers) -> None:
        """Read the master. Raises BlockedAddress, BadManifest for a URL that cannot be fetched."""
        self._url = url
        self._headers = headers
        self._imported = tuple(master.variables)
        variants = [each for each in master.variants if not _is_no_film(each.codecs)]
        self._variants = _distinct((self._join(each.uri), each) for each in variants)
        # Tracks without a URI are in the variants themselves.
        self._sounds = [(self._join(track.uri), track) for track in master.tracks
                        if track.kind == "AUDIO" and track.uri]  # fmt: skip
        self._inside = {
            track.group for track in master.tracks if track.kind == "AUDIO" and not track.uri
        }
        self._groups = {track.group for track in master.tracks if track.kind == "AUDIO"} - {""}
        self._texts = [(self._join(track.uri), track) for track in master.tracks
                       if track.kind == "SUBTITLES" and track.uri]  # fmt: skip

    def formats(self, duration: float, container: str = "") -> tuple[Format, ...]:
        """Return the formats in the order of the master, with ids that are stable over fetches.

        ``duration`` in seconds: sizes are estimates by it. ``container``: that of the segments of
        one format, if known: it tells the content of a variant without CODECS.
        """
        variants = [self._variant(offer, duration, container) for offer in self._variants]
        if container not in _PACKED and all(_is_sound(each) for each in variants):
            variants = [_with_picture(each) for each in variants]
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
                variables=self._imported,
            )
            for url, track in self._texts
        )

    def _join(self, uri: str) -> str:
        url = join(self._url, uri, data=True)
        if is_data_url(url) and len(url) > _LONGEST_DATA:
            raise too_big(f"a data: URL of {len(url)} characters")
        return url

    def _variant(self, offer: _Offer, duration: float, container: str) -> Format:
        variant = offer.variant
        codecs = _Codecs.of(variant.codecs)
        kind = self._kind(variant, codecs)
        if not variant.codecs and variant.height is None and container in _PACKED:
            codecs, kind = _Codecs(None, _PACKED[container]), StreamKind.AUDIO
        audio = kind is StreamKind.AUDIO
        return Format(
            id=_variant_id(variant, kind),
            stream=self._stream(offer.url, kind, offer.alternates),
            ext=_sound_ext(codecs.audio) if audio else "mp4",
            mime_type=_sound_type(codecs.audio) if audio else "video/mp4",
            quality=quality_label(variant.height, variant.width),
            height=variant.height,
            width=variant.width,
            fps=variant.fps,
            video_codec=codecs.video,
            audio_codec=None if kind is StreamKind.VIDEO else codecs.audio,
            bitrate=variant.bandwidth,
            estimate=_bytes(variant.bandwidth, duration),
            dynamic_range=_dynamic_range(variant.video_range, codecs.video),
        )

    def _kind(self, variant: RawVariant, codecs: _Codecs) -> StreamKind:
        if codecs.audio and not codecs.video and variant.height is None:
            return StreamKind.AUDIO
        if variant.audio in self._groups:
            return StreamKind.MUXED if variant.audio in self._inside else StreamKind.VIDEO
        # one that names no group, or none that is there, goes with any, as in hls.js
        return StreamKind.MUXED if codecs.audio or not self._sounds else StreamKind.VIDEO

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
        """Return the sound's codec: CODECS covers a variant with its group, so the group's sound
        has the audio codec among them."""
        kin = (offer.variant for offer in self._variants if offer.variant.audio == group)
        used = (_Codecs.of(variant.codecs).audio for variant in kin)
        return next(filter(None, used), None)

    def _sound_bitrate(self) -> float:
        rates = [each.variant.bandwidth for each in self._variants if each.variant.bandwidth]
        return min([_SOUND_BITRATE, *(rate * _SOUND_SHARE for rate in rates)])

    def _preference(self, track: RawTrack) -> int:
        if _DESCRIBES in track.characteristics:
            return -10
        if track.default:
            return 10
        kin = [other for _, other in self._sounds if other.group == track.group]
        if any(other.default for other in kin):
            return -10
        # As players do: the first one is the default.
        first = next(other for other in kin if _DESCRIBES not in other.characteristics)
        return 0 if track is first else -5

    def _stream(self, url: str, kind: StreamKind, alternates: tuple[str, ...] = ()) -> Stream:
        return Stream(
            url=url,
            headers=self._headers_to(url, *alternates),
            kind=kind,
            protocol=Protocol.HLS,
            alternates=alternates,
            variables=self._imported,
        )

    def _headers_to(self, *urls: str) -> Headers:
        return headers_for(self._headers, self._url, urls)


def _is_sound(format: Format) -> bool:
    return format.stream.kind is StreamKind.AUDIO


def _with_picture(format: Format) -> Format:
    """Return the format as one with a picture. If CODECS leave no variant with a picture they may
    be wrong: players show what is in the segments, and sound alone is detected once it is
    merged."""
    stream = replace(format.stream, kind=StreamKind.MUXED)
    return replace(format, stream=stream, ext="mp4", mime_type="video/mp4")


def _is_no_film(codecs: str) -> bool:
    """Return if the codecs are those of seek pictures, or of text alone."""
    names = [name.lower() for name in codecs.split(",") if name]
    return bool(names) and all(name.startswith((*_STILLS, *_TEXT_CODECS)) for name in names)


def _distinct(pairs: Iterable[tuple[str, RawVariant]]) -> list[_Offer]:
    """Return one offer per picture and group of sounds; a redundant stream (RFC 8216, 6.2.4) has
    the same attributes as the one before it."""
    found: dict[object, _Offer] = {}
    urls: set[str] = set()
    for url, variant in pairs:
        key: object = structs.replace(variant, uri="x") if variant.bandwidth else url
        if url in urls:
            continue
        urls.add(url)
        first = found.get(key)
        if first is None:
            found[key] = _Offer(url, variant)
        elif len(first.alternates) < _MOST_ALTERNATES:
            found[key] = replace(first, alternates=(*first.alternates, url))
    return list(found.values())


def _variant_id(variant: RawVariant, kind: StreamKind) -> str:
    size = f"{variant.height}p" if variant.height else ("audio" if kind is StreamKind.AUDIO else "")
    rate = f"{round(variant.bandwidth / 1000)}k" if variant.bandwidth else ""
    return "-".join(filter(None, ("hls", size, rate)))


def _named(formats: Iterable[Format]) -> tuple[Format, ...]:
    """Return the formats with distinct ids, in an order that is stable over fetches."""
    counts: dict[str, int] = {}
    named = []
    for offered in formats:
        counts[offered.id] = counts.get(offered.id, 0) + 1
        many = counts[offered.id]
        named.append(offered if many == 1 else replace(offered, id=f"{offered.id}-{many}"))
    return tuple(named)


def _bytes(bandwidth: float | None, duration: float) -> int | None:
    return int(bandwidth / 8 * duration) if bandwidth and duration else None


def _dynamic_range(video_range: str, codec: str | None) -> str:
    if (codec or "").lower().startswith(("dvh", "dva")):
        return "DV"
    return _RANGES.get(video_range, "SDR")


def _sound_ext(codec: str | None) -> str:
    return "mp3" if family(codec) == "mp3" else "m4a"


def _sound_type(codec: str | None) -> str:
    return "audio/mpeg" if family(codec) == "mp3" else "audio/mp4"


def _language(declared: str) -> str:
    tag = declared.strip().replace("_", "-")
    return tag if len(tag) <= 35 and _LANGUAGE.fullmatch(tag) else ""
