"""The resolvers by yt-dlp: sites with an extractor first, any page with a video last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from downloads.engine.core.errors import NotMedia, UnsupportedURL
from downloads.engine.core.listing import Listing
from downloads.engine.core.media import Source
from downloads.engine.resolver import promises, sniff
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.url_hints import asks_its_source, has_domain, looks_like_file

if TYPE_CHECKING:
    from downloads.engine.resolver.ytdlp.extraction import Extraction


class _YtdlpResolver:
    """The common part. ``extraction``: the one to use; by default the jail of this process."""

    def __init__(self, extraction: Extraction | None = None) -> None:
        self._given = extraction

    @property
    def _extraction(self) -> Extraction:
        if self._given is None:
            # Loading takes 100 ms with its proxy: a command that fetches a file does without.
            from downloads.engine.resolver.ytdlp.extraction import extraction

            return extraction()
        return self._given


class SiteResolver(_YtdlpResolver):
    """A resolver of sites with an extractor of their own. The source itself is not requested."""

    def claims(self, url_probe: UrlProbe) -> bool:
        """Return if a site's extractor takes the URL. A link that looks like a file waits for its
        source's answer, which costs nothing more: if that is a page, :class:`PageResolver` finds
        the site's extractor too."""
        if asks_its_source(url_probe.url):
            return False
        return bool(self._extraction.site(url_probe.url, url_probe.client))

    def resolve(self, url_probe: UrlProbe) -> Source | Listing:
        return self._extraction.extract(url_probe, generic=False)


class PageResolver(_YtdlpResolver):
    """A resolver of any web page, once its source has answered with one."""

    def claims(self, url_probe: UrlProbe) -> bool:
        return sniff.is_page(url_probe.content_type, url_probe.head)

    def resolve(self, url_probe: UrlProbe) -> Source | Listing:
        """Return the page's media. Raises NotMedia if the link promised media, and the page has
        none."""
        here = {url_probe.url, url_probe.response.url}
        instead = _refusal(url_probe)
        url_probe.close()  # it is requested again, from the jail
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
        """Return if the site is known: :class:`SiteResolver` did not check a URL that looks like a
        file."""
        passed_over = has_domain(url_probe.url) and looks_like_file(url_probe.url)
        return passed_over and bool(self._extraction.site(url_probe.url, url_probe.client))


def _refusal(url_probe: UrlProbe) -> NotMedia | None:
    """Return the error for a page in place of the media that its link promised; else None."""
    kind = url_probe.content_type
    if not promises.is_media(url_probe.names, kind):
        return None
    return promises.refusal(url_probe.response, url_probe.head, kind)
