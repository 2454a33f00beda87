"""Encodings of subtitle files: by marks, declarations, language and bytes."""

from __future__ import annotations

import codecs

import pytest

from downloads.engine.media.text_encoding import decode

FRENCH = "1\n00:00:01,000 --> 00:00:02,000\nD\u00e9j\u00e0 vu, \u00e0 No\u00ebl\n"
RUSSIAN = "\u041f\u0440\u0438\u0432\u0435\u0442. \u041a\u0430\u043a \u0434\u0435\u043b\u0430?\n"
GREEK = "\u039a\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1 \u03ba\u03cc\u03c3\u03bc\u03b5\n"
POLISH = "Za\u017c\u00f3\u0142\u0107 g\u0119\u015bl\u0105 ja\u017a\u0144\n"
JAPANESE = "\u3053\u3093\u306b\u3061\u306f\u3001\u4e16\u754c\u3002\u304a\u5143\u6c17\n"
CHINESE = "\u4f60\u597d\uff0c\u4e16\u754c\u3002\u6211\u4eec\u8d70\u5427\n"


@pytest.mark.parametrize(
    ("text", "encoding", "declared", "language"),
    [
        (FRENCH, "utf-8", "", ""),
        (FRENCH, "utf-8-sig", "iso-8859-1", ""),
        (FRENCH, "utf-8", "iso-8859-1", "fr"),
        (FRENCH, "utf-16", "", ""),
        (FRENCH, "utf-16-le", "", ""),
        (FRENCH, "utf-16-be", "", ""),
        (FRENCH, "utf-32", "", ""),
        (FRENCH, "cp1252", "", ""),
        (FRENCH, "latin-1", "utf-8", "en"),
        (FRENCH, "latin-1", "ISO-8859-1", ""),
        (FRENCH, "cp437", "cp437", ""),
        ("\u20ac \u2026 \u201cx\u201d", "cp1252", "iso-8859-1", ""),
        (RUSSIAN, "cp1251", "windows-1251", "en"),
        (RUSSIAN, "cp1251", "", "ru"),
        (RUSSIAN, "koi8_r", "koi8-r", "ru"),
        (RUSSIAN, "cp1251", "", ""),
        (GREEK, "cp1253", "", "el"),
        (GREEK, "iso8859-7", "iso-8859-7", "el"),
        (POLISH, "cp1250", "", "pl-PL"),
        (JAPANESE, "cp932", "", "ja"),
        (JAPANESE, "euc_jp", "", "ja"),
        (JAPANESE, "shift_jis", "Shift_JIS", ""),
        (CHINESE, "gb18030", "", "zh"),
        (CHINESE, "gbk", "gb2312", "zh-Hans"),
        ("\u6211\u5011\u8d70\u5427", "big5", "", "zh-TW"),
        ("<?xml version='1.0' encoding='windows-1251'?><tt>\u0434\u0430</tt>", "cp1251", "", ""),
    ],
)
def test_encodings(text: str, encoding: str, declared: str, language: str) -> None:
    assert decode(text.encode(encoding), declared, language) == text


@pytest.mark.parametrize("declared", ["", "no-such", "base64", "utf-8", "x" * 1000, "\u00e9"])
def test_odd_declarations(declared: str) -> None:
    assert decode(FRENCH.encode("cp1252"), declared) == FRENCH


def test_bytes_that_are_wrong() -> None:
    """One cut character does not make the rest Latin."""
    text = RUSSIAN * 3
    assert decode(b"\xd0" + text.encode(), "", "en") == "\ufffd" + text
    assert decode(codecs.BOM_UTF16_LE + "ab".encode("utf-16-le") + b"\x00") == "ab\ufffd"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_ends_of_lines(end: str) -> None:
    assert decode(f"a{end}b{end}{end}".encode()) == "a\nb\n\n"
