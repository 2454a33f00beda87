"""The measures of a mux's input and output, for the verdict (``verify``)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.core.humanize import clock
from downloads.engine.core.notes import Notes
from downloads.engine.media import lacks, verify
from downloads.engine.media.clipping import WHOLE, Clip
from downloads.engine.media.command import Tracks
from downloads.engine.media.formats import MP4_FAMILY
from downloads.engine.media.job import FfmpegJob
from downloads.engine.media.join import JoinedPart
from downloads.engine.media.mkv_index import read_blocks
from downloads.engine.media.mp4_index import read_index
from downloads.engine.media.opening import KnownInput
from downloads.engine.media.packets import TrackPackets, read_packets
from downloads.engine.media.recipe import Recipe
from downloads.engine.media.scan import AUDIO, VIDEO, PieceSpan
from downloads.engine.media.verify import Packets, PlacedPart

_TOLD: Final = 0.1  # seconds
READ: Final = "packets.txt"
_MATROSKA: Final = frozenset({"mkv", "mka", "webm", "weba"})


def judge_film(
    job: FfmpegJob,
    output: Path,
    recipe: Recipe,
    tracks: Tracks,
    ready: Sequence[KnownInput],
    streams: Sequence[Sequence[JoinedPart]],
    notes: Notes,
) -> None:
    """Judge the file ``output`` from ``ready``; ``streams``: the parts that those were joined from.

    Raises ProcessingFailed if something was lost, doubled or displaced.
    """
    read = read_packets(job.folder / READ)
    for kind, track in read.items():
        if not track.count:
            raise ProcessingFailed(f"nothing of the {kind} was read")
    if streams:
        _judge_joined(streams, read)
    placed = _placed(ready, tracks, streams, read)
    verify.verify_pieces(placed, read)
    verify.verify_counts(placed)
    written = _written(output, recipe)
    if written is not None:
        copied = {
            kind: track for kind, track in read.items() if kind == VIDEO or not recipe.audio_codec
        }
        verify.verify_kinds(written, list(read))
        verify.verify_written(copied, written)
    lacks.tell_lacks(placed, read, notes)
    _tell_converted(streams, notes)
    _tell_left_out(streams, notes)


def _tell_left_out(streams: Sequence[Sequence[JoinedPart]], notes: Notes) -> None:
    for part in itertools.chain.from_iterable(streams):
        if part.until is not None and (over := part.times.length - part.until) > _TOLD:
            notes.add(
                f"{over:.1f} s of the site's sound reach into the next part of the film at "
                f"{clock(part.begins + part.until)} and are left out."
            )


def _tell_converted(streams: Sequence[Sequence[JoinedPart]], notes: Notes) -> None:
    for parts in streams:
        forms = [each.source.printed.audio for each in parts if AUDIO in each.packets]
        codecs = list(dict.fromkeys(sound.codec for sound in forms if sound))
        if len(codecs) > 1:
            notes.add(
                f"The site's sound changes its codec midway ({', '.join(codecs)}): all of it was "
                f"made {codecs[0]}, since a file holds one."
            )


def _judge_joined(streams: Sequence[Sequence[JoinedPart]], read: Packets) -> None:
    for parts in streams:
        for kind in (VIDEO, AUDIO):
            having = [part for part in parts if kind in part.kinds]
            is_copied = all(kind in part.packets for part in having)
            is_copied &= kind == VIDEO or not any(part.is_encoded for part in having)
            if having and is_copied and kind in read:
                verify.verify_joined(
                    kind, [(part.begins, part.packets[kind]) for part in having], read[kind]
                )


def _placed(
    ready: Sequence[KnownInput],
    tracks: Tracks,
    streams: Sequence[Sequence[JoinedPart]],
    read: Packets,
) -> list[PlacedPart]:
    if streams:
        return [
            _part(part.source, part.begins, part.packets, part.begins, part.shown)
            for parts in streams
            for part in parts
        ]
    found = []
    for place, known in enumerate(ready):
        kinds = {}
        if tracks.video == place and VIDEO in read:
            kinds[VIDEO] = read[VIDEO]
        if tracks.audio == place and AUDIO in read:
            kinds[AUDIO] = read[AUDIO]
        found.append(_part(known, known.opened.offset, kinds, 0.0))
    return found


def _part(
    known: KnownInput,
    begins: float,
    packets: dict[str, TrackPackets],
    zero: float,
    clip: Clip = WHOLE,
) -> PlacedPart:
    """Return the part with its measures. ``zero``: the film's time of 0 in ``packets``."""
    firsts = {
        kind: track.decoded[0] * track.tick + zero for kind, track in packets.items() if track.count
    }
    part = known.part
    spans = part.spans if part else []
    if known.start is None:
        spans = [(name, PieceSpan(is_cut=span.is_cut)) for name, span in spans]
    period = part.scanner.period if part and part.scanner else None
    sound = known.printed.audio
    numbers = {AUDIO: sound.number} if sound and sound.number else {}
    start = (known.start or 0.0) + clip.skipped
    until = None if clip.until is None else begins + clip.until
    counts = {kind: track.count for kind, track in packets.items()} if clip == WHOLE else {}
    return PlacedPart(spans, start, begins, firsts, period, numbers, until, counts)


def _written(output: Path, recipe: Recipe) -> Packets | None:
    """Return the packets; None for a container of sound alone, which ffmpeg packetises as it
    likes."""
    if recipe.ext in MP4_FAMILY:
        return read_index(output)
    if recipe.ext not in _MATROSKA:
        return None
    return read_blocks(output)
