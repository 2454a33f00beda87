"""Languages: codes of two letters (ISO 639-1), of three (ISO 639-2, in media files), and names."""

from __future__ import annotations

import re
from typing import Final

LONGEST_TAG: Final = 35  # characters (RFC 5646, section 4.4.1)
_TAG: Final = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,3}")
# no one language (BCP 47, section 4.1)
NO_LANGUAGE: Final = frozenset({"mul", "und", "zxx"})

# The two letters and the three of each, and the old ones that some sites still use.
_PAIRS: Final = """
    aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel bgbul
    bhbih bibis bmbam bnben bobod brbre bsbos cacat ceche chcha cocos crcre csces cuchu cvchv
    cycym dadan dedeu dvdiv dzdzo eeewe elell eneng eoepo esspa etest eueus fafas ffful fifin
    fjfij fofao frfra fyfry gagle gdgla glglg gngrn guguj gvglv hahau heheb hihin hohmo hrhrv
    hthat huhun hyhye hzher iaina idind ieile igibo iiiii ikipk inind ioido isisl itita iuiku
    iwheb jajpn jiyid jvjav kakat kgkon kikik kjkua kkkaz klkal kmkhm knkan kokor krkau kskas
    kukur kvkom kwcor kykir lalat lbltz lglug lilim lnlin lolao ltlit lulub lvlav mgmlg mhmah
    mimri mkmkd mlmal mnmon moron mrmar msmsa mtmlt mymya nanau nbnob ndnde nenep ngndo nlnld nnnno
    nonor nrnbl nvnav nynya ococi ojoji omorm orori ososs papan peper pipli plpol pspus ptpor
    quque rmroh rnrun roron rurus rwkin sasan scsrd sdsnd sesme sgsag shhbs sisin skslk slslv smsmo
    snsna sosom sqsqi srsrp ssssw stsot susun svswe swswa tatam tetel tgtgk ththa titir tktuk
    tltgl tntsn toton trtur tstso tttat twtwi tytah uguig ukukr ururd uzuzb veven vivie vovol
    wawln wowol xhxho yiyid yoyor zazha zhzho zuzul
"""

THREE_LETTERS: Final = {pair[:2]: pair[2:] for pair in _PAIRS.split()}

_OBSOLETE: Final = frozenset({"bh", "in", "iw", "ji", "jw", "mo", "sh"})
# The older codes that start from the English names (ISO 639-2/B).
_OF_NAMES: Final = """
    alb:sq arm:hy baq:eu bur:my chi:zh cze:cs dut:nl fre:fr geo:ka ger:de gre:el ice:is mac:mk
    mao:mi may:ms per:fa rum:ro slo:sk tib:bo wel:cy
"""
_TWO_LETTERS: Final = {
    three: two for two, three in THREE_LETTERS.items() if two not in _OBSOLETE
} | {pair[:3]: pair[4:] for pair in _OF_NAMES.split()}

_NAMES: Final = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fil": "Filipino",
    "fr": "French", "gl": "Galician", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nb": "Norwegian",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def canonical(tag: str) -> str:
    """Return a BCP 47 tag in lower case, its language in two letters if it has such a code: sources
    write ``en``, ``eng`` and ``en_US``."""
    language, dash, rest = tag.lower().replace("_", "-").partition("-")
    return f"{_TWO_LETTERS.get(language, language)}{dash}{rest}"


def told(tag: str) -> str:
    """Return the canonical tag of one language; empty for what a source writes in its place."""
    found = canonical(tag)
    is_one = _TAG.fullmatch(found) and found not in NO_LANGUAGE and len(found) <= LONGEST_TAG
    return found if is_one else ""


def speaks(tag: str, language: str) -> bool:
    """Return if ``tag`` is the requested language, or one of its variants."""
    has, wanted = canonical(tag), canonical(language)
    return bool(wanted) and (has == wanted or has.startswith(f"{wanted}-"))


def is_same_language(tag: str, language: str) -> bool:
    """Return if both are one language, whatever the region: a media file names none."""
    return speaks(tag, language) or speaks(tag, language.replace("_", "-").partition("-")[0])


def name_of(tag: str) -> str:
    """Return ``English``, ``Portuguese (pt-BR)``; the tag if the name is not known."""
    name = _NAMES.get(canonical(tag).partition("-")[0], "")
    return name if canonical(tag) in _NAMES else f"{name} ({tag})" if name else tag
