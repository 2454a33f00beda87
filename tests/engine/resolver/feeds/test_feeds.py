"""Podcasts' feeds and players' playlists are listings; a file where they name nothing to play."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import BadManifest, UnsupportedURL
from downloads.engine.core.listing import Listing
from downloads.engine.core.media import Source
from downloads.engine.egress.client import Client
from downloads.engine.resolver import registry
from downloads.engine.resolver.feeds.resolver import decoded
from tests.support.answers import respond
from tests.support.origin import Origin

RSS = """<?xml version="1.0" encoding="{coding}"?>
<!-- made by hand -->
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
     xmlns:media="http://search.yahoo.com/mrss/">
 <channel>
  <title>Häfen &amp; Boote</title>
  <image><url>/cover.jpg</url><title>Cover</title></image>
  <item>
   <title><![CDATA[One & two]]></title>
   <itunes:title>Short</itunes:title>
   <link>{base}/pages/1</link>
   <enclosure url="{base}/1.mp3?sig=a&amp;b=c" length="9" type="audio/mpeg"/>
   <itunes:duration>1:02:03</itunes:duration>
   <itunes:image href="/1.png"/>
  </item>
  <item><title>A picture</title><enclosure url="{base}/p.jpg" type="image/jpeg"/></item>
  <item><title>Words</title><link>{base}/pages/2</link></item>
  <item>
   <title>Film</title>
   <media:group>
    <media:content url="low.mp4" type="video/mp4" duration="61"/>
    <media:content url="high.mp4" type="video/mp4" isDefault="true"/>
    <media:thumbnail url="/f.jpg"/>
   </media:group>
  </item>
 </channel>
</rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/audio/"><title>Sea</title>
<entry><title>Wind</title><link href="{base}/page"/>
<link rel="enclosure" type="audio/ogg" href="wind.ogg"/></entry>
<entry><title>Water</title><content type="audio/mpeg" src="/water"/></entry></feed>"""
XSPF = """<playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Songs</title><trackList>
<track><location>a.mp3</location><title>A</title><duration>61000</duration></track>
<track><location>{base}/b.flac</location></track></trackList></playlist>"""
ASX = """<ASX version=3.0><TITLE>Old</TITLE><ENTRY><TITLE>A & b</TITLE><REF HREF="/a.wmv" />
</ENTRY></ASX>"""
M3U = "#EXTM3U\n#EXTINF:61,A - Song\na.mp3\n\n#EXTINF:-1 tvg-id=x,B\n{base}/b.mp3\n"
PLS = "[playlist]\nFile2={base}/b.mp3\nFile1=a.mp3\nTitle1=A\nLength1=61\nVersion=2\n"

SEA = [("/audio/wind.ogg", "Wind", None), ("/water", "Water", None)]

Rows = list[tuple[str, str, float | None]]


def rows(found: Source | Listing, origin: Origin) -> Rows:
    assert isinstance(found, Listing)
    return [
        (each.url.removeprefix(origin.url("")), each.title, each.duration) for each in found.entries
    ]


def put(origin: Origin, path: str, text: str, kind: str, coding: str = "utf-8") -> str:
    text = text.replace("{base}", origin.url("")).replace("{coding}", coding)
    origin.answers[path] = respond(text.encode(coding), Content_Type=kind)
    return origin.url(path)


@pytest.mark.parametrize("coding", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_podcast(client: Client, origin: Origin, coding: str) -> None:
    found = registry.look(put(origin, "/feed", RSS, "application/rss+xml", coding), client)
    assert rows(found, origin) == [
        ("/1.mp3?sig=a&b=c", "One & two", 3723),
        ("/high.mp4", "Film", 61),
    ]
    assert isinstance(found, Listing)
    assert (found.title, found.total, found.more) == ("Häfen & Boote", 2, False)
    assert found.thumbnail_url == origin.url("/cover.jpg")
    assert [each.thumbnail_url for each in found.entries] == [
        origin.url("/1.png"),
        origin.url("/f.jpg"),
    ]


@pytest.mark.parametrize(
    ("path", "text", "kind", "found"),
    [
        ("/a.xml", ATOM, "text/xml", SEA),
        ("/a.atom", ATOM, "", SEA),
        ("/s.xspf", XSPF, "application/xspf+xml", [("/a.mp3", "A", 61), ("/b.flac", "b", None)]),
        ("/s.asx", ASX, "video/x-ms-asf", [("/a.wmv", "A & b", None)]),
        ("/s.m3u", M3U, "audio/x-mpegurl", [("/a.mp3", "A - Song", 61), ("/b.mp3", "B", None)]),
        ("/s", M3U, "text/plain", [("/a.mp3", "A - Song", 61), ("/b.mp3", "B", None)]),
        ("/s.m3u8", "a.mp3\r\nb.mp3\r\n", "", [("/a.mp3", "a", None), ("/b.mp3", "b", None)]),
        ("/s.pls", PLS, "", [("/a.mp3", "A", 61), ("/b.mp3", "b", None)]),
        ("/s", PLS, "audio/x-scpls", [("/a.mp3", "A", 61), ("/b.mp3", "b", None)]),
    ],
)  # fmt: skip
def test_other_lists(
    client: Client, origin: Origin, path: str, text: str, kind: str, found: Rows
) -> None:
    assert rows(registry.listing(put(origin, path, text, kind), client), origin) == found


ENCLOSED = {
    "no type, no extension": '<enclosure url="/1" length="9"/>',
    "called bytes": '<enclosure url="/1" type="application/octet-stream"/>',
    "a type in capitals": '<enclosure url="/1" type="Audio/MPEG"/>',
    "blanks and a line end": '<enclosure url="\n /1 " type="audio/mpeg"/>',
    "a picture first": '<enclosure url="/a.jpg" type="image/jpeg"/><enclosure url="/1"/>',
    "the best of a group": '<media:group><media:content url="/0" type="video/mp4"/>'
    '<media:content url="/1" type="video/mp4" isDefault="true"/></media:group>',
    "another enclosure": '<podcast:alternateEnclosure type="audio/mpeg">'
    '<podcast:source uri="/1"/></podcast:alternateEnclosure>',
    "of RSS 1.0": '<enc:enclosure rdf:resource="/1" enc:type="audio/mpeg"/>',
    "an IRI for a relation": '<link rel="http://www.iana.org/assignments/relation/enclosure" '
    'href="/1" type="audio/mpeg"/>',
}


@pytest.mark.parametrize("how", ENCLOSED)
def test_what_is_enclosed(client: Client, origin: Origin, how: str) -> None:
    """RSS 2.0 and 1.0's mod_enclosure, Media RSS, Podcasting 2.0, RFC 4287."""
    text = f"<rss><channel><item>{ENCLOSED[how]}</item></channel></rss>"
    found = registry.look(put(origin, "/feed", text, "text/xml"), client)
    assert [url for url, _, _ in rows(found, origin)] == ["/1"]


