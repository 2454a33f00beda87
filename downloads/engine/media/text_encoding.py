"""The character encoding of a subtitle file. Runs in the jail.

Valid UTF-8 is UTF-8, whatever its declared charset: the opposite is rare. Older files are judged by
the declared charset, then by their language, as browsers do it with pages
(https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding), then by
their bytes.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from downloads.engine.core.languages import canonical

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_OTHERWISE: Final = "cp1252"
# The web uses these labels for the larger set (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT: Final = {
    "ascii": _OTHERWISE, "iso8859-1": _OTHERWISE, "iso8859-9": "cp1254", "gb2312": "gb18030",
    "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "tis-620": "cp874",
}  # fmt: skip
_BY_LANGUAGE: Final = {
    "ar": ("cp1256",), "fa": ("cp1256",), "be": ("cp1251",), "bg": ("cp1251",),
    "mk": ("cp1251",), "ru": ("cp1251", "koi8_r"), "sr": ("cp1251",), "uk": ("cp1251", "koi8_u"),
    "cs": ("cp1250",), "hr": ("cp1250",), "hu": ("cp1250",), "pl": ("cp1250",), "ro": ("cp1250",),
    "sk": ("cp1250",), "sl": ("cp1250",), "el": ("cp1253",), "he": ("cp1255",), "iw": ("cp1255",),
    "tr": ("cp1254",), "az": ("cp1254",), "et": ("cp1257",), "lt": ("cp1257",), "lv": ("cp1257",),
    "vi": ("cp1258",), "th": ("cp874",), "ja": ("euc_jp", "cp932"),
    "ko": ("cp949",), "zh": ("gb18030", "big5"),
}  # fmt: skip
_TRADITIONAL = re.compile(r"zh-(?:.*-)?(?:hant|tw|hk|mo)\b", re.IGNORECASE)
_GUESSED: Final = [
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "cp932", "euc_jp", "gb18030", "big5", "cp949",
]  # fmt: skip
_FOREIGN: Final = 0.5  # of all letters: more of them outside ASCII are no Latin script
_LOOKED_AT: Final = 256 * 1024  # bytes


def decode(content: bytes, declared: str = "", language: str = "") -> str:
    """Return the text, its lines ended by LF. ``declared``: the charset of its Content-Type;
    ``language``: a BCP 47 tag. What cannot be decoded becomes U+FFFD."""
    text = _decode(content, declared, language)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(content: bytes, declared: str, language: str) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    if wide := _wide(content):
        return content.decode(wide, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    xml = _XML_ENCODING.match(content[:300])
    for name in (declared, xml[1].decode("ascii") if xml else ""):
        if known := _known(name):
            return content.decode(known, "replace")
    if _is_damaged_utf8(content):
        return content.decode("utf-8", "replace")
    return content.decode(_guess(content, language), "replace")


def _wide(content: bytes) -> str:
    """Return the UTF-16 encoding of text without a mark: every other byte of ASCII text is zero."""
    head = content[:1024]
    if len(head) < 4:
        return ""
    half = len(head) // 2
    if head[1::2].count(0) > 0.7 * half and head[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.7 * half and head[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return ""


def _known(name: str) -> str:
    """Return Python's name of a declared encoding, empty if it is unknown or proven wrong."""
    try:
        known = codecs.lookup(name.strip(" \"'"))
        "".encode(known.name)  # there are codecs of other things than text
    except (LookupError, ValueError):
        return ""
    return "" if known.name.startswith("utf") else _MEANT.get(known.name, known.name)


def _is_damaged_utf8(content: bytes) -> bool:
    """Return if it is UTF-8 with a cut or an odd byte."""
    text = content[:_LOOKED_AT].decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    whole = sum(character > "\x7f" for character in text) - wrong
    return whole > 10 * wrong


def _guess(content: bytes, language: str) -> str:
    primary = canonical(language).partition("-")[0]
    likely = _BY_LANGUAGE.get(primary, ())
    if _TRADITIONAL.match(language):
        likely = ("big5", "gb18030")
    for name in likely:
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    letters = [byte for byte in content[:_LOOKED_AT] if byte > 0x7F or chr(byte).isalpha()]
    if sum(byte > 0x7F for byte in letters) < _FOREIGN * len(letters):
        return _OTHERWISE
    return _detected(content)


def _detected(content: bytes) -> str:
    from charset_normalizer import from_bytes  # only old files without a known alphabet need it

    best = from_bytes(content[:_LOOKED_AT], cp_isolation=_GUESSED).best()
    return best.encoding if best else _OTHERWISE
