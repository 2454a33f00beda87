"""DASH (ISO/IEC 23009-1): a static MPD with its representations."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from downloads.engine.core.errors import TransientError
from downloads.engine.core.media import (
    Format,
    Protocol,
    Source,
    Stream,
    StreamKind,
    Subtitle,
    Validators,
)
from downloads.engine.resolver import dead_streams, sniff, whole_files
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.living import find_living
from downloads.engine.resolver.manifests import fetching, refusals
from downloads.engine.resolver.manifests.addresses import headers_for, join
from downloads.engine.resolver.manifests.answers import Presentation, RawRepresentation
from downloads.engine.resolver.manifests.fetching import Manifest
from downloads.engine.resolver.manifests.parsing import Parser, parser
from downloads.engine.resolver.manifests.presentations import presentation
from downloads.engine.resolver.manifests.titles import title_of
from downloads.engine.resolver.quality import quality_label

_RANGES = frozenset({"HDR10", "HLG", "DV"})
_SUBTITLES = frozenset({"vtt", "srt", "ttml", "dfxp", "mp4"})
_ASIDE = frozenset({"dub", "description", "commentary", "enhanced-audio-intelligibility"})
_FORCED = frozenset({"forced-subtitle", "forced_subtitle"})


class DashResolver:
    """A resolver of static MPDs. ``parser``: the manifest parser; by default this process's jailed
    one."""

    def __init__(self, parser: Parser | None = None) -> None:
        self._given = parser

    def claims(self, url_probe: UrlProbe) -> bool:
        return sniff.is_dash(url_probe.content_type, url_probe.head)

    def resolve(self, url_probe: UrlProbe) -> Source:
        """Return the presentation as a source.

        Raises BadManifest; UnsupportedURL for a live or protected presentation, or one that falls
        apart; and the error of a dead whole file that was selected, if nothing can replace it.
        """
        manifest = fetching.opened(url_probe)
        reader = self._given or parser()
        found = presentation(manifest, url_probe.client, reader)
        offered = available(found)
        media = [each for each in found.representations if each.kind != "text"]
        clear = [each for each in media if not each.protected]
        has_sound = any(each.kind == "audio" for each in clear)
        spoken = _first_language(clear)
        offer = Source(
            identity=f"dash:{url_probe.url}",
            title=title_of(url_probe, manifest.url, found.title),
            formats=tuple(
                _format(each, _kind(each, has_sound), manifest, found.duration, spoken)
                for each in media
            ),
            duration=found.duration or None,
            subtitles=tuple(
                _subtitle(each, manifest)
                for each in offered
                if each.kind == "text" and each.ext in _SUBTITLES
            ),
        )
        protected = frozenset(_id(each) for each in media if each.protected)
        offer = replace(offer, notes=_lost(found.lost))
        return _living(offer, protected, url_probe)


def _lost(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    what = "A part of this video that stands" if count == 1 else f"{count} parts that stand"
    return (f"{what} elsewhere, an advertisement perhaps, could not be had from there.",)


def _living(offer: Source, protected: Collection[str], url_probe: UrlProbe) -> Source:
    """Return ``offer`` without protected formats, and without those selected whole files that are
    dead. Temporary failures stay: the transfer requests those again."""
    if url_probe.choose is None:
        formats = tuple(each for each in offer.formats if each.id not in protected)
        return replace(offer, formats=formats)

    def look(format: Format) -> None:
        if format.id in protected:
            raise refusals.protected()
        dead_streams.check(format.id, url_probe.client)
        if format.stream.protocol is Protocol.FILE:
            with contextlib.suppress(TransientError):
                whole_files.look(format.stream, url_probe.client)

    living = find_living(offer, url_probe.choose, look)
    lost = living.dead.union(protected)
    formats = tuple(each for each in offer.formats if each.id not in lost)
    return replace(offer, formats=formats, notes=offer.notes + living.notes)


def available(presentation: Presentation) -> list[RawRepresentation]:
    """Return what can be downloaded. Raises UnsupportedURL if that is not the whole
    presentation."""
    if presentation.live:
        raise refusals.live()
    if presentation.split:
        raise refusals.periods_differ()
    kept = [each for each in presentation.representations if not each.protected]
    if (
        {each.kind for each in presentation.representations}
        - {each.kind for each in kept}
        - {"text"}
    ):
        raise refusals.protected()
    if not any(each.kind != "text" for each in kept):
        raise refusals.broken("there is nothing in it")
    return kept


def _id(raw: RawRepresentation) -> str:
    return f"dash-{raw.id}"


def _format(
    raw: RawRepresentation,
    kind: StreamKind,
    manifest: Manifest,
    duration: float | None,
    spoken: str,
) -> Format:
    ext = _extension(raw, kind)
    return Format(
        id=_id(raw),
        stream=_stream(raw, kind, manifest),
        ext=ext,
        mime_type=f"{'audio' if kind is StreamKind.AUDIO else 'video'}/"
        f"{'webm' if ext == 'webm' else 'mp4'}",
        quality=quality_label(raw.height, raw.width),
        height=raw.height,
        width=raw.width,
        fps=raw.fps,
        video_codec=raw.video_codec or None,
        audio_codec=raw.audio_codec or None,
        bitrate=raw.bandwidth,
        estimate=_estimate(raw, duration),
        dynamic_range=raw.dynamic_range if raw.dynamic_range in _RANGES else "SDR",
        language=raw.language if kind is not StreamKind.VIDEO else "",
        preference=_preference(raw, spoken),
    )


def _stream(raw: RawRepresentation, kind: StreamKind, manifest: Manifest) -> Stream:
    if not raw.url:
        return Stream(
            url=manifest.url,
            headers=manifest.headers,
            kind=kind,
            protocol=Protocol.DASH,
            representation=raw.id,
        )
    url, *others = (join(manifest.url, base) for base in raw.bases[0])
    return Stream(
        url=url,
        headers=headers_for(manifest.headers, manifest.url, [url, *others]),
        kind=kind,
        validators=Validators(size=raw.size),
        alternates=tuple(others),
        offset=raw.offsets[0],
    )


def _kind(raw: RawRepresentation, has_sound: bool) -> StreamKind:
    """Return the kind of a representation. ``has_sound``: there is a separate sound; otherwise each
    picture may have its own, whatever its codecs are declared to be."""
    if raw.kind == "audio":
        return StreamKind.AUDIO
    return StreamKind.MUXED if raw.audio_codec or not has_sound else StreamKind.VIDEO


def _extension(raw: RawRepresentation, kind: StreamKind) -> str:
    if raw.ext == "webm":
        return "webm"
    if raw.ext == "ts" and raw.url:
        return "ts"
    return "m4a" if kind is StreamKind.AUDIO else "mp4"


def _estimate(raw: RawRepresentation, duration: float | None) -> int | None:
    if raw.size is not None:
        return raw.size
    return int(raw.bandwidth / 8 * duration) if raw.bandwidth and duration else None


def _first_language(media: Sequence[RawRepresentation]) -> str:
    """Return the language of the first sound that no role declares to be other than the
    original."""
    sounds = (each for each in media if each.kind == "audio" and not _is_aside(each))
    return next((each.language for each in sounds), "")


def _is_aside(raw: RawRepresentation) -> bool:
    return not _ASIDE.isdisjoint(raw.roles.split())


def _preference(raw: RawRepresentation, spoken: str) -> int:
    """Return the preference by DASH's roles (ISO/IEC 23009-1, 5.8.5.5); without one, players begin
    with the first language, ``spoken``."""
    if _is_aside(raw):
        return -10
    if raw.kind != "audio":
        return 0
    if "main" in raw.roles.split():
        return 10
    return 0 if raw.language == spoken else -5


def _subtitle(raw: RawRepresentation, manifest: Manifest) -> Subtitle:
    """Return the subtitles: a file of its own, with its mirrors; else its representation in the
    MPD."""
    roles = set(raw.roles.split())
    urls = [join(manifest.url, base) for base in raw.bases[0]] if raw.whole else [manifest.url]
    headers = headers_for(manifest.headers, manifest.url, urls)
    return Subtitle(
        language=raw.language or "und",
        url=urls[0],
        ext=raw.ext,
        name=raw.label,
        headers=headers if raw.whole else manifest.headers,
        protocol=Protocol.FILE if raw.whole else Protocol.DASH,
        representation="" if raw.whole else raw.id,
        forced=bool(roles & _FORCED),
        described="caption" in roles,
        offset=raw.offsets[0] if raw.whole else None,
        alternates=tuple(urls[1:]),
    )