def test_a_link_that_is_a_sound_itself(client: Client, origin: Origin) -> None:
    text = "<rss><channel><item><link>/1.mp3</link></item></channel></rss>"
    found = registry.look(put(origin, "/feed", text, "text/xml"), client)
    assert [url for url, _, _ in rows(found, origin)] == ["/1.mp3"]


def test_a_feed_of_json(client: Client, origin: Origin) -> None:
    """JSON Feed 1.1."""
    text = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Sea", "items": [{"title": "A",'
        ' "attachments": [{"url": "/a.jpg", "mime_type": "image/jpeg"}, {"url": "/1",'
        ' "mime_type": "audio/mpeg", "duration_in_seconds": 61}]}, {"title": "no sound"}, 7]}'
    )
    found = registry.look(put(origin, "/feed", text, "application/feed+json"), client)
    assert rows(found, origin) == [("/1", "A", 61)]
    assert isinstance(found, Listing)
    assert found.title == "Sea"


@pytest.mark.parametrize("text", ['{"version": "https://jsonfeed.org/version/1"', '{"items": 1}'])
def test_what_is_no_feed_of_json_is_a_file(client: Client, origin: Origin, text: str) -> None:
    assert isinstance(registry.look(put(origin, "/feed", text, "application/json"), client), Source)


def test_a_list_whose_links_tell_nothing(client: Client, origin: Origin) -> None:
    text = "#EXTM3U\n#EXTINF:61,A\n/1\n#EXTINF:62,B\n/2\n"
    found = registry.look(put(origin, "/s.m3u", text, "audio/x-mpegurl"), client)
    assert rows(found, origin) == [("/1", "A", 61), ("/2", "B", 62)]


ONE = {
    "/s.m3u": "#EXTM3U\n#EXTINF:4,A film\n{base}/a.mp4\n",
    "/s.m3u8": "a.mp4\n",
    "/s.pls": "[playlist]\nNumberOfEntries=1\nFile1={base}/a.mp4\n",
    "/s.xspf": '<playlist xmlns="http://xspf.org/ns/0/"><trackList><track>'
    "<location>{base}/a.mp4</location></track></trackList></playlist>",
    "/s.asx": '<ASX version=3.0><ENTRY><REF HREF="/a.mp4" /></ENTRY></ASX>',
    "/s.strm": "{base}/a.mp4\n",
}


@pytest.mark.parametrize("path", ONE)
def test_a_players_list_of_one_entry_is_that_entry(
    client: Client, origin: Origin, path: str
) -> None:
    """mpv and VLC play it; there is nothing to choose."""
    origin.answers["/a.mp4"] = respond(b"\0\0\0\x18ftypisom" + bytes(3000))
    for ask in (registry.probe, registry.look):
        found = ask(put(origin, path, ONE[path], ""), client)
        assert (found.identity, found.title) == (f"direct:{origin.url('/a.mp4')}", "a")


