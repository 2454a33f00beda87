"""What to call a stream: its manifest's own name is mostly no name at all."""

from __future__ import annotations

from urllib.parse import urlsplit

from downloads.engine.resolver import naming
from downloads.engine.resolver.base import UrlProbe


def title_of(url_probe: UrlProbe, final_url: str, said: str) -> str:
    """What the manifest says, else what a header or the URL tells, else the host."""
    if said.strip():
        return naming.clean_name(said)
    disposition = naming.name_from_disposition(
        url_probe.response.headers.get("Content-Disposition", "")
    )
    told = naming.name_of_stream(url_probe.url, final_url, name=disposition)
    return told or urlsplit(url_probe.url).hostname or "stream"
