"""Subtitles in whatever form become WebVTT; what is in them stays text."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.media.subtitles import SubtitleSource, convert

SRT = """1
00:00:01,000 --> 00:00:02,500 X1:40 X2:600
<i>Hello</i>, <font color="red">you</font> & me
{\\an8}up here

2
00:01:00,000 --> 00:01:01,000
a --> b <script>x</script>
"""
HLS = """WEBVTT
X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000

STYLE
::cue { color: red }

00:00.000 --> 00:01.000 line:90% align:start evil:1
one

00:01.000 --> 00:03.000
two

WEBVTT
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:1080000

NOTE a note

an id
00:00:00.000 --> 00:00:01.000
<b>three</b>

00:00:01.000 --> 00:00:02.000
four
"""
TTML = """<?xml version="1.0" encoding="utf-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
    ttp:frameRate="25" ttp:tickRate="1000">
 <head><styling><style xml:id="s"/></styling></head>
 <body><div begin="10s">
  <p begin="00:00:01.500" end="00:00:02:05">One &amp; <span>two</span><br/>&lt;three&gt;</p>
  <p begin="3000t" dur="500ms">Four</p>
  <p begin="25f" end="2s">   </p>
 </div></body>
</tt>"""


def _converted(work_dir: Path, content: str | bytes, ext: str) -> str:
    source, output = work_dir / f"in.{ext}", work_dir / "out.vtt"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    count = convert(SubtitleSource(source, ext), output, work_dir=work_dir).cues
    text = output.read_text(encoding="utf-8")
    assert text.startswith("WEBVTT\n")
    assert text.count(" --> ") == count
    return text


def test_srt(work_dir: Path) -> None:
    assert _converted(work_dir, SRT.replace("\n", "\r\n"), "srt") == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:02.500\n<i>Hello</i>, you &amp; me\nup here\n\n"
        "00:01:00.000 --> 00:01:01.000\na -&gt; b &lt;script&gt;x&lt;/script&gt;\n"
    )


def test_the_pieces_of_an_hls_playlist(work_dir: Path) -> None:
    """Each piece says where its clock is on that of the picture (RFC 8216, 3.5): the second's is
    two seconds on, so its first cue overlaps none and keeps its order."""
    assert _converted(work_dir, HLS, "vtt") == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:01.000 line:90% align:start\none\n\n"
        "00:00:01.000 --> 00:00:03.000\ntwo\n\n"
        "00:00:02.000 --> 00:00:03.000\n<b>three</b>\n\n"
        "00:00:03.000 --> 00:00:04.000\nfour\n"
    )


def test_a_cue_over_a_cut_is_shown_once(work_dir: Path) -> None:
    piece = "WEBVTT\n\n00:09.000 --> 00:11.000\nover the cut\n\n"
    assert _converted(work_dir, piece * 2, "vtt").count("over the cut") == 1


def test_ttml(work_dir: Path) -> None:
    assert _converted(work_dir, TTML, "ttml") == (
        "WEBVTT\n\n"
        "00:00:11.500 --> 00:00:12.200\nOne &amp; two\n&lt;three&gt;\n\n"
        "00:00:13.000 --> 00:00:13.500\nFour\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_older_encodings(work_dir: Path, encoding: str) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nd\u00e9j\u00e0 vu\n"
    assert "d\u00e9j\u00e0 vu" in _converted(work_dir, text.encode(encoding), "srt")


def test_an_encoding_that_is_told_by_its_bytes(work_dir: Path) -> None:
    """Its detection works in the jail."""
    words = "\u041f\u0440\u0438\u0432\u0435\u0442. \u041a\u0430\u043a \u0434\u0435\u043b\u0430?"
    text = f"1\n00:00:01,000 --> 00:00:02,000\n{words}\n"
    assert words in _converted(work_dir, text.encode("cp1251"), "srt")


def test_nothing_in_it(work_dir: Path) -> None:
    assert _converted(work_dir, "WEBVTT\n", "vtt") == "WEBVTT\n"


@pytest.mark.parametrize(
    ("content", "ext"),
    [
        ("<tt><p begin='never'/></tt>", "ttml"),
        ("<tt>", "ttml"),
        ("not xml", "ttml"),
        ("anything", "exe"),
        (
            "<!DOCTYPE tt [<!ENTITY a 'aaaaaaaaaa'>"
            + "".join(
                f"<!ENTITY {n} '{f'&{p};' * 10}'>"
                for p, n in zip("abcdefgh", "bcdefghi", strict=True)
            )
            + "]><tt><body><p begin='1s' end='2s'>&i;</p></body></tt>",
            "ttml",
        ),
    ],
    ids=["time", "cut", "text", "format", "bomb"],
)
def test_what_is_broken(work_dir: Path, content: str, ext: str) -> None:
    source, output = work_dir / "in", work_dir / "out.vtt"
    source.write_text(content)
    with pytest.raises(ProcessingFailed):
        convert(SubtitleSource(source, ext), output, work_dir=work_dir)
    assert not output.exists()


def test_xml_that_names_a_file_gets_nothing(work_dir: Path) -> None:
    secret = work_dir.parent / "secret.txt"
    secret.write_text("the secret")
    content = (
        f"<!DOCTYPE tt [<!ENTITY x SYSTEM 'file://{secret}'>]>"
        "<tt><body><p begin='1s' end='2s'>a&x;b</p></body></tt>"
    )
    source, output = work_dir / "in", work_dir / "out.vtt"
    source.write_text(content)
    try:
        convert(SubtitleSource(source, "ttml"), output, work_dir=work_dir)
    except ProcessingFailed:
        return
    assert "secret" not in output.read_text()


def test_a_file_too_large(work_dir: Path) -> None:
    source = work_dir / "in.srt"
    with source.open("wb") as file:
        file.truncate(33 * 1024**2)
    with pytest.raises(ProcessingFailed):
        convert(SubtitleSource(source, "srt"), work_dir / "out.vtt", work_dir=work_dir)


CUE = "1:2:3,4 --> 1:2:4,0\n"
LONG = {
    "lines": "x" + "\n" * 1_000_000,
    "comments": "<!---->" * 100_000,
    "open": "<!-- " * 200_000,
    "colons": "1:" * 500_000,
    "digits": "0" * 1_000_000,
    "hours": "WEBVTT\n\n" + "0" * 1_000_000 + " --> 1",
    "files": "WEBVTT\n\n" * 100_000,
    "tags": CUE + "<" * 1_000_000,
    "end": "1:2:3,4 --> " + "1" * 1_000_000,
    "codes": CUE + "{\\" * 300_000,
    "fonts": CUE + "<font " * 150_000,
    "blanks": CUE + "<" + " " * 1_000_000 + "b",
    "entities": "<tt><body><p>" + "&a" * 300_000,
    "types": "<!DOCTYPE tt [" * 50_000,
    "ssa": "Dialogue: 0,0:0:1.0,0:0:2.0,x,,0,0,0,," + "{" * 300_000,
    "cues": "WEBVTT\n\n" + "00:01.000 --> 00:02.000\nx\n\n" * 100_000,
}


@pytest.mark.parametrize("content", LONG.values(), ids=LONG)
def test_what_takes_long_to_look_through(work_dir: Path, content: str) -> None:
    """It is read or refused; a minute of computing would be a failure of the child."""
    source = work_dir / "in"
    source.write_text(content)
    refused = ""
    try:
        convert(SubtitleSource(source, "vtt"), work_dir / "out.vtt", work_dir=work_dir)
    except ProcessingFailed as error:
        refused = error.detail
    assert not refused or refused.startswith("subtitles: 1")
