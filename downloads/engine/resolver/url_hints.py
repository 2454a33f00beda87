"""What a URL looks like, before anybody is asked. Pure; only a guess about what is there."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from downloads.engine.resolver import naming
from downloads.engine.resolver.extensions import is_server_page, known_extension

_MANIFESTS = (".m3u8", ".mpd")


def asks_its_source(url: str) -> bool:
    """Whether the source itself is asked first, and not whether yt-dlp knows the site."""
    return looks_like_file(url) or not has_domain(url)


def looks_like_file(url: str) -> bool:
    """By the path's extension alone: ``/clip.mp4``, but not ``/watch.php`` or ``/film.html``."""
    name = naming.name_from_url(url)
    ext = known_extension(name)
    return bool(ext) and not is_server_page(ext)


def looks_like_manifest(url: str) -> bool:
    return naming.name_from_url(url).lower().endswith(_MANIFESTS)


def has_domain(url: str) -> bool:
    """No site that yt-dlp knows by its name is at a bare address or in a name without a dot."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host
    return False
