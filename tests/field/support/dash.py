"""Media presentation descriptions, put together of strings."""

from __future__ import annotations

from tests.field.support.clips import Pieces

VIDEO = 'mimeType="video/mp4" codecs="avc1.42c00a" width="160" height="90" frameRate="25"'
AUDIO = 'mimeType="audio/mp4" codecs="mp4a.40.2" audioSamplingRate="48000"'
LIVE, ON_DEMAND = "isoff-live", "isoff-on-demand"


def mpd(
    *content: str, length: str = "PT4S", profile: str = LIVE, lead: str = "", more: str = ""
) -> bytes:
    """``content``: of the MPD element, its periods first of all."""
    duration = f'mediaPresentationDuration="{length}" ' if length else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{lead}'
        f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'xmlns:cenc="urn:mpeg:cenc:2013" type="static" {duration}minBufferTime="PT2S" '
        f'profiles="urn:mpeg:dash:profile:{profile}:2011" {more}>{"".join(content)}</MPD>\n'
    ).encode()


def period(*sets: str, attributes: str = "") -> str:
    return f"<Period {attributes}>{''.join(sets)}</Period>"


def numbered(
    name: str, kind: str, *, timescale: int = 1000, duration: int = 1000, start: int = 0,
    media: str = "", offset: int = 0, content: str = "", attributes: str = "",
) -> str:  # fmt: skip
    """An AdaptationSet whose pieces are counted: ``<name>-<number>.m4s`` and ``<name>-init.mp4``.

    ``content``: before the template; ``attributes``: of the set.
    """
    shift = f' presentationTimeOffset="{offset}"' if offset else ""
    return (
        f'<AdaptationSet {attributes}>{content}<SegmentTemplate timescale="{timescale}" '
        f'duration="{duration}" startNumber="{start}"{shift} initialization="{name}-init.mp4" '
        f'media="{media or f"{name}-$Number$.m4s"}"/>'
        f'<Representation id="{name}" bandwidth="100000" {kind}/></AdaptationSet>'
    )


def timed(
    name: str, kind: str, timeline: str, *, timescale: int = 1000, offset: int = 0,
    media: str = "", start: int = 0,
) -> str:  # fmt: skip
    """An AdaptationSet with a SegmentTimeline of these ``S`` elements."""
    shift = f' presentationTimeOffset="{offset}"' if offset else ""
    return (
        f'<AdaptationSet><SegmentTemplate timescale="{timescale}"{shift} startNumber="{start}" '
        f'initialization="{name}-init.mp4" media="{media or f"{name}-$Number$.m4s"}">'
        f"<SegmentTimeline>{timeline}</SegmentTimeline></SegmentTemplate>"
        f'<Representation id="{name}" bandwidth="100000" {kind}/></AdaptationSet>'
    )


def files(root: str, name: str, pieces: Pieces, first: int = 0) -> dict[str, bytes]:
    """The pieces under the names that ``numbered`` gives them."""
    named = {f"{root}/{name}-{at}.m4s": part for at, part in enumerate(pieces.parts, start=first)}
    return {f"{root}/{name}-init.mp4": pieces.init, **named}
