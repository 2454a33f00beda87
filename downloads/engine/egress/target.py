"""A URL taken apart once, so that what is checked, sent and connected to is the same thing.

URLs with credentials (``https://name:password@host/``) are supported as HTTP Basic
(RFC 7617); the credentials are split off here and never stand in ``Target.url``.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from downloads.engine.core.errors import BlockedAddress, UnsupportedURL

MAX_URL = 8000
PORTS = {"http": 80, "https": 443}

_SPACE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ufeff]")
_HOST = re.compile(r"(?!.{254})(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?")
# Printable ASCII goes onto the wire as it was written; a signature may depend on it.
_AS_WRITTEN = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"<>\\')


@dataclass(frozen=True, slots=True)
class Target:
    """One http(s) URL. ``path`` is what the request line carries, query included.

    ``host`` is ASCII, lower case and without brackets; ``credentials`` is ``name:password``.
    """

    scheme: str
    host: str
    port: int
    path: str
    credentials: str | None = None

    @property
    def authority(self) -> str:
        """The value of the Host header: brackets for IPv6, no default port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The normalised URL, without credentials and fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse(url: str) -> Target:
    """Take an absolute http(s) URL apart. Raises UnsupportedURL with a sentence that helps."""
    if len(url) > MAX_URL:
        raise too_long()
    if _SPACE_OR_CONTROL.search(url):
        raise UnsupportedURL(
            message="The link contains spaces or control characters. Copy it again and paste it."
        )
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise not_a_link(str(error)) from None
    scheme = parts.scheme
    if scheme not in PORTS:
        raise _other_scheme(scheme)
    if "\\" in parts.netloc:  # a browser and we would not agree on the host
        raise not_a_link("backslash in the authority")
    if "[" in parts.netloc and ":" not in (parts.hostname or ""):
        raise not_a_link("brackets without an IPv6 address")
    return Target(
        scheme=scheme,
        host=_host(parts.hostname or ""),
        port=_port(parts),
        path=_request_path(parts),
        credentials=_credentials(parts),
    )


def follow(base: Target, location: str) -> Target:
    """Where a redirect leads. Any other scheme than http(s) raises BlockedAddress."""
    try:
        joined = urljoin(base.url, location.strip().replace(" ", "%20"))
        scheme = urlsplit(joined).scheme
    except ValueError as error:
        raise not_a_link(str(error)) from None
    if scheme not in PORTS:
        raise BlockedAddress(
            f"redirect to {scheme[:20]!r}",
            message="The link redirects to something that is not http or https, "
            "which Ferry does not fetch. Paste a direct link instead.",
        )
    return parse(joined)


def _host(host: str) -> str:
    if not host:
        raise UnsupportedURL(
            message="The link has no host name. Paste a whole one, like https://example.com/file."
        )
    if ":" in host:
        return _ipv6(host)
    host = unquote(host).lower()
    if not host.isascii():
        host = _to_ascii(host)
    if not _HOST.fullmatch(host):
        raise UnsupportedURL(
            message="The link's host name is not valid. Check it for typing errors."
        )
    return host.removesuffix(".")  # the root's own dot: another spelling of the same name


def _port(parts: SplitResult) -> int:
    try:
        port = PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise UnsupportedURL(
            message="The link's port is not valid. It is a number from 1 to 65535."
        )
    return port


def _ipv6(host: str) -> str:
    if "%" in host:  # a zone exists for link-local addresses only (RFC 4007)
        raise BlockedAddress("IPv6 address with a zone")
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        raise not_a_link("bad IPv6 address") from None


def _to_ascii(host: str) -> str:
    import idna  # its tables cost 20 ms, and hardly any link needs them

    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise UnsupportedURL(
            message="The link's host name is not valid. Check it for typing errors."
        ) from None


def _request_path(parts: SplitResult) -> str:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        return quote(path, safe=_AS_WRITTEN)
    except UnicodeEncodeError:
        raise not_a_link("not Unicode") from None


def _credentials(parts: SplitResult) -> str | None:
    if parts.username is None and parts.password is None:
        return None
    if not (parts.username or parts.password):
        return None
    return f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"


def _other_scheme(scheme: str) -> UnsupportedURL:
    if not scheme:
        return not_a_link("no scheme")
    return UnsupportedURL(
        f"scheme {scheme[:20]!r}",
        message="Ferry fetches http and https links only. Paste one that starts with https://.",
    )


def not_a_link(detail: str) -> UnsupportedURL:
    return UnsupportedURL(
        detail, message="This is not a link. Paste one like https://example.com/video.mp4."
    )


def too_long() -> UnsupportedURL:
    return UnsupportedURL(
        message=f"The link is longer than {MAX_URL} characters. Paste a shorter one."
    )
