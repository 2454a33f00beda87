"""Parsers: lists without end, and lists that include themselves."""

from __future__ import annotations

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site

CODES = "bad_manifest unsupported_url not_media too_large"


def _ask(site: Site, text: str) -> None:
    path = f"/list{len(site.origin.files)}.m3u8"
    site.origin.serve(path, text.replace("SELF", path[1:]).encode())
    site.refused(site.origin.url(path), CODES)


def million_variants(site: Site, download: str) -> None:
    _ask(site, "#EXTM3U\n" + "#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n" * 1_000_000)


def include_itself(site: Site, download: str) -> None:
    _ask(site, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nSELF\n")


FAULTS = (
    Fault("a million variants", million_variants),
    Fault("a list that includes itself", include_itself),
)
