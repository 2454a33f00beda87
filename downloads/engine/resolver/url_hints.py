"""Hints from a URL alone, before any request. Pure; only a guess about what is there."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from downloads.engine.resolver import naming
from downloads.engine.resolver.extensions import is_server_page, known_extension

_MANIFESTS = (".m3u8", ".mpd")


def asks_its_source(url: str) -> bool:
    """Return if the source itself is asked first, rather than yt-dlp's list of sites."""
    return looks_like_file(url) or not has_domain(url)


def looks_like_file(url: str) -> bool:
    """Return if the path's extension alone suggests a file: ``/clip.mp4``, but not ``/watch.php``
    or ``/film.html``."""
    name = naming.name_from_url(url)
    ext = known_extension(name)
    return bool(ext) and not is_server_page(ext)


def looks_like_manifest(url: str) -> bool:
    return naming.name_from_url(url).lower().endswith(_MANIFESTS)


def has_domain(url: str) -> bool:
    """Return if the host is a domain name: yt-dlp knows no site at a bare address or a name without
    a dot."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host
    return False
