"""A pasted URL gets one form, or a sentence that helps."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.engine.core.errors import BlockedAddress, UnsupportedURL
from downloads.engine.resolver.urls import normalise


@pytest.mark.parametrize(
    ("pasted", "normal"),
    [
        ("https://example.com/a.mp4", "https://example.com/a.mp4"),
        ("  https://example.com/a.mp4\n", "https://example.com/a.mp4"),
        ("HTTP://EXAMPLE.com", "http://example.com/"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://example.com:443", "https://example.com/"),
        ("http://example.com:443/", "http://example.com:443/"),
        ("http://example.com:/x", "http://example.com/x"),
        ("http://example.com./x", "http://example.com/x"),
        ("http://example.com/a#part", "http://example.com/a"),
        ("http://example.com?q=1", "http://example.com/?q=1"),
        ("http://example.com/A%7e?Sig=%2f%2F+a&&b=[1]|2'!*", "http://example.com/A%7e?Sig=%2f%2F+a&&b=[1]|2'!*"),
        ("http://example.com/100%?x=50%", "http://example.com/100%?x=50%"),
        ("http://b\u00fccher.example/\u00fc?\u00fc", "http://xn--bcher-kva.example/%C3%BC?%C3%BC"),
        ("http://\uff11\uff12\uff17.0.0.1/", "http://127.0.0.1/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://[0:0::0:1]/x", "http://[::1]/x"),
        ("http://al%69ce:p%40ss@example.com/", "http://alice:p%40ss@example.com/"),
        ("http://@example.com/", "http://example.com/"),
        ("example.com/x.mp4", "https://example.com/x.mp4"),
        ("Example.com:8080/x", "http://example.com:8080/x"),
        ("//example.com/x", "https://example.com/x"),
        ("1.2.3.4/x", "http://1.2.3.4/x"),
        ("[::1]:8080/x", "http://[::1]:8080/x"),
        ("nas.local/x", "http://nas.local/x"),
        ("example.com:8443/x", "https://example.com:8443/x"),
        ("\\\\example.com\\x", "https://example.com/x"),
        ("https//example.com/x", "https://example.com/x"),
        ("https:example.com", "https://example.com/"),
        ("http:/example.com/x", "http://example.com/x"),
        ("HTTPS:\\\\example.com\\a\\b?c\\d", "https://example.com/a/b?c\\d"),
        ("http:///example.com/x", "http://example.com/x"),
        ("http://example.com/a b", "http://example.com/a%20b"),
        ("http://example.com/a b?c d", "http://example.com/a%20b?c%20d"),
        ("example.com/my film.mp4", "https://example.com/my%20film.mp4"),
        ("http://example.com/a\nb\tc\r\n", "http://example.com/abc"),
        ("http://example.com/a\x00b", "http://example.com/a%00b"),
        ("http://example.com/a\u2028b", "http://example.com/a%E2%80%A8b"),
        ("http://a\\@b/", "http://a/@b/"),
        ("http://example.com/[x] {y} ^`|'\"<>", "http://example.com/[x]%20%7By%7D%20%5E%60%7C'%22%3C%3E"),
        ("http://example.com/?[x]{y}^`|'\"<>", "http://example.com/?[x]{y}^`|'%22%3C%3E"),
        ("http://example.com/a/./b/../c/%2e%2E/d/..", "http://example.com/a/"),
        ("http://example.com/../a//b/.", "http://example.com/a//b/"),
        ("http://example.com/.a/..b/c.", "http://example.com/.a/..b/c"),
        ("http://example.com/x?", "http://example.com/x"),
        ("http://example.com/100%25%2F%zz", "http://example.com/100%25%2F%zz"),
        ("http://i\u2764.ws/x", "http://xn--i-7iq.ws/x"),
        ("http://a:b@c@example.com/", "http://a:b%40c@example.com/"),
        ("view-source:https://example.com/x", "https://example.com/x"),
    ],
)  # fmt: skip
def test_normal_form(pasted: str, normal: str) -> None:
    assert normalise(pasted) == normal
    assert normalise(normal) == normal


LINK = "https://example.com/film.mp4"


@pytest.mark.parametrize(
    "pasted",
    [
        f"<{LINK}>", f'"{LINK}"', f"'{LINK}'", f"`{LINK}`", f"({LINK})", f"[{LINK}]", f"**{LINK}**",
        f"_{LINK}_", f"~~{LINK}~~", f"||{LINK}||", f"\u201c{LINK}\u201d", f"\u00ab{LINK}\u00bb",
        f"[a film]({LINK})", f"![x]({LINK} \"title\")", f"[a](<{LINK}>)", f"<URL:{LINK}>",
        f"{LINK}.", f"{LINK},", f"{LINK};", f"{LINK}!", f"{LINK}?", f"{LINK})", f"{LINK}>",
        f'{LINK}"', f'"{LINK}",', f"({LINK}).", f"{LINK}\u3002", f"\u200b{LINK}\ufeff",
        f"\u00a0{LINK} \u2060", f"<{LINK}",
        f'"{LINK}', "example.com/film.mp4,",
    ],
)  # fmt: skip
def test_what_stands_around_a_link_goes(pasted: str) -> None:
    assert normalise(pasted) == LINK


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/Foo_(bar)",
        "https://example.com/(a)/[b]",
        "https://example.com/it's",
        "https://example.com/a?sig=x.",
        "https://example.com/a?sig=x)",
        "https://example.com/_x_",
        "https://example.com/a*b*",
        "https://example.com/a?Signature=a%2Bb~_-&Key-Pair-Id=A'B!*()",
        "https://example.com/a;b=c,d/e:f@g$h+i=j~k%c3%a9%C3%A9",
    ],
)
def test_what_is_of_the_link_stays(url: str) -> None:
    assert normalise(url) == url


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "no link"),
        ("   ", "no link"),
        ("hello", "not a link"),
        ("my holiday video", "not a link"),
        ("ftp://example.com/x", "http and https links only"),
        ("file:///etc/passwd", "http and https links only"),
        ("javascript:alert(1)", "http and https links only"),
        ("data:text/html,x", "http and https links only"),
        ("magnet:?xt=urn:btih:00", "http and https links only"),
        ("mailto:a@example.com", "http and https links only"),
        ("http://", "no host"),
        ("http:///", "no host"),
        ("http:?x", "no host"),
        ("http://:80/", "no host"),
        ("http://user@/", "no host"),
        ("http://exa mple.com/", "spaces"),
        ("http://exa\u00a0mple.com/", "spaces"),
        ("https://example.com/a https://example.com/b", "several links"),
        ("https://example.com/a\nhttps://example.com/b", "several links"),
        ("example.com is a site", "not a link"),
        ("http://example.com:0/", "port"),
        ("http://example.com:65536/", "port"),
        ("http://example.com:http/", "port"),
        ("http://exa$mple.com/", "host name"),
        ("http://a..b/", "host name"),
        ("http://" + "a" * 64 + ".com/", "host name"),
        ("http://" + "a." * 130 + "com/", "host name"),
        ("http://xn--\u00fc.example/", "host name"),
        ("http://%00.example/", "host name"),
        ("http://[::1", "not a link"),
        ("http://[::g]/", "not a link"),
        ("http://example.com/\ud800", "not a link"),
        ("http://example.com/" + "a" * 8000, "longer than 8000"),
        ("a" * 64_000, "longer than 8000"),
    ],
)
def test_each_mistake_has_its_sentence(pasted: str, sentence: str) -> None:
    with pytest.raises(UnsupportedURL) as caught:
        normalise(pasted)
    assert sentence in caught.value.message
    assert caught.value.message.endswith(".")


def test_the_longest_url_is_fine() -> None:
    url = "http://example.com/" + "a" * (8000 - len("http://example.com/"))
    assert normalise(url) == url


def test_a_zoned_address_is_link_local() -> None:
    with pytest.raises(BlockedAddress):
        normalise("http://[fe80::1%25eth0]/")


@given(st.text(max_size=60) | st.text(string.printable, max_size=60))
def test_any_text_is_a_link_or_unsupported(text: str) -> None:
    for pasted in (text, f"http://{text}", f"http://example.com/{text}"):
        try:
            normal = normalise(pasted)
        except (UnsupportedURL, BlockedAddress):
            continue
        assert normalise(normal) == normal
        assert normal.isascii()
        assert normal.startswith(("http://", "https://"))


@given(st.text(string.ascii_letters + string.digits + "%&=+/?:@!$'()*,;~._-[]|^`{}"))
def test_a_query_stays_byte_for_byte(query: str) -> None:
    assert normalise(f"http://example.com/?{query}").partition("?")[2] == query
