"""A batch of whole fetches from an origin that spoils segments.

``python -m tests.field.fuzz.fetches MEDIA SEED COUNT``, in a process of its own. Each ends in an
error that is not ours, or in a film whose packets are some of those that the origin sent, in the
origin's order, with all those of the pieces that were not spoilt. Prints a line of JSON:
``{"fetches": n, "films": n}``, or the first failure.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.field.fuzz.mutations import mutate
from tests.field.support.clips import Clips, Pieces
from tests.field.support.dash import AUDIO, VIDEO, mpd, numbered, period
from tests.field.support.expected import Outcome
from tests.field.support.fetching import fetch
from tests.field.support.hls import listing, master, variant
from tests.field.support.kind import Form
from tests.field.support.packets import packets
from tests.support.answers import file, missing, page, reply, then_close
from tests.support.origin import Origin
from tests.support.request import Answer, Request

Body = tuple[bytes, ...]  # sent one behind the other, each with packets of its own
Spoil = Callable[[random.Random, list[bytes], int], Body | None]  # None: no such piece
GROUP = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="a.m3u8"'


def _flipped(rng: random.Random, parts: list[bytes], at: int) -> Body:
    return (mutate(rng, parts[at], ()),)


def _other(rng: random.Random, parts: list[bytes], at: int) -> Body:
    return (rng.choice(parts),)


def _twice(rng: random.Random, parts: list[bytes], at: int) -> Body:
    return (parts[at], parts[at])


def _cut(rng: random.Random, parts: list[bytes], at: int) -> Body:
    return (parts[at][: rng.randint(0, len(parts[at]))],)


def _before(rng: random.Random, parts: list[bytes], at: int) -> Body:
    return (rng.randbytes(rng.randint(1, 400)) + parts[at],)


def _behind(rng: random.Random, parts: list[bytes], at: int) -> Body:
    return (parts[at] + rng.randbytes(rng.randint(1, 400)),)


SPOILS: dict[str, Spoil] = {
    "mutated": _flipped,
    "another in its place": _other,
    "doubled": _twice,
    "cut": _cut,
    "empty": lambda rng, parts, at: (b"",),
    "gone": lambda rng, parts, at: None,
    "a page": lambda rng, parts, at: (b"<!doctype html><html><body>Sorry</body></html>",),
    "garbage before it": _before,
    "garbage behind it": _behind,
}
ERRORS = ("500", "503", "403", "hang-up", "short")
SHAPES = ("ts", "cmaf", "apart", "dash")
TABLES = 3 * 188  # what ffmpeg opens each transport stream with: SDT, PAT, PMT


@dataclass
class Plan:
    """Of one fetch. ``tracks``: by the letter in the names of its pieces."""

    shape: str
    tracks: dict[str, Pieces]
    bodies: dict[str, list[Body | None]]
    errors: dict[tuple[str, int], tuple[str, int]]  # (kind, how often) by piece
    told: list[str] = field(default_factory=list)
    sent: collections.Counter[tuple[str, int]] = field(default_factory=collections.Counter)

    def answer(self, request: Request) -> Answer:
        name = request.name
        if name.endswith((".m3u8", ".mpd")):
            return file(request, self._list(name))
        letter, _, place = name.partition("-")
        if place == "init":
            return file(request, self.tracks[letter].init)
        return self._piece(request, letter, int(place))

    def _piece(self, request: Request, letter: str, at: int) -> Answer:
        body = self.bodies[letter][at]
        whole = b"".join(body or ())
        kind, often = self.errors.get((letter, at), ("", 0))
        self.sent[letter, at] += 1
        if kind and self.sent[letter, at] <= often:
            if kind == "hang-up":
                return None
            if kind == "short" and whole:
                return then_close(reply(whole[: len(whole) // 2], length=len(whole)))
            return page("sorry", int(kind) if kind.isdigit() else 500)
        return missing() if body is None else file(request, whole)

    def _list(self, name: str) -> bytes:
        letter = name.partition(".")[0]
        if name == "film.mpd":
            sets = (numbered(each, kind, media=f"{each}-$Number$") for each, kind in
                    (("v", VIDEO), ("a", AUDIO)))  # fmt: skip
            return mpd(period(*sets)).replace(b"-init.mp4", b"-init")
        if name == "film.m3u8" and self.shape == "apart":
            return master(GROUP, variant("v.m3u8", more=',AUDIO="a"'))
        letter = "f" if name == "film.m3u8" else letter
        pieces = self.tracks[letter]
        return listing(pieces, f"{letter}-{{}}", init=f"{letter}-init" if pieces.init else "")

    def origin_packets(self, folder: Path, *, intact: bool = False) -> dict[str, list[str]]:
        """The packets of what was sent, piece by piece; ``intact``: of pieces that were not
        spoilt. Each is read behind the tables of its stream: a player has them from the pieces
        before, where a spoilt one has lost its own."""
        found: dict[str, list[str]] = collections.defaultdict(list)
        container = "mpegts" if self.shape == "ts" else "mov"
        for letter, pieces in self.tracks.items():
            head = pieces.init or pieces.parts[0][:TABLES]
            for at, body in enumerate(self.bodies[letter]):
                if intact and body != (pieces.parts[at],):
                    continue
                for n, part in enumerate(body or ()):
                    sent = folder / f"sent-{letter}-{at}-{n}"
                    sent.write_bytes(head + part)
                    for kind, its in packets(sent, container=container).items():
                        found[kind] += its
        return found


def plan(clips: Clips, seed: int) -> Plan:
    rng = random.Random(seed)
    shape = rng.choice(SHAPES)
    tracks = {
        "ts": lambda: {"f": clips.ts()},
        "cmaf": lambda: {"f": clips.cmaf()},
    }.get(shape, lambda: {"v": clips.cmaf(only="v"), "a": clips.cmaf(only="a")})()
    bodies: dict[str, list[Body | None]] = {
        letter: [(part,) for part in pieces.parts] for letter, pieces in tracks.items()
    }
    made = Plan(shape, tracks, bodies, {})
    for _ in range(rng.choice((1, 1, 2))):
        letter = rng.choice(list(tracks))
        at = rng.randrange(len(tracks[letter]))
        if rng.random() < 0.3:
            made.errors[letter, at] = (rng.choice(ERRORS), rng.choice((1, 1, 99)))
            made.told.append(f"{letter}{at}: {made.errors[letter, at]}")
        else:
            name = rng.choice(list(SPOILS))
            bodies[letter][at] = SPOILS[name](rng, list(tracks[letter].parts), at)
            made.told.append(f"{letter}{at}: {name}")
    return made


def failure(outcome: Outcome, made: Plan, folder: Path) -> str:
    """The reason why it is wrong; empty if it is right."""
    if outcome.code:
        return "an error of our own: " + outcome.log if outcome.code == "internal" else ""
    assert outcome.file is not None
    sent, intact = made.origin_packets(folder), made.origin_packets(folder, intact=True)
    torn = sum(map(_tears, made.told))
    for kind, track in packets(outcome.file).items():
        if (strangers := _strangers(track, sent[kind])) > torn:
            return f"{strangers} of {len(track)} packets ({kind}) are not the origin's"
        if (lost := _strangers(intact[kind], track)) > torn:
            return f"{lost} of {len(intact[kind])} packets ({kind}) of whole pieces are missing"
    return ""


def _tears(told: str) -> bool:
    """Does it tear a packet: does its last half depend on what is read behind it?"""
    return told.endswith(("cut", "mutated", "before it", "behind it"))


def _strangers(some: list[str], of: list[str]) -> int:
    """Return the number of packets not found among the others in their order."""
    left, strangers = of, 0
    for each in some:
        if each in left:
            left = left[left.index(each) + 1 :]
        else:
            strangers += 1
    return strangers


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("media", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    clips, films = Clips(given.media), 0
    for seed in range(given.seed, given.seed + given.count):
        made = plan(clips, seed)
        with tempfile.TemporaryDirectory() as name, Origin(handle=made.answer) as site:
            folder = Path(name)
            ending = "mpd" if made.shape == "dash" else "m3u8"
            form = Form(f"/film.{ending}", expected=None)  # type: ignore[arg-type]
            outcome = fetch(form.url(site.url("")), form, folder)
            films += not outcome.code
            if wrong := failure(outcome, made, folder):
                print(json.dumps({"seed": seed, "shape": made.shape, "spoilt": made.told,
                                  "error": wrong}))  # fmt: skip
                return
    print(json.dumps({"fetches": given.count, "films": films}))


if __name__ == "__main__":
    main()
