"""Peers hls.js and Shaka Player in Chromium, judged by the data that they pass to
``appendBuffer``."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Error

from benchmarks.peers import browser, verdicts
from benchmarks.peers.rows import LIMIT, Ask, Trial
from benchmarks.peers.verdicts import Cell
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.measure import Measured, Track, measure
from tests.support.answers import page, reply
from tests.support.origin import Origin
from tests.support.request import Request

PACKAGES = {"hls.js": "1.7.4", "shaka-player": "5.2.12"}
COMMAND = "{}: a page in Chromium that keeps what is passed to SourceBuffer.appendBuffer"
PLAYED = {"h264", "aac", "mp3"}  # by Chromium as distributions build it
_NO_CLOCKS = re.compile(rb"\0\0..(?:sidx|edts)", re.DOTALL)
_SCRIPTS = {
    "hls.js": "node_modules/hls.js/dist/hls.min.js",
    "shaka-player": "node_modules/shaka-player/dist/shaka-player.compiled.js",
}


@dataclass(frozen=True)
class Part:
    """One append. ``kind``: picture or sound, by its buffer; ``offset``: of its clock, seconds."""

    kind: str
    offset: float
    data: bytes

    @property
    def is_header(self) -> bool:
        return self.data[4:8] in (b"ftyp", b"moov") or self.data[:4] == b"\x1a\x45\xdf\xa3"


def hls_js(scratch: Path) -> AbstractContextManager[Ask]:
    return _player("hls.js", scratch)


def shaka(scratch: Path) -> AbstractContextManager[Ask]:
    return _player("shaka-player", scratch)


@contextmanager
def _player(name: str, scratch: Path) -> Iterator[Ask]:
    _install(name, scratch)
    with _page(name, scratch) as site, browser.tabs() as running:

        def ask(trial: Trial) -> Cell:
            if not _is_playable(trial.form.expected, trial.clips):
                return verdicts.NOT_ASKED
            with running.new_context() as context:
                try:
                    return _play(context.new_page(), site.url("/"), name, trial)
                except Error:
                    return verdicts.of_refusal(trial.form.expected)

        yield ask


def _install(name: str, folder: Path) -> None:
    """Fetch the player from npm into a scratch folder."""
    folder.mkdir(parents=True, exist_ok=True)
    flags = ("--no-save", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder))
    subprocess.run(["npm", "install", *flags, f"{name}@{PACKAGES[name]}"], check=True)


def _page(name: str, folder: Path) -> Origin:
    """Return a site with the player's page, on an origin of its own."""
    scripts = {
        "player.js": (Path(__file__).parent / "player.js").read_bytes(),
        "library.js": (folder / _SCRIPTS[name]).read_bytes(),
    }

    def handle(request: Request) -> bytes:
        if (body := scripts.get(request.name)) is not None:
            return reply(body, "text/javascript")
        tags = "".join(f'<script src="/{each}"></script>' for each in reversed(scripts))
        return page(f"<!doctype html><body><video muted></video>{tags}</body>")

    return Origin(handle=handle)


def _is_playable(expected: object, clips: Clips) -> bool:
    wanted = getattr(expected, "good", expected)
    if not isinstance(wanted, Film):
        return True
    right = measure(wanted.of(clips)) if wanted.of else Measured(None, None, "")
    codecs = {track.codec for track in (right.picture, right.sound) if track} | {wanted.codec}
    return codecs - {""} <= PLAYED


def _play(tab: Any, root: str, player: str, trial: Trial) -> Cell:
    tab.set_default_timeout(LIMIT * 1000)
    tab.goto(root)
    expected = trial.form.expected
    played = tab.evaluate(
        "(given) => play(...given)",
        [player, trial.url, not trial.form.quality, LIMIT - 8],
    )
    parts = [
        Part(one["kind"], one["offset"], base64.b64decode(one["bytes"]))
        for one in played["appended"]
    ]
    if played["fatal"] or all(part.is_header for part in parts):
        return verdicts.of_refusal(expected)
    cell = verdicts.of_film(expected, _measured(parts, trial.folder), trial.clips)
    # A film that never ends is not one that a viewer takes for whole.
    return cell if played["ended"] or cell.verdict == "right" else verdicts.of_refusal(expected)


def _measured(parts: Iterable[Part], folder: Path) -> Measured:
    found: dict[str, Track] = {}
    for at, (offset, data) in enumerate(_files(parts)):
        path = folder / f"{at}.media"
        path.write_bytes(data)
        got = measure(path)
        for name, track in (("picture", got.picture), ("sound", got.sound)):
            if track is not None:
                found[name] = _joined(found.get(name), track, offset)
    return Measured(found.get("picture"), found.get("sound"), "")


def _files(parts: Iterable[Part]) -> list[tuple[float, bytes]]:
    """Return a file for each stretch of a buffer under one header and one offset."""
    files: dict[tuple[str, bytes, float], bytes] = {}
    headers: dict[str, bytes] = {}
    for part in parts:
        data = _on_one_clock(part.data)
        if part.is_header:
            cut = data.find(b"moof") - 4
            headers[part.kind], data = (data, b"") if cut < 0 else (data[:cut], data[cut:])
        header = headers.get(part.kind, b"")
        if data:
            key = (part.kind, header, part.offset)
            files[key] = files.get(key, header) + data
    return [(offset, data) for (_, _, offset), data in files.items()]


def _on_one_clock(data: bytes) -> bytes:
    """Hide the clocks that ffmpeg obeys and a buffer does not: edit lists, and those of indexes."""
    return _NO_CLOCKS.sub(lambda found: found[0][:4] + b"free", data, count=8)


def _joined(first: Track | None, second: Track, offset: float) -> Track:
    """Return both on the buffer's clock; of two at one time the later one stays, as in the
    buffer."""
    placed = {
        round(time + offset, 3): crc for time, crc in zip(second.times, second.hashes, strict=True)
    }
    last = second.length - (second.times[-1] - second.times[0])
    ends = max(placed) + last
    if first is not None:
        ends = max(ends, first.times[0] + first.length)
        placed = dict(zip(first.times, first.hashes, strict=True)) | placed
    times = tuple(sorted(placed))
    return replace(
        first or second,
        times=times,
        hashes=tuple(placed[time] for time in times),
        length=ends - times[0],
    )
