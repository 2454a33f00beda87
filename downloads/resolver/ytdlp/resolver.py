"""What yt-dlp knows: first the sites that it has an extractor for, last any page with a video."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from downloads.exceptions import UnsupportedURL
from downloads.resolver import naming, sniff
from downloads.resolver.base import Opening
from downloads.resolver.ytdlp import errors
from downloads.resolver.ytdlp.extraction import Extraction, extraction
from downloads.streams import Listing, Source

_PAGES = re.compile(r"\.(?:x?html?|[ajp]sp|aspx|cgi|do|php)$", re.IGNORECASE)


class _YtdlpResolver:
    """``given``: whom to ask; by default the jail of this process."""

    def __init__(self, given: Extraction | None = None) -> None:
        self._given = given

    @property
    def _extraction(self) -> Extraction:
        return self._given or extraction()


class SiteResolver(_YtdlpResolver):
    """The sites with an extractor of their own. The source itself is not asked."""

    def claims(self, opening: Opening) -> bool:
        """A link that looks like a file is left to its source's answer, which costs nothing more:
        where that is a page, :class:`PageResolver` finds the site's extractor too."""
        if looks_like_file(opening.url) or not _has_domain(opening.url):
            return False
        return bool(self._extraction.site(opening.url, opening.client))

    def resolve(self, opening: Opening) -> Source | Listing:
        return self._extraction.extract(opening, generic=False)


class PageResolver(_YtdlpResolver):
    """Any web page, once its source has answered with one."""

    def claims(self, opening: Opening) -> bool:
        return sniff.is_page(opening.content_type, opening.head)

    def resolve(self, opening: Opening) -> Source | Listing:
        here = {opening.url, opening.response.url}
        opening.close()  # it is asked again, from the jail
        found = self._extraction.extract(opening, generic=not self._is_known(opening))
        if isinstance(found, Source) and all(each.stream.url in here for each in found.formats):
            # yt-dlp takes a page that does not look like one for the video itself
            raise UnsupportedURL("a page that is its own video", message=errors.NOTHING_THERE)
        return found

    def _is_known(self, opening: Opening) -> bool:
        """What :class:`SiteResolver` has not looked at, because it looked like a file."""
        passed_over = _has_domain(opening.url) and looks_like_file(opening.url)
        return passed_over and bool(self._extraction.site(opening.url, opening.client))


def looks_like_file(url: str) -> bool:
    """By the path's extension alone: ``/clip.mp4``, but not ``/watch.php`` or ``/film.html``."""
    name = naming.name_from_url(url)
    return bool(naming.known_extension(name)) and not _PAGES.search(name)


def _has_domain(url: str) -> bool:
    """No site that yt-dlp knows by its name is at a bare address or in a name without a dot."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host
    return False
