"""Names of files in the storage, made from untrusted titles. Pure, without Django.

A name holds for every file system that a file may be copied to: no separator, no control or bidi
character, nothing that Windows reserves, at most 200 bytes in each part.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from string import Formatter
from typing import Final

PART_LIMIT: Final = 200  # bytes of UTF-8; file systems end at 255, and copies get suffixes
FOLDERS_LIMIT: Final = 4  # so that a whole name stays within S3's 1024 bytes
FIELDS: Final = ("title", "quality", "id8", "ext")
NAMELESS: Final = "download"

_RESERVED_CHARACTERS: Final = frozenset('/\\:*?"<>|')
_DROPPED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co"})
_JOINERS: Final = frozenset("\u200c\u200d")  # Cf too, but scripts and emoji are spelt with them
# learn.microsoft.com/windows/win32/fileio/naming-a-file: reserved with any extension
_RESERVED_NAME: Final = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=$|\.| +$| *\.)",
    re.IGNORECASE,
)
_EXT: Final = re.compile(r"(?:tar\.)?[a-z0-9]{1,10}")

# What each field may have become, without a slash; the extension with the language of subtitles.
_PATTERNS: Final = {
    "title": r"[^/]*",
    "quality": r"[A-Za-z0-9]*",
    "id8": r"([0-9a-f]{8})",
    "ext": r"[A-Za-z0-9.-]{1,40}",
}


def storage_name(template: str, *, title: str, quality: str, id: uuid.UUID, ext: str) -> str:
    """Return the file's name in the storage: the template filled in, each of its parts made safe.

    ``id8`` is in every name, even if the template leaves it out: no two renditions share one. If a
    part is too long, the title is cut. Raises ValueError for a template that ``check_template``
    rejects.
    """
    check_template(template)
    values = {"quality": _clean(quality), "id8": id.hex[:8], "ext": safe_ext(ext)}
    *folders, last = template.split("/")
    if "id8" not in _fields(template):
        last = _with_id8(last)
    named = _clean(title) or NAMELESS
    parts = [_fill(folder, named, values) for folder in folders]
    return "/".join([*parts, _fill(last, named, values, suffix=f".{values['ext']}")])


def is_from_template(template: str, name: str) -> bool:
    """Return True if ``name`` surely came from ``storage_name`` with this template, or names the
    subtitles beside such a file.

    Another program's file is never taken for one: an id of digits alone may be a date, and is
    False too.
    """
    if "id8" not in _fields(template):
        folders, slash, last = template.rpartition("/")
        template = f"{folders}{slash}{_with_id8(last)}"
    pattern = "".join(
        re.escape(literal) + (_PATTERNS[field] if field else "")
        for literal, field, _, _ in Formatter().parse(template)
    )
    found = re.fullmatch(pattern, name)
    return found is not None and any(not each.isdigit() for each in found.groups())


def check_template(template: str) -> None:
    """Raise ValueError with a sentence if no safe name could be made from it."""
    fields = ", ".join(f"{{{name}}}" for name in FIELDS)
    parts = template.split("/")
    if any(part.strip() in {"", ".", ".."} for part in parts):
        raise ValueError("must be a name inside the storage, without empty parts, . and ..")
    if len(parts) > FOLDERS_LIMIT + 1:
        raise ValueError(f"must have at most {FOLDERS_LIMIT} folders")
    try:
        pieces = [piece for part in parts for piece in Formatter().parse(part)]
    except ValueError:
        raise ValueError(f"has unpaired braces; it must be made of {fields}") from None
    for _, name, spec, conversion in pieces:
        if name is not None and (name not in FIELDS or spec or conversion):
            raise ValueError(f"must be made of {fields}")
    if not _fields(template):
        raise ValueError(f"must be made of {fields}")


def safe_part(text: str, *, suffix: str = "") -> str:
    """Return one folder or file name; never empty, never longer than PART_LIMIT bytes.

    If it is cut, it keeps its end if that is ``suffix``.
    """
    name = _clean(text).lstrip(". ").rstrip(". ")
    if _RESERVED_NAME.match(name):
        name = f"_{name}"
    if len(name.encode()) > PART_LIMIT:
        end = suffix if suffix and name.endswith(suffix) else ""
        name = _cut(name, PART_LIMIT - len(end.encode())).rstrip(". ") + end
    return name or NAMELESS


def safe_ext(ext: str) -> str:
    """Return the extension in lower case, or "bin" if it does not look like one."""
    ext = ext.lower().removeprefix(".")
    return ext if _EXT.fullmatch(ext) else "bin"


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _with_id8(part: str) -> str:
    stem, dot, end = part.rpartition(".{ext}")
    return f"{stem} {{id8}}{dot}" if dot and not end else f"{part} {{id8}}"


def _fill(part: str, title: str, values: dict[str, str], *, suffix: str = "") -> str:
    """Return the part of a template, with as much of the title as its limit leaves room for."""
    titles = sum(name == "title" for _, name, _, _ in Formatter().parse(part))
    if titles:
        room = PART_LIMIT - len(part.format(title="", **values).encode())
        title = _cut(title, max(room // titles, 0)).rstrip(". ")
    return safe_part(part.format(title=title, **values), suffix=suffix)


def _clean(text: str) -> str:
    """Return ``text`` in NFC, without invisible or reserved characters, each run of white space one
    space."""
    kept = "".join(map(_replacement, unicodedata.normalize("NFC", text)))
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def _replacement(character: str) -> str:
    if character in _JOINERS:
        return character
    if character.isspace() or character in _RESERVED_CHARACTERS:
        return " "
    return "" if unicodedata.category(character) in _DROPPED_CATEGORIES else character


def _cut(text: str, limit: int) -> str:
    """Return at most ``limit`` bytes of UTF-8, ending with a whole character and its marks."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    kept = raw[:limit].decode(errors="ignore")
    if unicodedata.combining(text[len(kept)]):  # the marks of the last one were cut off
        while kept and unicodedata.combining(kept[-1]):
            kept = kept[:-1]
        kept = kept[:-1]
    return kept
