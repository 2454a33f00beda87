"""The peers of a family, and their cells."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

from benchmarks.peers import browser, players, programs
from benchmarks.peers.rows import Peer, Trial, rows
from benchmarks.peers.verdicts import Cell
from tests.field.support.clips import Clips
from tests.support.shell import ROOT

Peers = dict[str, Peer]


def peers_of(family: str, scratch: Path) -> tuple[Peers, list[str], dict[str, str]]:
    """Return the peers in order, Ferry last; the command of each; their versions."""
    npm = scratch / "npm"
    by_family: dict[str, Peers] = {
        "http": {"curl": programs.curl, "Chromium": browser.chromium},
        "hls": {"hls.js": lambda: players.hls_js(npm), "ffmpeg": programs.ffmpeg},
        "dash": {"Shaka": lambda: players.shaka(npm), "ffmpeg": programs.ffmpeg},
    }
    known = {
        "curl": (programs.CURL, {"curl": _version("curl")}),
        "Chromium": (browser.DOWNLOAD, {"Chromium": _version(browser.path())}),
        "ffmpeg": (programs.FFMPEG, {"ffmpeg": _version("ffmpeg", "-version")}),
        "hls.js": _of_player("hls.js"),
        "Shaka": _of_player("shaka-player"),
        "Ferry": (programs.FERRY, {"Ferry": _version("git", "rev-parse", "--short", "HEAD")}),
    }
    peers = {**by_family[family], "Ferry": programs.ferry}
    commands = [known[name][0] for name in peers]
    versions = {key: version for name in peers for key, version in known[name][1].items()}
    return peers, commands, versions


def _of_player(name: str) -> tuple[str, dict[str, str]]:
    versions = {name: players.PACKAGES[name], "Chromium": _version(browser.path())}
    return players.COMMAND.format(name), versions


def cells_of(family: str, only: Collection[str], name: str, scratch: Path) -> list[Cell]:
    """Run every row on one peer."""
    clips, found = Clips(scratch / "media"), []
    peer = peers_of(family, scratch)[0][name]
    with tempfile.TemporaryDirectory(dir=scratch) as folder, peer() as ask:
        for at, row in enumerate(rows(family, only)):
            place = Path(folder) / str(at)
            place.mkdir()
            # An origin of its own, so that its counters start at zero.
            with row.origin(clips) as site:
                found.append(ask(Trial(row.form, site, clips, place)))
            print(name, row.kind, row.name.strip(), found[-1], sep=" | ", flush=True)
    return found


def _version(*command: str) -> str:
    command = command if len(command) > 1 else (*command, "--version")
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return next(word for word in done.stdout.split() if any(map(str.isdigit, word)))
