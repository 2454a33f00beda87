"""TTML: times, nested containers, text (https://www.w3.org/TR/ttml2/)."""

from __future__ import annotations

import math

import pytest

from downloads.engine.media import ttml
from downloads.engine.media.cues import Cue

PARAMETERS = "http://www.w3.org/ns/ttml#parameter"


def document(body: str, attributes: str = "", namespace: str = "http://www.w3.org/ns/ttml") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by x -->\n<tt xmlns="{namespace}" '
        f'xmlns:ttp="{PARAMETERS}" xml:lang="en" {attributes}><head><styling>'
        f'<style xml:id="s"/></styling><layout><region xml:id="r" begin="9s"/></layout></head>'
        f"<body>{body}</body></tt>"
    )


def times(begin: str, attributes: str) -> float:
    (cue,) = ttml.read(document(f'<div><p begin="{begin}">x</p></div>', attributes))
    return cue.start


@pytest.mark.parametrize(
    ("begin", "attributes", "seconds"),
    [
        ("00:00:01.5", "", 1.5),
        ("01:00:01", "", 3601),
        ("100:00:01.25", "", 360001.25),
        ("0:00:01,5", "", 1.5),
        ("1.5h", "", 5400),
        ("2m", "", 120),
        ("1.5s", "", 1.5),
        ("1500ms", "", 1.5),
        ("12.5", "", 12.5),
        ("15f", "", 0.5),
        ("25f", 'ttp:frameRate="25"', 1),
        ("00:00:01:15", "", 1.5),
        ("00:00:01:05", 'ttp:frameRate="25"', 1.2),
        ("00:00:01:05.1", 'ttp:frameRate="25" ttp:subFrameRate="2"', 1.22),
        ("24f", 'ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"', 1.001),
        ("24f", 'ttp:frameRate="24" ttp:frameRateMultiplier="1000:1001"', 1.001),
        ("90000t", 'ttp:tickRate="90000"', 1),
        ("3t", "", 3),
        ("50t", 'ttp:frameRate="25"', 2),
        (
            "01:00:00:00",
            'ttp:timeBase="smpte" ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"',
            3603.6,
        ),
        (
            "01:00:00:00",
            (
                'ttp:timeBase="smpte" ttp:dropMode="dropNTSC" ttp:frameRate="30" '
                'ttp:frameRateMultiplier="1000 1001"'
            ),
            3599.9964,
        ),
        ("10000000t", 'tickRate="10000000"', 1),
    ],
)
def test_time_expressions(begin: str, attributes: str, seconds: float) -> None:
    assert times(begin, attributes) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    ("body", "right"),
    [
        ("<div><p begin='1s' end='2s'>x</p></div>", [(1, 2)]),
        ("<div><p begin='1s' dur='2s'>x</p></div>", [(1, 3)]),
        ("<div><p begin='1s' dur='2s' end='2s'>x</p></div>", [(1, 2)]),
        ("<div begin='10s'><p begin='1s' end='2s'>x</p></div>", [(11, 12)]),
        ("<div begin='10s' end='11.5s'><p begin='1s' end='2s'>x</p></div>", [(11, 11.5)]),
        ("<div begin='1s'><div begin='1s'><p begin='1s' dur='1s'>x</p></div></div>", [(3, 4)]),
        ("<div begin='1s' end='2s'><p>x</p></div>", [(1, 2)]),
        (
            (
                "<div timeContainer='seq'><p dur='1s'>x</p><p begin='1s' dur='2s'>x</p>"
                "<p end='1s'>x</p></div>"
            ),
            [(0, 1), (2, 4), (4, 5)],
        ),
        (
            "<div timeContainer='par'><p dur='1s'>x</p><p begin='1s' dur='2s'>x</p></div>",
            [(0, 1), (1, 3)],
        ),
        ("<div><p begin='1s'>x</p></div>", [(1, math.inf)]),
        ("<div><p><span begin='1s' end='2s'>x</span></p></div>", [(1, 2)]),
        ("<div><p begin='no'>x</p><p begin='1s' end='2s'>x</p></div>", [(1, 2)]),
        ("<div><p begin='3s' end='2s'>x</p></div>", []),
    ],
)
def test_containers(body: str, right: list[tuple[float, float]]) -> None:
    assert [(cue.start, cue.end) for cue in ttml.read(document(body))] == right


def test_spans_with_times_of_their_own() -> None:
    body = (
        "<div><p begin='10s' end='16s'>a <span begin='2s'>b</span> "
        "<span begin='4s' end='5s'>c</span></p></div>"
    )
    assert list(ttml.read(document(body))) == [
        Cue(10, 12, "a"), Cue(12, 14, "a b"), Cue(14, 15, "a b c"), Cue(15, 16, "a b"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("one<br/>two", "one\ntwo"),
        ("\n   one\n   two <br />  \n three ", "one two\nthree"),
        ("a<span tts:color='red' xmlns:tts='x'>b<br/>c</span>d", "ab\ncd"),
        ("a<metadata>no</metadata>b", "ab"),
        ("1 &lt; 2 &amp; 3", "1 &lt; 2 &amp; 3"),
        ("a&nbsp;b & c &eacute;", "a\u00a0b &amp; c \u00e9"),
        ("<span xml:space='preserve'>a   b</span>", "a   b"),
        ("&#65;&#x42;", "AB"),
        ("&LT;b&GT; &AMP; &apos;", "&lt;b&gt; &amp; '"),
    ],
)
def test_text(inside: str, shown: str) -> None:
    (cue,) = ttml.read(document(f"<div><p begin='1s' end='2s'>{inside}</p></div>"))
    assert cue.text == shown


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.w3.org/ns/ttml", "http://www.w3.org/2006/10/ttaf1",
        "http://www.w3.org/2006/04/ttaf1", "http://www.w3.org/2004/11/ttaf1", "",
    ],
)  # fmt: skip
def test_namespaces(namespace: str) -> None:
    body = "<div><p begin='1s' end='2s'>x</p></div>"
    assert list(ttml.read(document(body, namespace=namespace))) == [Cue(1, 2, "x")]


def test_a_prefix() -> None:
    text = (
        '<tt:tt xmlns:tt="http://www.w3.org/ns/ttml"><tt:body><tt:div>'
        '<tt:p begin="1s" end="2s">a<tt:br/>b</tt:p></tt:div></tt:body></tt:tt>'
    )
    assert list(ttml.read(text)) == [Cue(1, 2, "a\nb")]


def test_pictures() -> None:
    picture = "<div smpte:backgroundImage='#i' xmlns:smpte='x' begin='1s' end='2s'/>"
    with pytest.raises(ttml.NotText):
        list(ttml.read(document(picture)))
    both = document(picture + "<div><p begin='1s' end='2s'>x</p></div>")
    assert list(ttml.read(both)) == [Cue(1, 2, "x")]


@pytest.mark.parametrize("text", ["<tt>", "<rss/>", "<tt><body><p begin='x'>y</p></body></tt>"])
def test_what_is_broken(text: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        list(ttml.read(text))
