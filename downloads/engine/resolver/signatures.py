"""File types by signature: those of the WHATWG's MIME sniffing standard (section 6), and for types
that it lacks those of each format's own specification.

A library would do it for a part: filetype knows no MPEG-TS, ADTS or AC-3 and takes two bytes for an
MP3, puremagic guesses from as little; a type recognised here decides a file's extension.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from downloads.engine.core import file_types
from downloads.engine.core.file_types import FileType
from downloads.engine.resolver import frames

# Prefixes, and the patterns after them. A pattern is compiled once its prefix has matched:
# all of them at once take longer than a small file.
_PLAIN: Final = (
    (b"fLaC", b"", "flac"),
    (b"RIFF", rb".{4}WAVE", "wav"),
    (b"RF64", rb".{4}WAVE", "wav"),
    (b"BW64", rb".{4}WAVE", "wav"),
    (b"riff\x2e\x91\xcf\x11", b"", "w64"),  # Sony Wave64
    (b"RIFF", rb".{4}AVI[ X]", "avi"),
    (b"RIFF", rb".{4}WEBPVP8", "webp"),
    (b"FORM", rb".{4}AIF[FC]", "aif"),
    (b"FLV\x01", b"", "flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", b"", "wmv"),
    (b".RMF\x00", b"", "rm"),
    (b".ra\xfd", b"", "ra"),
    (b"\x00\x00\x01\xba", rb"[\x21\x31\x40-\x7f]", "mpg"),  # program stream, MPEG-1 or MPEG-2
    (b"\x00\x00\x01\xb3", rb".{3}[\x11-\xef]", "mpg"),  # a sequence header alone
    (b".snd\x00\x00", b"", "au"),
    (b"#!AMR\n", b"", "amr"),
    (b"#!AMR-WB\n", b"", "awb"),
    (b"MAC ", rb".\x0f", "ape"),
    (b"caff\x00\x01", b"", "caf"),
    (b"\x7f\xfe\x80\x01", b"", "dts"),
    (b"DSD \x1c\x00", b"", "dsf"),
    (b"wvpk", b"", "wv"),
    (b"MThd\x00\x00\x00\x06", b"", "mid"),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", b"", "mxf"),
    (b"DKIF\x00\x00", b"", "ivf"),
    (b"YUV4MPEG2 ", b"", "y4m"),
    (b"FWS", rb"[\x01-\x32].{4}", "swf"),
    (b"CWS", rb"[\x01-\x32].{4}", "swf"),
    (b"\xff\xd8\xff", b"", "jpg"),
    (b"\x89PNG\r\n\x1a\n", b"", "png"),
    (b"GIF87a", b"", "gif"),
    (b"GIF89a", b"", "gif"),
    (b"BM", rb".{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", "bmp"),
    (b"II*\x00", b"", "tif"),
    (b"MM\x00*", b"", "tif"),
    (b"\x00\x00", rb"[\x01\x02]\x00[\x01-\x40]\x00..\x00", "ico"),
    (b"8BPS\x00", rb"[\x01\x02]", "psd"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", b"", "jxl"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"", "jp2"),
    (b"%PDF-", b"", "pdf"),
    (b"\xef\xbb\xbf%PDF-", b"", "pdf"),
    (b"Rar!\x1a\x07", rb"[\x00\x01]", "rar"),
    (b"7z\xbc\xaf\x27\x1c", b"", "7z"),
    (b"\x1f\x8b\x08", rb"[\x00-\x1f]", "gz"),
    (b"BZh", rb"[1-9]\x31\x41\x59\x26\x53\x59", "bz2"),
    (b"\xfd7zXZ\x00", b"", "xz"),
    (b"\x28\xb5\x2f\xfd", b"", "zst"),
    (b"MSCF\x00\x00\x00\x00", b"", "cab"),
    (b"d", rb"\d{1,3}:(?:announce|comment|created|creation|info)", "torrent"),
)
# First boxes of a film without ftyp: QuickTime before 2001, and fragments (ISO 14496-12, 8.16).
_OLD_BOXES: Final = frozenset({b"moov", b"mdat", b"wide", b"pnot"})
_FRAGMENT_BOXES: Final = frozenset({b"styp", b"moof", b"sidx", b"emsg"})
_GAP_BOXES: Final = frozenset({b"free", b"skip"})
# Brands of ftyp by prefix (mp4ra.org); any other is a film.
_BRANDS: Final = (
    (b"qt  ", "mov"), (b"M4A", "m4a"), (b"M4B", "m4b"), (b"M4P", "m4a"), (b"M4V", "m4v"),
    (b"3g2", "3g2"), (b"3g", "3gp"), (b"F4V", "f4v"), (b"f4v", "f4v"), (b"F4A", "f4a"),
    (b"crx", "cr3"), (b"jp2", "jp2"), (b"jpx", "jp2"), (b"mjp2", "mj2"), (b"avif", "avif"),
    (b"avis", "avif"), (b"hei", "heic"), (b"hev", "heic"),
)  # fmt: skip
_ANY_PICTURE: Final = (b"mif1", b"msf1")  # the compatible brands name the codec
_OGG_FIRST: Final = (
    (b"\x80theora", "ogv"), (b"OpusHead", "opus"), (b"Speex ", "spx"), (b"\x7fFLAC", "oga"),
    (b"fishead", "ogv"),
)  # fmt: skip
_IN_ZIP: Final = (
    (b"mimetypeapplication/epub+zip", "epub"),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "odt"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "ods"),
    (b"mimetypeapplication/vnd.oasis.opendocument.presentation", "odp"),
    (b"AndroidManifest.xml", "apk"),
    (b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"),
    (b"META-INF/", "jar"),
)  # fmt: skip


def recognise(head: bytes) -> FileType | None:
    """Return the kind of file that begins with ``head`` (2 KiB tell most), or None."""
    if head.startswith(b"\xff\xfe") and head[2:4].count(0) == 1:
        return None  # text in UTF-16, and no frame of sound
    ext = next((ext for begin, rest, ext in _PLAIN if _begins(head, begin, rest)), "")
    for tell in () if ext else _TELLERS:
        if ext := tell(head):
            break
    return file_types.of_ext(ext)


def _begins(head: bytes, begin: bytes, rest: bytes) -> bool:
    if not head.startswith(begin):
        return False
    return not rest or re.match(rest, head[len(begin) :][:64], re.DOTALL) is not None


def _iso_base_media(head: bytes) -> str:
    if len(head) < 8:
        return ""
    size, kind = int.from_bytes(head[:4]), head[4:8]
    if kind == b"ftyp":
        return _by_brand(head[8:12], head[16 : max(size, 16)])
    if kind in _GAP_BOXES and 8 <= size <= len(head) - 8:
        return _iso_base_media(head[size:]) and "mov"
    if size not in (0, 1) and size < 8:
        return ""
    return "mov" if kind in _OLD_BOXES else "mp4" if kind in _FRAGMENT_BOXES else ""


def _by_brand(major: bytes, others: bytes) -> str:
    if major in _ANY_PICTURE:
        return "avif" if b"avi" in others else "heic"
    return next((ext for brand, ext in _BRANDS if major.startswith(brand)), "mp4")


def _ebml(head: bytes) -> str:
    """Return the type by the DocType (RFC 8794, 11.2.5); if that is not in sight, a browser's."""
    if not head.startswith(b"\x1aE\xdf\xa3"):
        return ""
    doctype = re.search(rb"\x42\x82.{1,8}?(matroska|webm)", head[:128], re.DOTALL)
    return "mkv" if doctype and doctype[1] == b"matroska" else "webm"


def _ogg(head: bytes) -> str:
    if not head.startswith(b"OggS\x00"):
        return ""
    return next((ext for first, ext in _OGG_FIRST if first in head[:256]), "ogg")


def _zip(head: bytes) -> str:
    if not re.match(rb"PK(?:\x03\x04|\x05\x06|\x07\x08|00PK\x03\x04)", head):
        return ""
    return next((ext for name, ext in _IN_ZIP if name in head), "zip")


def _tar(head: bytes) -> str:
    return "tar" if head[257:262] == b"ustar" else ""


_TELLERS: Final[tuple[Callable[[bytes], str], ...]] = (
    _iso_base_media,
    _ebml,
    _ogg,
    _zip,
    frames.recognise,
    _tar,
)
