"""WebVTT is read as browsers read it (https://www.w3.org/TR/webvtt1/, section 6)."""

from __future__ import annotations

import pytest

from downloads.engine.media import webvtt
from downloads.engine.media.cues import Cue, joined, write
from downloads.engine.media.webvtt import TimestampMap
from tests.support.browser import chromium

HEAD = "WEBVTT\n\n"
# Each is read alike by Chromium's TextTrack; see the last test.
BROWSERS = {
    "plain": "00:01.000 --> 00:02.000\none\n",
    "ids and settings": "an id\n00:00:01.000 --> 00:00:02.000 line:90% align:start\ntwo\nlines\n\n"
    "7\n100:00:03.000 --> 100:00:04.000\nlate\n",
    "no blank line between": "00:01.000 --> 00:02.000\none\n00:03.000 --> 00:04.000\ntwo\n",
    "an id right below a text": "00:01.000 --> 00:02.000\none\n2\n00:03.000 --> 00:04.000\ntwo\n",
    "notes and styles": "NOTE a note\nin lines\n\nSTYLE\n::cue { color: red }\n\n"
    "00:01.000 --> 00:02.000\none\n\nNOTE\nend\n",
    "an arrow in a text": "00:01.000 --> 00:02.000\none --> two\nthree\n\n"
    "00:03.000 --> 00:04.000\nx\n",
    "blanks around": "\n\n \n00:01.000 --> 00:02.000  \n one \n  \n two\n",
    "no blanks at the arrow": "00:01.000-->00:02.000\none\n",
    "wrong times": "00:60.000 --> 01:01.000\nno\n\n00:01.000 --> x\nno\n\n"
    "00:03.000 --> 00:04.000\nyes\n",
    "markup": "00:01.000 --> 00:02.000\n<v Ann>Hi <b>there</b> &amp; <font color=red>x</font> <3\n",
    "out of order": "00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:02.000\nearlier\n",
}


def read(text: str) -> list[Cue]:
    return [cue for file in webvtt.read(text) for cue in file.cues]


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_the_end_of_a_file(end: str) -> None:
    assert read(f"{HEAD}00:01.000 --> 00:02.500\none{end}") == [Cue(1, 2.5, "one")]


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("00:01.000 --> 00:02.000", (1, 2)),
        ("1:00:01.5 --> 01:00:02.1234", (3601.5, 3602.1234)),
        ("00:00:01,250 --> 00:00:02,500", (1.25, 2.5)),
        ("0:01.000 --> 0:02.000", (1, 2)),
        ("00:00:01 --> 00:00:02", (1, 2)),
        ("\t00:01.000\t-->\t00:02.000 position:10%", (1, 2)),
    ],
)
def test_forms_of_times(line: str, times: tuple[float, float]) -> None:
    (cue,) = read(f"{HEAD}{line}\nx\n")
    assert (cue.start, cue.end) == pytest.approx(times)


@pytest.mark.parametrize(
    "line", ["00:61.000 --> 01:02.000", "aa --> bb", "00:01.000 -> 00:02.000", "--> 00:02.000"]
)
def test_no_times(line: str) -> None:
    assert read(f"{HEAD}{line}\nx\n\n00:03.000 --> 00:04.000\ny\n") == [Cue(3, 4, "y")]


def test_settings_that_a_browser_does_not_know() -> None:
    (cue,) = read(f"{HEAD}00:01.000 --> 00:02.000 line:5%,start evil:1 align: region:a x\none\n")
    assert cue.settings == "line:5%,start region:a"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000", TimestampMap(900000, 0)),
        ("X-TIMESTAMP-MAP=LOCAL:00:01.500,MPEGTS:900000", TimestampMap(900000, 1.5)),
        ("X-TIMESTAMP-MAP=LOCAL:01:00:00.000, MPEGTS: 9", TimestampMap(9, 3600)),
        ("X-TIMESTAMP-MAP=MPEGTS:9", TimestampMap(9, 0)),
        ("X-SOMETHING=1", None),
    ],
)
def test_maps(line: str, expected: TimestampMap | None) -> None:
    (file,) = webvtt.read(
        f"WEBVTT some words\nKind: captions\n{line}\n\n00:01.000 --> 00:02.000\nx"
    )
    assert file.map == expected
    assert file.cues == [Cue(1, 2, "x")]


