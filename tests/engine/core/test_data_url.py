"""``data:`` URLs as the WHATWG's Fetch standard reads them."""

from __future__ import annotations

import pytest

from downloads.engine.core.data_url import decode, is_data_url, media_type

FORMS = {
    "data:,a b": b"a b",
    "data:,a%20b%zz": b"a b%zz",
    "DATA:text/plain;charset=x,a#b": b"a",
    "data:;base64,QUI=": b"AB",
    "data:;base64,QUI": b"AB",
    "data:; base64 ,QU I%3D": b"AB",
    "data:x/y;BASE64,QUI%3d": b"AB",
    "data:;base64,-_8=": b"\xfb\xff",
    "data:base64,QUI=": b"QUI=",
    "data:,": b"",
}


@pytest.mark.parametrize("url", FORMS)
def test_forms(url: str) -> None:
    assert is_data_url(url)
    assert decode(url) == FORMS[url]


@pytest.mark.parametrize("url", ["data:", "data:x", "http://a,b", "data:;base64,A", "data:#,x"])
def test_what_is_none(url: str) -> None:
    with pytest.raises(ValueError, match=r"data|base64"):
        decode(url)


def test_media_type() -> None:
    assert media_type("data:Video/MP4;codecs=x,abc") == "video/mp4"
    assert media_type("data:,abc") == ""
