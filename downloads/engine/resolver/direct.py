"""A plain file behind a URL: anything that is neither a page nor a playlist."""

from __future__ import annotations

from downloads.engine.core.media import Format, Quality, Source, Stream
from downloads.engine.resolver import extensions, naming, promises, signatures, sniff, url_hints
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.manifests import refusals
from downloads.engine.resolver.sniff import Text

FORMAT_ID = "direct"
_TYPES_OF_TEXT = {
    Text.PAGE: "text/html",
    Text.JSON: "application/json",
    Text.XML: "text/xml",
    Text.XML_ERROR: "text/xml",
}


class DirectResolver:
    """A resolver of plain files: it trusts the first bytes of the answer before its name and
    type."""

    def claims(self, url_probe: UrlProbe) -> bool:
        """Return if the answer is a file, or came in place of one, except for a declared page:
        it may embed the file."""
        kind, head = url_probe.content_type, url_probe.head
        if sniff.is_manifest("", head):
            return False
        if _is_instead(url_probe):
            return True
        if sniff.is_manifest(kind, head):
            return False
        return _is_attached(url_probe) or not sniff.is_page(kind, head)

    def resolve(self, url_probe: UrlProbe) -> Source:
        """Return the file as a source with one format. Its answer stays parked in the client.

        Raises NotMedia if a page or a message came in place of media, BadResponse if nothing did.
        """
        response, head = url_probe.response, url_probe.head
        content_type = sniff.true_type(url_probe.content_type, head)
        _check_promise(url_probe)
        stem, ext = _name(url_probe, content_type)
        offered = Format(
            id=FORMAT_ID,
            stream=Stream(
                url=response.url,
                headers=response.sent_headers,
                validators=response.validators,
                accepts_ranges=response.accepts_ranges,
            ),
            ext=ext,
            mime_type=extensions.choose_type(ext, content_type),
            quality=Quality.AUTO,
        )
        if offered.mime_type.startswith(("video/", "audio/")) and sniff.is_list(head):
            raise refusals.no_media("a direct file")
        url_probe.client.parked.put(response)
        return Source(
            # The pasted URL: a signed address that it redirects to changes every time.
            identity=f"direct:{url_probe.url}",
            title=naming.readable(stem) or url_probe.names.best or url_probe.names.host,
            formats=(offered,),
            notes=promises.notes(url_probe.names, url_probe.content_type, head),
        )


def _is_attached(url_probe: UrlProbe) -> bool:
    disposition = url_probe.response.headers.get("Content-Disposition", "")
    return disposition.strip().lower().startswith("attachment")


def _check_promise(url_probe: UrlProbe) -> None:
    """Raise NotMedia or BadResponse if this is not what the URL and its type promise."""
    response, head = url_probe.response, url_probe.head
    if not head and url_hints.looks_like_manifest(response.url):
        raise refusals.broken("an empty playlist")
    if not head and promises.is_media(url_probe.names, url_probe.content_type):
        raise promises.nothing(response)
    if _is_instead(url_probe):
        raise promises.refusal(response, head, url_probe.content_type)


def _is_instead(url_probe: UrlProbe) -> bool:
    """Return if a page or a message came in place of the promised media."""
    kind, head = url_probe.content_type, url_probe.head
    exts = [extensions.split_name(name)[1] for name in url_probe.names.all]
    came = promises.came_instead(exts, kind, head)
    if came is None or not promises.is_media(url_probe.names, kind):
        return False
    may_hold_it = sniff.says_page(kind) and sniff.is_page(kind, head)
    return came is not Text.PAGE or _is_attached(url_probe) or not may_hold_it


def _name(url_probe: UrlProbe, content_type: str) -> tuple[str, str]:
    """Return the stem and the extension."""
    names, head = url_probe.names, url_probe.head
    found = signatures.recognise(head)
    stem, ext = extensions.choose(names.best, content_type, found)
    if ext != extensions.UNKNOWN or extensions.split_name(names.best)[1]:
        return stem, ext
    came = sniff.text_of(head)
    by_text = extensions.choose(names.best, _TYPES_OF_TEXT[came])[1] if came else ""
    return stem, names.extension or by_text or ext
