"""XML in whatever encoding it is (XML 1.0, appendix F)."""

from __future__ import annotations

import pytest

from downloads.engine.resolver.manifests import fetching, xml_text

TEXT = '<?xml version="1.0" encoding="{}"?>\n<MPD>Größe</MPD>'


@pytest.mark.parametrize(
    ("declared", "coding"),
    [
        ("UTF-8", "utf-8"), ("UTF-8", "utf-8-sig"), ("utf-16", "utf-16"), ("UTF-16LE", "utf-16-le"),
        ("UTF-16BE", "utf-16-be"), ("ISO-8859-1", "latin-1"), ("Windows-1252", "cp1252"),
        ("nonsense", "utf-8"), ("rot13", "utf-8"), ("utf-8", "utf-16"),
    ],
)  # fmt: skip
def test_encodings(declared: str, coding: str) -> None:
    body = TEXT.format(declared).encode(coding)
    assert xml_text.is_xml(body)
    assert fetching.text_of(body) == TEXT.format(declared)
    assert fetching.text_of(b"\n " + body).endswith("</MPD>") or "16" in coding


@pytest.mark.parametrize("body", [b"", b"#EXTM3U\n<", "#EXTM3U".encode("utf-16"), b"\x00\x01\x02"])
def test_what_is_no_xml(body: bytes) -> None:
    assert not xml_text.is_xml(body)
