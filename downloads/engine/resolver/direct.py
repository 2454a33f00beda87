"""A plain file behind a URL: whatever is neither a page nor a playlist."""

from __future__ import annotations

from downloads.engine.core.media import Format, Quality, Source, Stream
from downloads.engine.resolver import naming, sniff, url_hints
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.manifests import refusals

FORMAT_ID = "direct"


class DirectResolver:
    """Asks the server and believes its answer, never the URL's extension."""

    def claims(self, url_probe: UrlProbe) -> bool:
        response = url_probe.response
        kind, head = url_probe.content_type, url_probe.head
        if sniff.is_manifest(kind, head):
            return False
        disposition = response.headers.get("Content-Disposition", "").strip().lower()
        return disposition.startswith("attachment") or not sniff.is_page(kind, head)

    def resolve(self, url_probe: UrlProbe) -> Source:
        """The file as a source with one format. Its answer stays parked in the client."""
        response = url_probe.response
        content_type = sniff.true_type(url_probe.content_type, url_probe.head)
        if not url_probe.head and url_hints.looks_like_manifest(response.url):
            raise refusals.broken("an empty playlist")
        name = naming.choose_name(
            response.headers.get("Content-Disposition", ""), response.url, url_probe.url
        )
        ext = naming.choose_extension(name, content_type)
        offered = Format(
            id=FORMAT_ID,
            stream=Stream(
                url=response.url,
                headers=response.sent_headers,
                validators=response.validators,
                accepts_ranges=response.accepts_ranges,
            ),
            ext=ext,
            mime_type=naming.choose_type(ext, content_type),
            quality=Quality.AUTO,
        )
        if offered.mime_type.startswith(("video/", "audio/")) and sniff.is_list(url_probe.head):
            raise refusals.no_media("a direct file")
        url_probe.client.park(response)
        return Source(
            # The pasted URL: a signed address that it redirects to changes every time.
            identity=f"direct:{url_probe.url}",
            title=naming.readable_title(name),
            formats=(offered,),
        )
