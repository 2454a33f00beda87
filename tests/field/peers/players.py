"""hls.js and Shaka Player in Chromium, judged by what they pass to ``appendBuffer``."""

from __future__ import annotations

import base64
import itertools
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.field.peers import verdicts
from tests.field.peers.verdicts import Verdict
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.kind import Form
from tests.field.support.measure import Measured, Track, measure
from tests.field.support.origin import Request, Site, reply
from tests.field.support.origin import page as html

PACKAGES = {"hls.js": "1.7.4", "shaka-player": "5.2.12"}
_SCRIPTS = {
    "hls.js": "node_modules/hls.js/dist/hls.min.js",
    "shaka-player": "node_modules/shaka-player/dist/shaka-player.compiled.js",
}
_HEADERS = (b"ftyp", b"\x1a\x45\xdf\xa3")


def install(folder: Path) -> None:
    """Fetch the players from npm into a scratch folder."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--silent"]
    subprocess.run([*command, "--prefix", str(folder), *wanted], check=True)


def page_of(folder: Path) -> Site:
    """The page that plays, on an origin of its own."""
    scripts = {name: (folder / path).read_bytes() for name, path in _SCRIPTS.items()}
    scripts["player.js"] = (Path(__file__).parent / "player.js").read_bytes()

    def handle(request: Request) -> bytes:
        if (body := scripts.get(request.name)) is not None:
            return reply(body, "text/javascript")
        tags = "".join(f'<script src="/{name}"></script>' for name in scripts)
        return html(f"<!doctype html><body><video muted></video>{tags}</body>")

    return Site(handle=handle)


def play(
    tab: Any, root: str, player: str, url: str, form: Form, clips: Clips, folder: Path
) -> Verdict:
    tab.goto(root)
    texts = isinstance(form.expected, Film) and form.expected.cues is not None
    told = tab.evaluate(
        "([player, url, best, texts]) => play(player, url, best, texts)",
        [player, url, not form.quality, texts],
    )
    if told["fatal"] or not told["appended"]:
        return verdicts.of_refusal(form.expected)
    verdict = verdicts.of_film(form.expected, _measured(told["appended"], folder), clips)
    if texts and verdict is Verdict.RIGHT:
        assert isinstance(form.expected, Film)
        cues = tuple((round(a, 1), round(b, 1), text) for a, b, text in told["cues"])
        right = tuple(dict.fromkeys(sorted(cues))) == form.expected.cues
        return Verdict.RIGHT if right else Verdict.WRONG
    return verdict


def _measured(appended: Iterable[dict[str, Any]], folder: Path) -> Measured:
    tracks = {}
    for kind, each in itertools.groupby(
        sorted(appended, key=lambda one: one["kind"]), lambda one: one["kind"]
    ):
        tracks[kind] = list(each)
    found: dict[str, Track | None] = {"picture": None, "sound": None}
    for kind, parts in tracks.items():
        # both may stand in one buffer
        for name, track in _tracks(parts, folder / kind).items():
            found[name] = found[name] or track
    return Measured(found["picture"], found["sound"], "")


def _tracks(parts: list[dict[str, Any]], folder: Path) -> dict[str, Track]:
    """Each header and what follows it is a file; their tracks are put one behind the other."""
    folder.mkdir()
    files: list[tuple[float, bytes]] = []
    header = b""
    for part in parts:
        data = base64.b64decode(part["bytes"])
        if data[4:8] in _HEADERS or data[:4] in _HEADERS:
            header = data
            if b"moof" not in data:
                continue
            data = b""
        if files and files[-1][0] == part["offset"] and files[-1][1].startswith(header):
            files[-1] = (part["offset"], files[-1][1] + data)
        else:
            files.append((part["offset"], header + data))
    found: dict[str, Track] = {}
    for at, (offset, data) in enumerate(files):
        path = folder / f"{at}.media"
        path.write_bytes(data)
        got = measure(path)
        for name, track in (("picture", got.picture), ("sound", got.sound)):
            if track is not None:
                found[name] = _joined(found.get(name), track, offset)
    return found


def _joined(first: Track | None, second: Track, offset: float) -> Track:
    times = tuple(time + offset for time in second.times)
    if first is None:
        return replace(second, times=times)
    length = times[0] + second.length - first.times[0]
    return replace(
        first, times=first.times + times, hashes=first.hashes + second.hashes, length=length
    )
