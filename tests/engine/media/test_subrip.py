"""SubRip as it is found in the world, as ffmpeg and mpv read it; and SubStation Alpha."""

from __future__ import annotations

import pytest

from downloads.engine.media import subrip
from downloads.engine.media.cues import Cue

RIGHT = [Cue(1, 2.5, "one"), Cue(3, 4, "two\nlines")]


@pytest.mark.parametrize(
    "text",
    [
        "1\n00:00:01,000 --> 00:00:02,500\none\n\n2\n00:00:03,000 --> 00:00:04,000\ntwo\nlines\n",
        "1\n00:00:01,000 --> 00:00:02,500\none\n2\n00:00:03,000 --> 00:00:04,000\ntwo\nlines",
        "00:00:01.000 --> 00:00:02.500\none\n\n00:00:03.000 --> 00:00:04.000\ntwo\nlines\n",
        "7\n0:0:1,0 --> 0:0:2,5\none\n\n\n\n7\n0:00:03,00-->0:00:04,0\n\ntwo\n\nlines\n\n9\n",
        (
            "x\n1\n00:01,000 -> 00:02,500 X1:0 X2:9 Y1:0 Y2:9\none\n\n"
            "2\n00:00:03:000 --> 00:00:04:000\ntwo\nlines\n\n"
        ),
        (
            "1 \n 00 : 00 : 01 , 000 --> 00 : 00 : 02 , 500 \none\n \n2\n"
            "00:00:03,000 --> 00:00:04,000\n{\\an8}two<br>lines\n"
        ),
    ],
    ids=["right", "no blank line", "no number", "blank lines", "positions", "blanks"],
)
def test_sloppy_files(text: str) -> None:
    cues = list(subrip.read_subrip(text))
    assert [Cue(cue.start, cue.end, cue.text.removesuffix("\n9")) for cue in cues] == RIGHT


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<i>a</i> <B>b</B> <u>c</u>", "<i>a</i> <b>b</b> <u>c</u>"),
        ('<font color="#fff" face=x>a</font>', "a"),
        ("{\\an8}{\\pos(1,2)}a{\\i1}", "a"),
        ("{i}a{/i}", "<i>a</i>"),
        ("a\\Nb", "a\nb"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("a &amp; b", "a &amp; b"),
        ("a --> b", "a -&gt; b"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("42", "42"),
    ],
)
def test_markup(text: str, shown: str) -> None:
    (cue,) = subrip.read_subrip(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n")
    assert cue.text == shown


def test_times_before_the_film() -> None:
    (cue,) = subrip.read_subrip("-00:00:01,500 --> 00:00:02,000\na\n")
    assert (cue.start, cue.end) == (-1.5, 2)


SSA = """[Script Info]
Title: x
[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,no
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\i1}one{\\i0}, and {\\b700\\fs20}more{\\b0}
Dialogue: 0,1:00:03.00,1:00:04.05,Default,,0,0,0,,two\\Nlines\\hhere
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
Dialogue: 0,x,0:00:06.00,Default,,0,0,0,,no
"""


def test_ssa() -> None:
    assert subrip.is_ssa(SSA)
    assert list(subrip.read_ssa(SSA)) == [
        Cue(1, 2.5, "<i>one</i>, and <b>more</b>"),
        Cue(3603, 3604.05, "two\nlines\u00a0here"),
    ]


def test_ssa_of_another_order() -> None:
    text = "[Events]\nFormat: Marked, Start, End, Text\nDialogue: 0,0:00:01.00,0:00:02.00,a, b\n"
    assert list(subrip.read_ssa(text)) == [Cue(1, 2, "a, b")]


@pytest.mark.parametrize("text", ["", "one\ntwo", "WEBVTT\n", "00:00:01,000", "<html>"])
def test_neither(text: str) -> None:
    assert not subrip.is_subrip(text)
    assert not subrip.is_ssa(text)
