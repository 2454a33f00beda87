"""What a file is called and what it is, by headers first and URLs after. Pure."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote, urlsplit

from downloads.engine.resolver.text import without_controls

# Types by which a server says that it does not know.
_UNTOLD = frozenset(
    {
        "",
        "application/force-download",
        "application/octet-stream",
        "application/x-download",
        "binary/octet-stream",
        "unknown/unknown",
    }
)
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}", re.ASCII)
_EXTENSION = re.compile(r"\.((?:tar\.)?[A-Za-z0-9]{1,10})$")
_PROGRAMS = frozenset({"asp", "aspx", "cgi", "do", "jsp", "php"})  # make a file, are none
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
MAX_NAME = 255
_MANIFESTS = frozenset({"m3u8", "mpd"})
_CONTAINER = re.compile(r"\.(?:m3u8?|mpd|mp4|mov|smil|ism[cl]?|urlset)$", re.IGNORECASE)
# What packagers call their files and folders, and no film.
_NO_NAMES = re.compile(
    r"(?:adaptive|av|audio|chunklist|cmaf|dash|f?mp4|hls|index|m3u8|main|manifest|master|media|"
    r"mpd|output|playlist|prog|stream|ts|video|vod|v|p|[bw]\d+)*\d{0,5}[kp]?",
    re.IGNORECASE,
)

# Without the machine's own tables, so that a name means the same everywhere.
_TYPES = mimetypes.MimeTypes()
for _type, _ext in (
    ("application/x-7z-compressed", ".7z"),
    ("application/gzip", ".gz"),
    ("audio/aac", ".aac"),
    ("audio/flac", ".flac"),
    ("audio/mp4", ".m4a"),
    ("audio/ogg", ".ogg"),
    ("audio/webm", ".weba"),
    ("image/avif", ".avif"),
    ("image/webp", ".webp"),
    ("video/mp2t", ".ts"),
    ("video/ogg", ".ogv"),
    ("video/x-matroska", ".mkv"),
):
    _TYPES.add_type(_type, _ext)


def name_from_disposition(value: str) -> str:
    """The file name of a Content-Disposition header, or "". ``filename*`` wins (RFC 6266, 4.3).

    ``value`` is as ``http.client`` gives it, decoded as Latin-1.
    """
    message = Message()
    message["Content-Disposition"] = re.sub(r"[\r\n\x00]", " ", value[:4096])
    plain = ""
    params: list[tuple[str, object]] = list(message.get_params([], "content-disposition"))
    for key, found in params:
        if key.lower() != "filename":
            continue
        if isinstance(found, tuple):
            return clean_name(collapse_rfc2231_value(found))
        plain = plain or _plain(str(found))
    return clean_name(plain)


def _plain(name: str) -> str:
    """A ``filename=`` by what servers mean: raw UTF-8, %XX, or an RFC 2047 encoded word."""
    try:
        name = name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        pass  # Latin-1, as the RFC has it
    if name.startswith("=?"):
        try:
            return str(make_header(decode_header(name)))
        except (HeaderParseError, LookupError, ValueError):
            return name
    return _unquoted(name)


def _unquoted(text: str) -> str:
    if not _PERCENT.search(text):
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def clean_name(name: str) -> str:
    """The name alone: no folders, no control or direction characters, no dots around it."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = re.sub(r"\s+", " ", without_controls(name)).strip(" .'\"")
    stem, dot, ext = kept.rpartition(".")
    if len(kept) > MAX_NAME and dot and len(ext) <= 10:
        return f"{stem[: MAX_NAME - len(ext) - 1]}.{ext}"
    return kept[:MAX_NAME]


def name_from_url(url: str) -> str:
    """The last segment of the URL's path, decoded; "" where there is none."""
    return clean_name(_unquoted(urlsplit(url).path.rstrip("/").rpartition("/")[2]))


def provisional_title(url: str) -> str:
    """What to call a URL before its source has said: its file's name, else the URL as people
    know it, without the scheme and without a password."""
    name, parts = name_from_url(url), urlsplit(url)
    if split_name(name)[1] in _MANIFESTS:
        return name_of_stream(url) or parts.hostname or name
    if known_extension(name):
        return readable_title(name)
    host = parts.netloc.rpartition("@")[2]
    return host + parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")


def name_of_stream(*urls: str, name: str = "") -> str:
    """What to call what these manifests list; empty where nothing tells.

    ``name`` (of a header), else the file's, else the nearest folder's that tells something; else
    the nearest folder of several words, though each is a packager's: ``/hls_master/index.m3u8``.
    """
    paths = [
        [clean_name(_unquoted(part)) for part in urlsplit(url).path.split("/")] for url in urls
    ]
    found = [name, *(each for path in paths for each in reversed(path))]
    names = [readable for each in found if (readable := _CONTAINER.sub("", each))]
    told = (each for each in names if not all(map(_NO_NAMES.fullmatch, _words(each))))
    folders = [each for path in paths for each in reversed(path[:-1])]
    joined = (each for each in folders if len(_words(each)) > 1 and _is_spelt(each))
    best = next(told, None) or next(joined, None)
    return readable_title(best) if best else ""


def _words(name: str) -> list[str]:
    return re.split(r"[\s._-]+", name[:100])


def _is_spelt(name: str) -> bool:
    return all(word.isalpha() for word in _words(name))


def choose_name(disposition: str, final_url: str, pasted_url: str) -> str:
    """Content-Disposition, else a URL's last segment (one with an extension first), else the host.

    The final URL stands before the pasted one: ``/download?id=3`` leads to ``/film.mp4``.
    """
    segments = [name_from_url(final_url), name_from_url(pasted_url)]
    telling = [name for name in segments if known_extension(name)]
    candidates = [name_from_disposition(disposition), *telling, *segments]
    return next(filter(None, candidates), urlsplit(pasted_url).hostname or "download")


def split_name(name: str) -> tuple[str, str]:
    """(stem, extension in lower case without its dot); ``a.tar.gz`` gives ``tar.gz``."""
    match = _EXTENSION.search(name)
    if match is None or match.start() == 0:
        return name, ""
    return name[: match.start()], match[1].lower()


def known_extension(name: str) -> str:
    """The extension of ``name`` if it says what the file is, or ""."""
    ext = split_name(name)[1]
    return ext if ext and _TYPES.guess_type(f"x.{ext}") != (None, None) else ""


def choose_extension(name: str, content_type: str) -> str:
    """The name's own extension, else the type's, else ``bin``."""
    ext = split_name(name)[1]
    by_type = ""
    if content_type not in _UNTOLD:
        by_type = (_TYPES.guess_extension(content_type) or "").removeprefix(".")
    if ext and (ext not in _PROGRAMS or not by_type):
        return ext
    return by_type or "bin"


def choose_type(ext: str, content_type: str) -> str:
    """The source's type where it says something, else the extension's."""
    if not _MEDIA_TYPE.fullmatch(content_type):
        content_type = ""
    if content_type not in _UNTOLD and content_type != "text/plain":
        return content_type
    guess, encoding = _TYPES.guess_type(f"x.{ext}")
    if encoding is not None:
        return _TYPES.guess_type(f"x.{ext.rpartition('.')[2]}")[0] or "application/gzip"
    return guess or content_type or "application/octet-stream"


def readable_title(name: str) -> str:
    """The name without its extension, underscores as the spaces that they stand for."""
    stem = split_name(name)[0]
    return re.sub(r"[\s_]+", " ", stem).strip() or name
