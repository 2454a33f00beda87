"""What yt-dlp knows: first the sites that it has an extractor for, last any page with a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from downloads.engine.core.errors import NotMedia, UnsupportedURL
from downloads.engine.core.media import Listing, Source
from downloads.engine.resolver import promises, sniff
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.url_hints import asks_its_source, has_domain, looks_like_file

if TYPE_CHECKING:
    from downloads.engine.resolver.ytdlp.extraction import Extraction


class _YtdlpResolver:
    """``given``: whom to ask; by default the jail of this process."""

    def __init__(self, given: Extraction | None = None) -> None:
        self._given = given

    @property
    def _extraction(self) -> Extraction:
        if self._given is None:
            # With its proxy and all, 100 ms: a command that fetches a file does without.
            from downloads.engine.resolver.ytdlp.extraction import extraction

            return extraction()
        return self._given


class SiteResolver(_YtdlpResolver):
    """The sites with an extractor of their own. The source itself is not asked."""

    def claims(self, url_probe: UrlProbe) -> bool:
        """A link that looks like a file is left to its source's answer, which costs nothing more:
        where that is a page, :class:`PageResolver` finds the site's extractor too."""
        if asks_its_source(url_probe.url):
            return False
        return bool(self._extraction.site(url_probe.url, url_probe.client))

    def resolve(self, url_probe: UrlProbe) -> Source | Listing:
        return self._extraction.extract(url_probe, generic=False)


class PageResolver(_YtdlpResolver):
    """Any web page, once its source has answered with one."""

    def claims(self, url_probe: UrlProbe) -> bool:
        return sniff.is_page(url_probe.content_type, url_probe.head)

    def resolve(self, url_probe: UrlProbe) -> Source | Listing:
        """Raises NotMedia where the link was one of media, and the page has none in it."""
        here = {url_probe.url, url_probe.response.url}
        instead = _refusal(url_probe)
        url_probe.close()  # it is asked again, from the jail
        from downloads.engine.resolver.ytdlp.errors import NOTHING_THERE

        try:
            found = self._extraction.extract(url_probe, generic=not self._is_known(url_probe))
            if isinstance(found, Source) and all(each.stream.url in here for each in found.formats):
                # yt-dlp takes a page that does not look like one for the video itself
                raise UnsupportedURL("a page that is its own video", message=NOTHING_THERE)
        except UnsupportedURL as error:
            if instead is None or error.message != NOTHING_THERE:
                raise
            raise instead from error
        return found

    def _is_known(self, url_probe: UrlProbe) -> bool:
        """What :class:`SiteResolver` has not looked at, because it looked like a file."""
        passed_over = has_domain(url_probe.url) and looks_like_file(url_probe.url)
        return passed_over and bool(self._extraction.site(url_probe.url, url_probe.client))


def _refusal(url_probe: UrlProbe) -> NotMedia | None:
    """What to say of a page in place of the media that its link promised."""
    kind = url_probe.content_type
    if not promises.is_media(url_probe.names, kind):
        return None
    return promises.refusal(url_probe.response, url_probe.head, kind)
