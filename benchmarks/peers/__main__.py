"""Put every form of a family to its peers, and write the section of ``docs/peers.md``."""

from __future__ import annotations

import argparse
import datetime
import subprocess
import tempfile
from pathlib import Path

from benchmarks.peers import browser, document, players, programs
from benchmarks.peers.rows import Asked, Peer, Row, rows
from tests.field.support.clips import Clips
from tests.support.shell import ROOT

Peers = dict[str, Peer]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("family", choices=document.TITLES)
    parser.add_argument("--only", nargs="*", default=(), help="kinds; the table is printed")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "ferry-peers")
    given = parser.parse_args()
    chosen = rows(given.family, given.only)
    given.scratch.mkdir(parents=True, exist_ok=True)
    clips = Clips(given.scratch / "media")
    peers, commands, versions = _peers(given.family, given.scratch)
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        for name, peer in peers.items():
            _ask(name, peer, chosen, clips, Path(scratch) / name)
    if given.only:
        print(document.table(chosen))
        return
    on = datetime.datetime.now(datetime.UTC).date().isoformat()
    section = document.section(given.family, chosen, commands, versions, on)
    document.write(ROOT / "docs" / "peers.md", given.family, section)


def _peers(family: str, scratch: Path) -> tuple[Peers, list[str], dict[str, str]]:
    """The peers in their order, Ferry last; what each is asked; their versions."""
    npm = scratch / "npm"
    by_family: dict[str, Peers] = {
        "http": {"curl": programs.curl, "Chromium": browser.chromium},
        "hls": {"hls.js": lambda: players.hls_js(npm), "ffmpeg": programs.ffmpeg},
        "dash": {"Shaka": lambda: players.shaka(npm), "ffmpeg": programs.ffmpeg},
    }
    asked = {
        "curl": (programs.CURL, {"curl": _version("curl")}),
        "Chromium": (browser.DOWNLOAD, {"Chromium": _version(browser.path())}),
        "ffmpeg": (programs.FFMPEG, {"ffmpeg": _version("ffmpeg", "-version")}),
        "hls.js": _asked_player("hls.js"),
        "Shaka": _asked_player("shaka-player"),
        "Ferry": (programs.FERRY, {"Ferry": _version("git", "rev-parse", "--short", "HEAD")}),
    }
    peers = {**by_family[family], "Ferry": programs.ferry}
    commands = [asked[name][0] for name in peers]
    versions = {key: told for name in peers for key, told in asked[name][1].items()}
    return peers, commands, versions


def _asked_player(name: str) -> tuple[str, dict[str, str]]:
    versions = {name: players.PACKAGES[name], "Chromium": _version(browser.path())}
    return players.SAID.format(name), versions


def _ask(name: str, peer: Peer, chosen: list[Row], clips: Clips, folder: Path) -> None:
    with peer() as ask:
        for at, row in enumerate(chosen):
            place = folder / str(at)
            place.mkdir(parents=True)
            # from an origin of its own: what it counts begins again
            with row.origin(clips) as site:
                row.cells[name] = ask(Asked(row.form, site, clips, place))
            print(name, row.kind, row.name.strip(), row.cells[name], sep=" | ", flush=True)


def _version(*command: str) -> str:
    command = command if len(command) > 1 else (*command, "--version")
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return next(word for word in done.stdout.split() if any(map(str.isdigit, word)))


if __name__ == "__main__":
    main()