def test_a_map_behind_a_blank_line() -> None:
    (file,) = webvtt.read(
        "WEBVTT\n\nX-TIMESTAMP-MAP=MPEGTS:9,LOCAL:0:00.000\n\n0:01.0 --> 0:02.0\nx"
    )
    assert (file.map, file.cues) == (TimestampMap(9, 0), [Cue(1, 2, "x")])


def test_files_one_after_another() -> None:
    one = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{},LOCAL:00:00.000\n\n00:01.000 --> 00:02.000\nx\n\n"
    files = list(webvtt.read(one.format(1) + one.format(2)))
    assert [(file.map, len(file.cues)) for file in files] == [
        (TimestampMap(1, 0), 1),
        (TimestampMap(2, 0), 1),
    ]


def test_a_cue_whose_id_is_the_signature() -> None:
    assert read(f"{HEAD}WEBVTT\n00:01.000 --> 00:02.000\nx\n") == [Cue(1, 2, "x")]


def test_regions() -> None:
    text = "WEBVTT\n\nREGION\nid:low\nwidth:40%\n\n00:01.000 --> 00:02.000 region:low\nx\n"
    (file,) = webvtt.read(text)
    assert file.regions == {"low": "id:low\nwidth:40%"}
    written = write(file.cues, file.regions.values())
    (again,) = webvtt.read(written)
    assert (again.regions, again.cues) == (file.regions, file.cues)


@pytest.mark.parametrize("text", ["WEBVTTX\n", "webvtt\n", "1\n00:01.000 --> 00:02.000\n", ""])
def test_no_webvtt(text: str) -> None:
    assert not webvtt.is_webvtt(text)


@pytest.mark.parametrize("text", ["WEBVTT", "\ufeffWEBVTT\n", "WEBVTT\tx", "\n WEBVTT - words\n"])
def test_webvtt(text: str) -> None:
    assert webvtt.is_webvtt(text)


def test_what_is_written_once() -> None:
    """Clocks of two pieces differ by a tick; a cue that ends before it begins is none."""
    cues = [
        Cue(1, 3, "a"), Cue(1.0001, 3.0004, "a"), Cue(1, 3, "b"), Cue(4, 4, "c"),
        Cue(5, 4.5, "d"), Cue(-1, 0.5, "e"), Cue(-3, -1, "f"), Cue(6, 7, "a"), Cue(8, 9, " \n "),
    ]  # fmt: skip
    assert read(write(cues)) == [Cue(0, 0.5, "e"), Cue(1, 3, "a"), Cue(1, 3, "b"), Cue(6, 7, "a")]


def test_what_a_container_cut() -> None:
    cut = [Cue(1, 2, "a"), Cue(2, 3, "a"), Cue(2, 3, "b"), Cue(3, 4, "a"), Cue(9, 10, "a")]
    assert joined(cut) == [Cue(1, 4, "a"), Cue(2, 3, "b"), Cue(9, 10, "a")]


_TRACK = """([content]) => new Promise((resolve, reject) => {
    const video = document.createElement("video"), track = document.createElement("track");
    const told = (cue) => [cue.startTime, cue.endTime, cue.text];
    track.onload = () => resolve([...track.track.cues].map(told));
    track.onerror = () => reject("refused");
    track.src = URL.createObjectURL(new Blob([content], {type: "text/vtt"}));
    track.default = true;
    video.append(track);
    document.body.append(video);
    track.track.mode = "hidden";
})"""


@pytest.mark.processes
def test_chromium_reads_the_same() -> None:
    """From the source, and from what is written of it."""
    with chromium() as browser:
        page = browser.new_page()
        for name, body in BROWSERS.items():
            ours = [[cue.start, cue.end, cue.text] for cue in read(HEAD + body)]
            seen = page.evaluate(_TRACK, [HEAD + body])
            assert sorted(ours) == sorted(seen), name
            shown = sorted(cue for cue in seen if cue[2])
            assert page.evaluate(_TRACK, [write(read(HEAD + body))]) == shown, name
