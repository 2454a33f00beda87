"""The framing of an answer's body (RFC 9112, section 6): judged strictly, since bytes depend on it.

Pure. If two rules could give two ends, the connection is not used again.
"""

from __future__ import annotations

from dataclasses import dataclass

from downloads.engine.core.errors import BadResponse
from downloads.engine.egress.head import SWITCHES, Head, Headers
from downloads.engine.egress.http_fields import parse_content_length

_BODILESS = (SWITCHES, 204, 304)
# Words that scripts write in place of a coding, and that mean none.
_NO_CODING = frozenset({"", "identity", "binary", "none", "7bit", "8bit", "utf-8"})
_CODINGS = frozenset({"gzip", "x-gzip", "deflate", "br"})


@dataclass(frozen=True, slots=True)
class Framing:
    """The framing of a body. ``length`` is in bytes; None if only its end tells: the last chunk, or
    the end of the connection.

    ``codings``: the codings beneath the chunks, in the order applied. ``closes``: the connection
    serves no other request. ``doubtful``: bytes beyond the length make it invalid.
    """

    chunked: bool
    length: int | None
    codings: tuple[str, ...]
    closes: bool
    doubtful: bool = False


def framing_of(head: Head) -> Framing:
    """Read the framing of an answer to a GET or POST. Raises BadResponse.

    Transfer-Encoding wins over Content-Length. One of HTTP/1.0 is honoured, as curl does.
    """
    headers = head.headers
    closes = head.lenient or not _keeps_alive(head.minor, headers)
    if head.status in _BODILESS:
        return Framing(False, 0, (), closes or head.status == SWITCHES)
    words = _words(headers.get("Transfer-Encoding", ""))
    codings = [word for word in words if word not in _NO_CODING]
    if not codings:
        parsed = parse_content_length(headers.get_all("Content-Length"))
        closes |= parsed.length is None or parsed.odd or bool(words)
        return Framing(False, parsed.length, (), closes, doubtful=parsed.odd)
    chunked = codings[-1] == "chunked"
    beneath = tuple(codings[: codings.index("chunked")] if "chunked" in codings else codings)
    if not _CODINGS.issuperset(beneath) or {*codings[len(beneath) :]} - {"chunked"}:
        raise BadResponse(
            f"Transfer-Encoding {', '.join(words)[:60]!r}",
            message="The site sends this in a form that Ferry cannot read. "
            "Look for another link to it.",
        )
    # RFC 9112, section 6.1: both, or one in HTTP/1.0, may be an attempt to smuggle
    odd = "Content-Length" in headers or head.minor == 0 or words != [*beneath, "chunked"]
    return Framing(chunked, None, beneath, closes or odd)


def _words(value: str) -> list[str]:
    return [word.strip(" \t").lower() for word in value.split(",")] if value else []


def _keeps_alive(minor: int, headers: Headers) -> bool:
    """Return if the connection stays open (RFC 9112, section 9.3)."""
    options = _words(headers.get("Connection", ""))
    return "close" not in options and (minor >= 1 or "keep-alive" in options)
