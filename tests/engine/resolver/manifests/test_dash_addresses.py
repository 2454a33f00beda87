"""Addresses of an MPD's segments: mirrors, queries.

Sources: shaka-project/shaka-player, Dash-Industry-Forum/dash.js, ISO/IEC 23009-1, 5.6.
"""

from __future__ import annotations

import pytest

from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from tests.engine.resolver.manifests.mpd import (
    COUNTED,
    URL,
    adaptation,
    mpd,
    period,
    pieces,
    representation,
)
from tests.engine.resolver.manifests.reading import resolve
from tests.support.streaming.origin import StreamingOrigin


def test_mirrors_on_every_level(parser: Parser) -> None:
    text = mpd(
        "<BaseURL>a/</BaseURL><BaseURL>https://b.example/</BaseURL><Period><BaseURL>p/</BaseURL>"
        + adaptation(
            "<BaseURL>s1/</BaseURL><BaseURL>/s2/</BaseURL>"
            + representation("v", inside="<BaseURL>v.mp4?a=1&amp;b=2</BaseURL>")
        )
        + "</Period>"
    )
    (found,) = parser.presentation(text, URL).representations
    assert found.bases == [
        [
            "https://example.com/d/a/p/s1/v.mp4?a=1&b=2", "https://example.com/s2/v.mp4?a=1&b=2",
            "https://b.example/p/s1/v.mp4?a=1&b=2", "https://b.example/s2/v.mp4?a=1&b=2",
        ]
    ]  # fmt: skip


def test_an_absolute_base_is_one_however_many_stand_above(parser: Parser) -> None:
    inside = "<BaseURL>https://c.example/v.mp4</BaseURL><BaseURL> </BaseURL><BaseURL/>"
    text = mpd("<BaseURL>a/</BaseURL><BaseURL>b/</BaseURL>" + period(inside))
    (found,) = parser.presentation(text, URL).representations
    assert found.bases == [["https://c.example/v.mp4"]]


def test_priorities_of_dvb_and_other_schemes(parser: Parser) -> None:
    text = mpd(
        '<BaseURL dvb:priority="2" dvb:weight="1">late/</BaseURL><BaseURL>usual/</BaseURL>'
        '<BaseURL dvb:priority="1" serviceLocation="x">first/</BaseURL>'
        "<BaseURL>ftp://e.org/</BaseURL>" + period(COUNTED)
    )
    (found,) = parser.presentation(text, URL).representations
    assert [base.rsplit("/", 2)[1] for base in found.bases[0]] == ["usual", "first", "late"]


def test_there_is_an_end_to_mirrors(parser: Parser) -> None:
    many = "".join(f"<BaseURL>{place}/</BaseURL>" for place in range(30))
    (found,) = parser.presentation(mpd(many + period(COUNTED)), URL).representations
    assert len(found.bases[0]) == 8


def test_fragments_know_their_other_urls(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    bases = "<BaseURL>a/</BaseURL><BaseURL>b/</BaseURL>"
    keys = set()
    for text in (bases, "<BaseURL>b/</BaseURL><BaseURL>a/</BaseURL>"):
        streaming.serve("/d/x.mpd", mpd(text + period(COUNTED)).encode())
        source = resolve(streaming.url("/d/x.mpd"), client, parser)
        found = load(source.formats[0].stream, client, parser)
        first = found.fragments[0]
        assert {first.url, *first.alternates} == {streaming.url(f"/d/{x}/i") for x in "ab"}
        keys.add(found.key)
    assert len(keys) == 1  # mirrors in another order are the same pieces
    streaming.serve("/d/x.mpd", mpd(bases + period("<BaseURL>v.mp4</BaseURL>")).encode())
    stream = resolve(streaming.url("/d/x.mpd"), client, parser).formats[0].stream
    assert (stream.url, stream.alternates) == (
        streaming.url("/d/a/v.mp4"), (streaming.url("/d/b/v.mp4"),),
    )  # fmt: skip


QUERY = (
    '<EssentialProperty schemeIdUri="urn:mpeg:dash:urlparam:2014">'
    '<up:UrlQueryInfo queryTemplate="{}" useMPDUrlQuery="true" queryString="b=2"/>'
    "</EssentialProperty>"
)


@pytest.mark.parametrize(
    ("template", "expected"),
    [("$querypart$", "b=2&s=1"), ("t=$query:s$&amp;u=$query:x$", "t=1&u="), ("", "")],
)
def test_the_query_of_the_mpd_goes_to_its_segments(
    template: str, expected: str, parser: Parser
) -> None:
    """ISO/IEC 23009-1, annex I."""
    end = f"?{expected}" if expected else ""
    text = mpd(QUERY.format(template) + period(COUNTED.replace("$Number$", "$Number$?a=1")))
    found = [each.url for each in pieces(parser, text)]
    assert found == [f"i{end}", *(f"{n}?a=1{end.replace('?', '&')}" for n in (1, 2))]
    whole = mpd(period("<BaseURL>v.mp4?c=3</BaseURL>", within=QUERY.format(template)))
    (told,) = parser.presentation(whole, URL).representations
    assert told.url == "https://example.com/d/v.mp4?c=3" + end.replace("?", "&")