def test_a_podcast_of_one_episode_stays_a_playlist(client: Client, origin: Origin) -> None:
    text = '<rss><channel><item><enclosure url="/1.mp3" type="audio/mpeg"/></item></channel></rss>'
    with pytest.raises(UnsupportedURL):
        registry.probe(put(origin, "/feed", text, "application/rss+xml"), client)


def test_a_list_that_leads_to_itself_is_followed_once(client: Client, origin: Origin) -> None:
    with pytest.raises(UnsupportedURL):
        registry.probe(put(origin, "/s.strm", "{base}/s.strm", ""), client)
    assert len(origin.log) == 2


@pytest.mark.parametrize("text", ["two {base}/a.mp4", "words", "file:///etc/passwd"])
def test_what_is_no_link_is_a_file(client: Client, origin: Origin, text: str) -> None:
    found = registry.look(put(origin, "/s.strm", text, ""), client)
    assert isinstance(found, Source)


@pytest.mark.parametrize(
    "broken",
    [
        "<title>A &nbsp;b & c</title>",
        "<title>A\u00a0b & c</title><description><p>never closed</description>",
        "<title><![CDATA[A\u00a0b & c]]></title></unbegun>& ",
        "<title>A\u00a0b & c</title><![x[ ]]><enclosure url='http://[' type='audio/mpeg'/>",
    ],
)
def test_a_feed_that_is_no_xml(client: Client, origin: Origin, broken: str) -> None:
    """Accepted as by browsers' and podcasts' readers (kurtmckee/feedparser: its bozo feeds)."""
    text = f'<rss><channel><item>{broken}<enclosure url="/a.mp3?x=1&y=2"/></item></channel></rss>'
    found = registry.look(put(origin, "/feed", text, "text/xml"), client)
    assert rows(found, origin) == [("/a.mp3?x=1&y=2", "A\u00a0b & c".replace("\u00a0", " "), None)]


def test_entities_of_its_own_are_not_expanded(client: Client, origin: Origin) -> None:
    bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    text = (
        f'<!DOCTYPE rss [<!ENTITY a0 "aaaaaaaaaa">{bomb}]><rss><channel><title>&a9;</title>'
        '<item><title>x</title><enclosure url="/a.mp3"/></item></channel></rss>'
    )
    found = registry.look(put(origin, "/feed", text, "text/xml"), client)
    assert rows(found, origin) == [("/a.mp3", "x", None)]


def test_a_long_feed_is_read_in_parts(client: Client, origin: Origin) -> None:
    items = "".join(
        f'<item><title>No. {n}</title><enclosure url="/{n}.mp3"/></item>' for n in range(3000)
    )
    url = put(origin, "/feed", f"<rss><channel>{items}</channel></rss>", "text/xml")
    found = registry.listing(url, client, start=2990, count=5)
    assert [entry.title for entry in found.entries] == [f"No. {n}" for n in range(2990, 2995)]
    assert (found.total, found.start, found.more) == (3000, 2990, True)
    with pytest.raises(UnsupportedURL, match="a playlist"):
        registry.probe(url, client)


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("/news.xml", RSS.partition("<item>")[0] + "</channel></rss>", "text/xml"),
        ("/notes.txt", PLS, "text/plain"),
        ("/map.xml", "<playlist><track/></playlist>", "text/xml"),
        ("/feed.xml", "<feed><entry/></feed>", "text/xml"),
    ],
)
def test_what_names_nothing_to_play_is_a_file(
    client: Client, origin: Origin, path: str, text: str, kind: str
) -> None:
    found = registry.look(put(origin, path, text, kind), client)
    assert isinstance(found, Source)
    assert found.formats[0].id == "direct"


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\na.mp4\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXTINF:9,\na.ts\n#EXTINF:9,\nb.ts\n",
    ],
)
def test_hls_is_none_of_them(client: Client, origin: Origin, text: str) -> None:
    try:
        found = registry.look(put(origin, "/a.m3u8", text, "audio/mpegurl"), client)
    except (BadManifest, UnsupportedURL):
        return  # as HLS has it
    assert isinstance(found, Source)


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("é".encode(), "", "é"),
        ("é".encode("utf-16"), "text/xml; charset=latin-1", "é"),
        (b"\xe9", "text/xml; charset=iso-8859-1", "é"),
        (b"<?xml version='1.0' encoding='windows-1251'?>\xe9", "text/xml", None),
        (b"\xe9", "text/xml; charset=unknown", "é"),
    ],
)
def test_codings(body: bytes, kind: str, text: str | None) -> None:
    wanted = text or "<?xml version='1.0' encoding='windows-1251'?>й"
    assert decoded(body, kind) == wanted
