"""A pasted URL, checked and brought into one form. Pure."""

from __future__ import annotations

from downloads.engine.egress.target import MAX_URL, parse, too_long


def normalise(url: str) -> str:
    """Return the canonical form of a pasted URL, so that equal links compare equal.

    Surrounding text goes (``pasted_text``); scheme and host become lower case, an international
    host becomes ASCII; the default port and the fragment go; an empty path becomes ``/``; what a
    browser encodes is encoded (``egress.url_text``). What is legal in path and query stays as it is
    (RFC 3986, section 6.2.2 and 6.2.3, as far as no server can tell the difference).
    ``example.com/x`` and ``//example.com/x`` are taken for https, as an address bar does, but for
    http if no certificate can be expected: a bare address, a local name, a port of its own.

    Raises UnsupportedURL with a sentence that helps, BlockedAddress for a zoned address.
    """
    if len(url) > 2 * MAX_URL:
        raise too_long()
    text = url.strip()
    is_bare = (  # the link has no surrounding text
        text.isascii()
        and text.isprintable()
        and not ({"#", " "} & set(text))
        and text.startswith(("http://", "https://"))
        and (text[-1].isalnum() or text[-1] in "/=&%~-_")
    )
    if not is_bare:
        from downloads.engine.resolver import pasted_text  # a command starts without

        text = pasted_text.link_in(text)
    return parse(text).url_with_credentials
