"""The title of a stream: a manifest's own file name is rarely one."""

from __future__ import annotations

from urllib.parse import urlsplit

from downloads.engine.resolver import naming
from downloads.engine.resolver.base import UrlProbe


def title_of(url_probe: UrlProbe, final_url: str, declared: str) -> str:
    """Return the manifest's title, else one by a header or the URL, else the host."""
    if declared.strip():
        return naming.clean_name(declared)
    disposition = naming.name_from_disposition(
        url_probe.response.headers.get("Content-Disposition", "")
    )
    name = naming.name_of_stream(url_probe.url, final_url, name=disposition)
    return name or urlsplit(url_probe.url).hostname or "stream"
