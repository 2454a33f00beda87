"""The extension of a stored file: by its bytes, its name and its declared type. Pure.

As browsers do it (Chromium's ``GenerateFileName``, Firefox' ``ValidateFileNameForSaving``): an
extension that fits the bytes stays, one of another media type or of a server page is replaced, and
after any other the right one is appended, so that nothing of a name with dots is lost.
"""

from __future__ import annotations

import mimetypes
import re
from functools import cache
from typing import Final

from downloads.engine.core import file_types
from downloads.engine.core.file_types import FileType

UNKNOWN: Final = "bin"

# Types that servers send for an unknown file.
_UNTOLD: Final = frozenset(
    {
        "",
        "application/binary",
        "application/download",
        "application/force-download",
        "application/octet-stream",
        "application/octetstream",
        "application/unknown",
        "application/x-binary",
        "application/x-download",
        "application/x-force-download",
        "application/x-octet-stream",
        "application/x-unknown",
        "binary/octet-stream",
        "content/unknown",
        "multipart/form-data",
        "unknown/unknown",
    }
)
_MEDIA_TYPE: Final = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}", re.ASCII)
_EXTENSION: Final = re.compile(r"\.((?:tar\.)?[A-Za-z0-9]{1,10})$")
# Of programs that generate a file.
_PROGRAMS: Final = frozenset(
    {"action", "ashx", "asmx", "asp", "aspx", "axd", "cfm", "cgi", "do", "fcgi", "jsp", "jspx",
     "php", "php3", "php4", "php5", "phtml", "svc"}
)  # fmt: skip
_PAGES: Final = frozenset({"htm", "html", "shtml", "xhtml"})
# Suffixes of browsers' unfinished downloads.
_UNFINISHED: Final = frozenset({"crdownload", "download", "opdownload", "part", "tmp"})
_MANIFESTS: Final = frozenset({"m3u8", "mpd"})
# Top-level domains: the last path segment of many URLs is a host name.
_COUNTRIES: Final = frozenset({"ai", "au"})
# A part of a split archive.
_PART: Final = re.compile(r"\d{3}|[rz]\d\d", re.IGNORECASE)
# Other valid extensions of the same bytes, for a file without a picture.
_SOUND_OF: Final = {"mp4": "m4a", "webm": "weba", "mkv": "mka"}


@cache
def _types() -> mimetypes.MimeTypes:
    """Return the type table without the machine's own files, so that a name means the same
    everywhere. Built on first use: the constructor reads those files, which the jail does not
    have."""
    return mimetypes.MimeTypes()


def split_name(name: str) -> tuple[str, str]:
    """Return (stem, extension in lower case without its dot); ``a.tar.gz`` gives ``tar.gz``."""
    match = _EXTENSION.search(name)
    if match is None or match.start() == 0:
        return name, ""
    return name[: match.start()], match[1].lower()


def known_extension(name: str) -> str:
    """Return the extension of ``name`` if it says what the file is, or ""."""
    ext = split_name(name)[1]
    known = file_types.of_ext(ext) or _types().guess_type(f"x.{ext}") != (None, None)
    return ext if ext and known else ""


def is_server_page(ext: str) -> bool:
    return ext in _PROGRAMS or ext in _PAGES


def promises_media(ext: str) -> bool:
    """Return if the extension is that of a film, a picture, an archive or a stream's list: of
    something that a page or a message cannot be."""
    if ext in _COUNTRIES:
        return False
    return ext in _MANIFESTS or file_types.of_ext(ext) is not None


def choose(name: str, content_type: str, file_type: FileType | None = None) -> tuple[str, str]:
    """Return the stem that ``name`` keeps and the extension that goes behind it.

    ``file_type``: what the first bytes are, if known; it takes precedence over ``content_type``.
    """
    stem, ext = split_name(name)
    declared = file_types.of_type(content_type)
    if file_type is not None:
        return _by_bytes(name, stem, ext, _refined(file_type, declared, ext))
    if declared is not None and declared.is_media and not _is_kept(stem, ext):
        return _under_page(stem, declared) if is_server_page(ext) else (name, declared.ext)
    by_type = _usual(content_type)
    replaced = ext in _PROGRAMS or (ext in _PAGES and by_type not in _PAGES)
    if ext and not (replaced and by_type):
        return stem, ext
    return stem, by_type or UNKNOWN


def _refined(file_type: FileType, declared: FileType | None, ext: str) -> FileType:
    """Return ``file_type``, refined: a film and a sound alone begin with the same bytes, so a
    declaration of sound is believed."""
    named = file_types.of_ext(ext)
    film = declared is not None and declared.mime_type.startswith("video/")
    says_sound = any(each and each.mime_type.startswith("audio/") for each in (declared, named))
    sound = says_sound and not film
    kept = file_types.of_ext(_SOUND_OF.get(file_type.ext, "")) if sound else None
    if (
        kept is None
        and declared is not None
        and file_type.ext == "mp4"
        and declared.ext in file_type.family
    ):
        kept = declared
    return kept or file_type


def _by_bytes(name: str, stem: str, ext: str, file_type: FileType) -> tuple[str, str]:
    if not ext or is_server_page(ext) or ext in _UNFINISHED:
        return _under_page(stem, file_type)
    if ext in file_type.family or _is_part(stem, ext):
        return stem, ext
    named = file_types.of_ext(ext)
    if file_type.is_media:
        is_media = ext in _MANIFESTS or (named is not None and named.is_media)
        return (stem if is_media else name), file_type.ext
    # Many formats are archives with an extension of their own: they keep it, but not a film's.
    return (name, file_type.ext) if named is not None and named.is_media else (stem, ext)


def _under_page(stem: str, file_type: FileType) -> tuple[str, str]:
    """Return stem and extension without a server page's: ``film.mp4.php`` is ``film.mp4``."""
    inner, ext = split_name(stem)
    return (inner, ext) if ext in file_type.family else (stem, file_type.ext)


def _is_kept(stem: str, ext: str) -> bool:
    return file_types.of_ext(ext) is not None or ext in _DOCUMENTS or _is_part(stem, ext)


def _is_part(stem: str, ext: str) -> bool:
    return bool(_PART.fullmatch(ext)) and file_types.of_ext(split_name(stem)[1]) is not None


_DOCUMENTS: Final = frozenset(
    {"ass", "csv", "doc", "json", "m3u", "m3u8", "md", "mpd", "pls", "srt", "ssa", "svg", "txt",
     "vtt", "xls", "xml", "xspf"}
)  # fmt: skip


def _usual(content_type: str) -> str:
    """Return the extension of a specific type, else ""."""
    if content_type in _UNTOLD:
        return ""
    found = file_types.of_type(content_type)
    return found.ext if found else (_types().guess_extension(content_type) or "").removeprefix(".")


def choose_type(ext: str, content_type: str) -> str:
    """Return the media type of a known extension, else the source's if it is specific.

    Files are delivered by their extension, so one type belongs to each.
    """
    known = file_types.of_ext(ext)
    if known is not None:
        return known.mime_type
    if not _MEDIA_TYPE.fullmatch(content_type):
        content_type = ""
    if content_type not in _UNTOLD and content_type != "text/plain":
        return content_type
    guess, encoding = _types().guess_type(f"x.{ext}")
    return (None if encoding else guess) or content_type or "application/octet-stream"
