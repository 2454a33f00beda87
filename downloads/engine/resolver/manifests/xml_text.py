"""The text of XML in any encoding (XML 1.0, appendix F). Pure."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']""")
# Web encodings that are supersets of ASCII: Python knows codecs of other things under any name.
_KNOWN = re.compile(
    r"(?:us-)?ascii|latin-?1|iso-8859-\d{1,2}|windows-125\d|cp125\d|koi8-[ru]|shift_jis|euc-jp|"
    r"euc-kr|gb2312|gbk|gb18030|big5"
)


def is_xml(body: bytes | bytearray) -> bool:
    """Return if ``body`` begins as XML does: with a tag, in any encoding."""
    head = bytes(body[:64])
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return b"<" in head[:64]
    return head.removeprefix(codecs.BOM_UTF8).strip(b"\x00 \t\r\n")[:1] == b"<"


def decode(body: bytes | bytearray) -> str:
    """Return the text by its byte order mark, by the form of its first tag, or by its declaration;
    invalid bytes are replaced."""
    for mark, coding in _MARKS:
        if body.startswith(mark):
            return body.decode(coding, "replace").removeprefix("\ufeff")
    declared = _DECLARED.search(body[:200].lstrip())
    name = declared[1].decode("ascii").lower() if declared else ""
    return body.decode(name if _KNOWN.fullmatch(name) else "utf-8", "replace")
