"""File names, by headers first and URLs after. Pure."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import collapse_rfc2231_value
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from downloads.engine.resolver.extensions import is_server_page, known_extension, split_name
from downloads.engine.resolver.text import without_controls

# A second value in one header, as proxies join repeated lines; quoted text does not count.
_ANOTHER = re.compile(
    r",\s*(?=(?:attachment|inline)\s*(?:;|$))(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", re.IGNORECASE
)
_WORD = r"=\?[\w.-]+\?[bq]\?[^?]*\?="  # RFC 2047, section 2
_ENCODED_WORDS = re.compile(rf"{_WORD}(?:\s*{_WORD})*", re.IGNORECASE)
_EXTENDED = re.compile(r"^utf-?8'[\w-]*'", re.IGNORECASE)  # filename*'s form, less the asterisk
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
MAX_NAME = 255
# Names of query parameters that hold a file name.
_NAMING_KEYS = frozenset(
    {"f", "file", "file_name", "filename", "fn", "name", "path", "src", "title", "url", "video"}
)
_MANIFESTS = frozenset({"m3u8", "mpd"})
_CONTAINER = re.compile(r"\.(?:m3u8?|mpd|mp4|mov|smil|ism[cl]?|urlset)$", re.IGNORECASE)
# Packagers' generic file and folder names, which are no title.
_NO_NAMES = re.compile(
    r"(?:adaptive|av|audio|chunklist|cmaf|dash|f?mp4|hls|index|m3u8|main|manifest|master|media|"
    r"mpd|output|playlist|prog|stream|ts|video|vod|v|p|[bw]\d+)*\d{0,5}[kp]?",
    re.IGNORECASE,
)


def name_from_disposition(value: str) -> str:
    """Return the file name of a Content-Disposition header, or "". ``filename*`` wins (RFC 6266,
    4.3).

    ``value`` is decoded as Latin-1; of several with commas between, the first that has a name
    counts.
    """
    return next(filter(None, map(_disposed, _ANOTHER.split(value[:4096]))), "")


def _disposed(value: str) -> str:
    message = Message()
    message["Content-Disposition"] = re.sub(r"[\r\n\x00]", " ", value)
    plain = extended = ""
    params: list[tuple[str, object]] = list(message.get_params([], "content-disposition"))
    for key, found in params:
        if key.lower() != "filename":
            continue
        if not isinstance(found, tuple):
            plain = plain or _plain(str(found))
        elif _is_charset(found[0]):
            return clean_name(collapse_rfc2231_value(found))
        else:
            extended = extended or _plain(found[2])
    return clean_name(plain or extended)


def _is_charset(name: str | None) -> bool:
    try:
        codecs.lookup(name or "us-ascii")
    except (LookupError, ValueError):
        return False
    return True


def _plain(name: str) -> str:
    """Return a ``filename=`` as servers mean it: raw UTF-8, %XX, or an RFC 2047 encoded word."""
    try:
        name = name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        pass  # Latin-1, as the RFC has it
    if _ENCODED_WORDS.search(name):
        return _ENCODED_WORDS.sub(_decoded_words, name)
    return _unquoted(_EXTENDED.sub("", name))


def _decoded_words(match: re.Match[str]) -> str:
    try:
        return str(make_header(decode_header(match[0])))
    except (HeaderParseError, LookupError, ValueError):
        return match[0]


def _unquoted(text: str) -> str:
    if not _PERCENT.search(text):
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def clean_name(name: str) -> str:
    """Return the name alone: no folders, no control or direction characters, no dots around it."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = re.sub(r"\s+", " ", without_controls(name)).strip(" .'\"")
    stem, dot, ext = kept.rpartition(".")
    if len(kept) > MAX_NAME and dot and len(ext) <= 10:
        return f"{stem[: MAX_NAME - len(ext) - 1]}.{ext}"
    return kept[:MAX_NAME]


def name_from_url(url: str) -> str:
    """Return the last segment of the URL's path, decoded; "" if there is none."""
    return clean_name(_unquoted(urlsplit(url).path.rstrip("/").rpartition("/")[2]))


@lru_cache(maxsize=512)  # lists name the same again and again
def provisional_title(url: str) -> str:
    """Return a title for a URL before its source has answered: its file name, else the URL in
    readable form, without the scheme and without a password."""
    name, parts = name_from_url(url), urlsplit(url)
    if split_name(name)[1] in _MANIFESTS:
        return name_of_stream(url) or parts.hostname or name
    if known_extension(name):
        return readable_title(name)
    host = parts.netloc.rpartition("@")[2]
    return host + parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")


def name_of_stream(*urls: str, name: str = "") -> str:
    """Return a name for what these manifests list; empty if nothing provides one.

    By ``name`` (of a header), else the file's, else that of the nearest folder with a telling name;
    else the nearest folder of several words, even if each is a packager's:
    ``/hls_master/index.m3u8``.
    """
    paths = [
        [clean_name(_unquoted(part)) for part in urlsplit(url).path.split("/")] for url in urls
    ]
    found = [name, *(each for path in paths for each in reversed(path))]
    names = [readable for each in found if (readable := _CONTAINER.sub("", each))]
    telling_names = (each for each in names if not all(map(_NO_NAMES.fullmatch, _words(each))))
    folders = [each for path in paths for each in reversed(path[:-1])]
    joined = (each for each in folders if len(_words(each)) > 1 and _is_spelt(each))
    best = next(telling_names, None) or next(joined, None)
    return readable_title(best) if best else ""


def _words(name: str) -> list[str]:
    return re.split(r"[\s._-]+", name[:100])


def _is_spelt(name: str) -> bool:
    return all(word.isalpha() for word in _words(name))


@dataclass(frozen=True, slots=True)
class Names:
    """Candidate names of a file, the most reliable first: the header, a URL's last segment with an
    extension, a name in a URL's query, then any URL's last segment. ``host``: used if there is
    none."""

    all: tuple[str, ...]
    host: str

    @classmethod
    def of(cls, disposition: str, final_url: str, pasted_url: str) -> Names:
        """Collect the names. The final URL precedes the pasted one: ``/download?id=3`` leads to
        ``/film.mp4``."""
        urls = (final_url, pasted_url)
        segments = [name_from_url(url) for url in urls]
        telling = [name for name in segments if _tells(name)]
        in_query = [name for url in urls for name in _names_in_query(url)]
        found = [name_from_disposition(disposition), *telling, *in_query, *segments]
        host = urlsplit(pasted_url).hostname or "download"
        return cls(tuple(dict.fromkeys(filter(None, found))), host)

    @property
    def best(self) -> str:
        """The best name; empty if there is none."""
        return next(iter(self.all), "")

    @property
    def extension(self) -> str:
        """The first telling extension; empty if there is none."""
        return next((split_name(each)[1] for each in self.all if _tells(each)), "")


def _tells(name: str) -> bool:
    ext = known_extension(name)
    return bool(ext) and not is_server_page(ext)


def _names_in_query(url: str) -> list[str]:
    """Return the file names in a query, as in ``/get.php?file=film.mp4``."""
    pairs = parse_qsl(urlsplit(url).query[:8192])
    names = [clean_name(value) for key, value in pairs if key.lower() in _NAMING_KEYS]
    return [name for name in names if _tells(name)]


def readable_title(name: str) -> str:
    """Return the name without its extension, in readable form."""
    return readable(split_name(name)[0]) or name


def readable(stem: str) -> str:
    """Return the stem with underscores replaced by spaces; empty if nothing else is left."""
    return re.sub(r"[\s_]+", " ", stem).strip()
