"""The child that reads subtitles, in this process: whatever a stranger sends spoils only itself."""

from __future__ import annotations

import random
from typing import Any

import pytest

from downloads.engine.media import mp4_text, subtitle_child
from downloads.engine.media.subtitle_child import Unusable, convert
from downloads.engine.media.webvtt import read
from tests.support.streaming.text_tracks import EMPTY, header, segment, ttml, vttc

VTT = b"""WEBVTT
X-TIMESTAMP-MAP=MPEGTS:9000,LOCAL:00:00.100

REGION
id:a

an id
00:00:01.000 --> 00:00:03.000 line:0 region:a
<v Ann>Hi
there

NOTE x

00:04.000 --> 00:05.000
Bye
"""
SEEDS = {
    "vtt": VTT,
    "srt": b"1\n00:00:01,000 --> 00:00:02,000\n<i>one</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nb\n",
    "ssa": b"[Events]\nFormat: Start, End, Text\nDialogue: 0:00:01.00,0:00:02.00,{\\i1}a{\\i0}\n",
    "ttml": b'<?xml version="1.0"?>' + ttml(("1s", "3s", "a<br/>b"), ("00:00:04:05", "6s", "x")),
    "wvtt": header(b"wvtt") + segment(0, [(1000, EMPTY), (500, vttc("one", "line:0"))]),
    "stpp": header(b"stpp") + segment(0, [(4000, ttml(("1s", "2s", "x")))]),
}
ROUNDS = 250
KNOWN = (Unusable, mp4_text.UnreadableText, ValueError, SyntaxError)


def told(*pieces: bytes, **more: Any) -> tuple[bytes, dict[str, Any]]:
    content, places = b"", []
    for piece in pieces:
        place = {"offset": len(content), "size": len(piece), "at": None, "part": None, "shift": 0.0}
        places.append(place)
        content += piece
    facts = {"kind": "vtt", "charset": "", "language": "", "parts": 1, "starts": [], "length": None}
    return content, {**facts, "pieces": places, **more}


def mutated(seed: bytes, chance: random.Random) -> bytes:
    content = bytearray(seed)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(content) or 1)
        what = chance.randrange(4)
        if what == 0:
            content[at : at + chance.randint(0, 20)] = b""
        elif what == 1:
            content[at:at] = bytes(content[chance.randrange(len(content) or 1) :][:40])
        elif what == 2:
            content[at : at + 1] = bytes([chance.randrange(256)])
        else:
            content[at:at] = chance.choice([b"\n\n", b"-->", b"<", b"&", b"\0", b"9" * 30, b"\xff"])
    return bytes(content)


@pytest.mark.parametrize("kind", SEEDS)
def test_mutated_files(kind: str) -> None:
    """Read or refused by a known error; what is written can be read again, cue by cue."""
    chance = random.Random(f"subtitles {kind}")
    read_ones = 0
    for _ in range(ROUNDS):
        content, facts = told(mutated(SEEDS[kind], chance), length=chance.choice([None, 60.0]))
        try:
            _, made, inside = convert(content, facts)
        except KNOWN:
            continue
        again = [cue for file in read(made) for cue in file.cues]
        assert len(again) == made.count(" --> ")
        assert all(cue.end > cue.start >= 0 and cue.text.strip() for cue in again)
        if inside:
            assert all(cue.end <= 60 for file in read(inside) for cue in file.cues)
        read_ones += bool(again)
    assert read_ones >= 10


def test_a_broken_piece_spoils_itself_alone() -> None:
    content, facts = told(VTT, b"<tt><body>", b"\0\0\0\1moof", b"", VTT)
    outcome, made, _ = convert(content, facts)
    assert outcome == {"broken": [1, 2], "cause": "broken", "found": 2}
    assert made.count(" --> ") == 2


def test_too_many_cues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subtitle_child, "_MOST", 1)
    with pytest.raises(Unusable, match="many"):
        convert(*told(VTT))
