"""Names by RFC 6266, by URL, and what they say about the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.engine.resolver import naming


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("", ""),
        ("inline", ""),
        ("attachment; filename=a.mp4", "a.mp4"),
        ('attachment; filename="a b.mp4"', "a b.mp4"),
        ('attachment;filename="a;b.mp4"', "a;b.mp4"),
        ('attachment; FILENAME="a.mp4"', "a.mp4"),
        ('attachment; filename="say \\"hi\\".mp4"', 'say "hi".mp4'),
        ("attachment; filename='a b.mp4'", "a b.mp4"),
        ("attachment; filename=a b c.mp4", "a b c.mp4"),
        ("attachment; filename*=UTF-8''%e2%82%ac%20rates.mp4", "\u20ac rates.mp4"),
        ("attachment; filename*=utf-8'en'%C3%BC.mp4", "\u00fc.mp4"),
        ("attachment; filename*=ISO-8859-1''%a3.mp4", "\u00a3.mp4"),
        ("attachment; filename=\"old.mp4\"; filename*=UTF-8''new.mp4", "new.mp4"),
        ("attachment; filename*=UTF-8''new.mp4; filename=\"old.mp4\"", "new.mp4"),
        ("attachment; filename*=unknown''a.mp4", "a.mp4"),
        ('attachment; filename="caf%C3%A9.mp4"', "caf\u00e9.mp4"),
        ('attachment; filename="100%.mp4"', "100%.mp4"),
        ('attachment; filename="%ff%fe.mp4"', "%ff%fe.mp4"),
        ('attachment; filename="=?UTF-8?B?w7wubXA0?="', "\u00fc.mp4"),
        ("attachment; filename=\"" + "\u00fc.mp4".encode().decode("latin-1") + '"', "\u00fc.mp4"),
        ('attachment; filename="\u00fc.mp4"', "\u00fc.mp4"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\Users\\\\a.mp4"', "a.mp4"),
        ("attachment; filename*=UTF-8''..%2f..%2fetc%2fpasswd", "passwd"),
        ('attachment; filename="%2e%2e%2fa.mp4"', "a.mp4"),
        ('attachment; filename=".."', ""),
        ('attachment; filename="a\x00\x1f.mp4"', "a .mp4"),
        ("attachment; filename*=UTF-8''a%0d%0aX-Y%3a%20b.mp4", "aX-Y: b.mp4"),
        ("attachment; filename*=UTF-8''gpj%E2%80%AE4pm.exe", "gpj4pm.exe"),
        ("attachment; filename*=UTF-8''", ""),
        ("attachment; filename*0=a; filename*1=b.mp4", "ab.mp4"),
        (";;;===;filename", ""),
        ('attachment; filename="', ""),
    ],
)  # fmt: skip
def test_content_disposition(header: str, name: str) -> None:
    assert naming.name_from_disposition(header) == name


def test_a_long_name_keeps_its_extension() -> None:
    name = naming.name_from_disposition(f'attachment; filename="{"a" * 999}.mp4"')
    assert len(name) == 255
    assert name.endswith("a.mp4")


@given(st.text(st.characters(max_codepoint=255)))
def test_any_header_gives_a_harmless_name(value: str) -> None:
    for header in (value, f'attachment; filename="{value}"', f"attachment; filename*={value}"):
        name = naming.name_from_disposition(header)
        assert "/" not in name
        assert name.isprintable()
        assert name not in (".", "..")
        assert len(name) <= 255


@pytest.mark.parametrize(
    ("disposition", "final", "pasted", "name"),
    [
        ("attachment; filename=c.mp4", "http://h/a.mp4", "http://h/b.mp4", "c.mp4"),
        ("inline", "http://h/a.mp4", "http://h/b.mp4", "a.mp4"),
        ("", "http://h/d41d8cd98f", "http://h/b.mp4", "b.mp4"),
        ("", "http://h/d41d8cd98f", "http://h/download?id=3", "d41d8cd98f"),
        ("", "http://h/", "http://h/b", "b"),
        ("", "http://h.example/", "http://h.example/", ""),
        ("", "http://h/get.php?file=film.mp4", "http://h/go?id=3", "film.mp4"),
        ("", "http://h/x.php?id=3", "http://h/go?FileName=a%2Fb.mkv&file=4", "b.mkv"),
        ("", "http://h/play.html?src=http%3A%2F%2Fg%2Fc.webm", "http://h/p", "c.webm"),
        ("", "http://h/a.mp4?file=b.mp4", "http://h/", "a.mp4"),
        ("", "http://h/a?file=b.php", "http://h/", "a"),
        ("", "http://h/a%20b%2Fc.mp4?x=/y.mp3", "http://h/", "c.mp4"),
        ("", "http://h/folder/", "http://h/", "folder"),
    ],
)
def test_the_name_comes_from_where_it_says_most(
    disposition: str, final: str, pasted: str, name: str
) -> None:
    assert naming.Names.of(disposition, final, pasted).best == name


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("My_holiday__video.mp4", "My holiday video"),
        ("a.tar.gz", "a"),
        ("ubuntu-24.04.iso", "ubuntu-24.04"),
        ("README", "README"),
        ("___.mp4", "___.mp4"),
        (".mp4", ".mp4"),
    ],
)
def test_title(name: str, title: str) -> None:
    assert naming.readable_title(name) == title


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://a.example/The%20old%20timetable.mp4", "The old timetable"),
        ("https://a.example/watch?v=abc", "a.example/watch?v=abc"),
        ("https://alice:hush@a.example/", "a.example"),
        ("https://alice:hush@a.example/My_clip.webm?sig=1", "My clip"),
        ("https://alice:hush@a.example:8443/master.m3u8", "a.example"),
        ("https://a.example/hls_master/master.m3u8?sig=1", "hls master"),
    ],
)
def test_a_title_before_the_source_has_said(url: str, title: str) -> None:
    assert naming.provisional_title(url) == title


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/The%20boat.m3u8", "The boat"),
        ("/films/My_harbour/index.m3u8", "My harbour"),
        ("/film.mp4/playlist.m3u8", "film"),
        ("/vod/acme/hls/1080p/prog_index.m3u8", "acme"),
        ("/live/chunklist_w123_b800000.m3u8", "live"),
        ("/hls_master/master.m3u8", "hls master"),
        ("/dash-video/manifest.mpd", "dash-video"),
        ("/film/hls_master/stream.m3u8", "film"),
        ("/hls/main.m3u8", ""),
        ("/720p_3000k/index.m3u8", ""),
        ("/stream", ""),
        ("/", ""),
    ],
)
def test_what_a_stream_is_called_by_its_address(path: str, name: str) -> None:
    assert naming.name_of_stream(f"https://a.example{path}?token=1") == name


def test_a_stream_is_called_as_its_header_says() -> None:
    url = "https://a.example/boats/index.m3u8"
    assert naming.name_of_stream(url, name="Harbour.m3u8") == "Harbour"
    assert naming.name_of_stream(url, name="index.m3u8") == "boats"
    assert naming.name_of_stream("https://a.example/index.m3u8", url) == "boats"
