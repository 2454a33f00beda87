"""A URL taken apart once, so that the URL that is checked, sent and connected to is the same.

URLs with credentials (``https://name:password@host/``) are supported as HTTP Basic (RFC 7617); the
credentials are split off here and never appear in ``Target.url``.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from downloads.engine.core.errors import BlockedAddress, UnsupportedURL
from downloads.engine.egress import url_text

MAX_URL = 8000
PORTS = {"http": 80, "https": 443}

_SPACE = re.compile(r"\s")
_HOST = re.compile(r"(?!.{254})(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?")


@dataclass(frozen=True, slots=True)
class Target:
    """One http(s) URL. ``path`` is what the request line carries, query included.

    ``host`` is ASCII, lower case and without brackets; ``authority`` is the value of the Host
    header, with brackets for IPv6 and no default port; ``credentials`` is ``name:password``.
    """

    scheme: str
    host: str
    port: int
    authority: str
    path: str
    credentials: str | None = None

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """Return the normalised URL, without credentials and fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def url_with_credentials(self) -> str:
        userinfo = ""
        if self.credentials is not None:
            name, _, password = self.credentials.partition(":")
            userinfo = f"{quote(name, safe='')}:{quote(password, safe='')}@"
        return f"{self.scheme}://{userinfo}{self.authority}{self.path}"


def parse(url: str) -> Target:
    """Take an absolute http(s) URL apart; its characters are encoded as in browsers (see
    ``url_text``).

    Raises UnsupportedURL with a sentence that helps.
    """
    if len(url) > MAX_URL:
        raise too_long()
    try:
        scheme, authority, path = url_text.split(url)
    except UnicodeEncodeError:
        raise not_a_link("not Unicode") from None
    if scheme not in PORTS:
        raise _other_scheme(scheme)
    if len(path) > MAX_URL:
        raise too_long()
    userinfo, _, place = authority.rpartition("@")
    host, written_port = _host_and_port(place)
    port = PORTS[scheme]
    if written_port:
        is_number = written_port.isascii() and written_port.isdigit() and len(written_port) < 20
        port = int(written_port) if is_number else 0
    if not 0 < port < 65536:
        raise UnsupportedURL(
            message="The link's port is not valid. It is a number from 1 to 65535."
        )
    shown = f"[{host}]" if ":" in host else host
    if port != PORTS[scheme]:
        shown = f"{shown}:{port}"
    name, _, password = userinfo.partition(":")
    credentials = f"{unquote(name)}:{unquote(password)}" if name or password else None
    return Target(scheme, host, port, shown, path, credentials)


def follow(base: Target, location: str) -> Target:
    """Return the target of a redirect. Raises BlockedAddress for any other scheme than http(s)."""
    joined = url_text.join(base.url, location)
    scheme = joined.partition(":")[0].lower()
    if scheme not in PORTS:
        raise BlockedAddress(
            f"redirect to {scheme[:20]!r}",
            message="The link redirects to something that is not http or https, "
            "which Ferry does not fetch. Paste a direct link instead.",
        )
    return parse(joined)


def _host_and_port(place: str) -> tuple[str, str]:
    """Return the host in its one form, and the port as it is written. Raises UnsupportedURL."""
    if place.startswith("["):
        host, bracket, rest = place[1:].partition("]")
        if not bracket or ":" not in host or (rest and not rest.startswith(":")):
            raise not_a_link("brackets without an IPv6 address")
        return _ipv6(host), rest[1:]
    if "[" in place or "]" in place:
        raise not_a_link("brackets without an IPv6 address")
    host, _, port = place.partition(":")
    if not host:
        raise UnsupportedURL(
            message="The link has no host name. Paste a whole one, like https://example.com/file."
        )
    if _SPACE.search(host):
        raise UnsupportedURL(
            message="The link's host name contains spaces. Copy it again and paste it."
        )
    host = unquote(host).lower()
    if not host.isascii():
        host = _to_ascii(host)
    if not _HOST.fullmatch(host):
        raise _bad_host()
    return host.removesuffix("."), port  # the root's own dot: another spelling of the same name


def _ipv6(host: str) -> str:
    if "%" in host:  # a zone exists for link-local addresses only (RFC 4007)
        raise BlockedAddress("IPv6 address with a zone")
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        raise not_a_link("bad IPv6 address") from None


def _to_ascii(host: str) -> str:
    import idna  # its tables cost 20 ms, and few links need them

    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        pass
    try:  # names that IDNA 2008 does not know and browsers do: emoji
        labels = idna.uts46_remap(host, std3_rules=False, transitional=False).split(".")
        return ".".join(map(_punycode, labels)).lower()
    except (idna.IDNAError, UnicodeError):
        raise _bad_host() from None


def _punycode(label: str) -> str:
    if label.isascii():
        return label
    if label.lower().startswith("xn--"):
        raise UnicodeError("encoded twice")
    return "xn--" + label.encode("punycode").decode("ascii")


def _bad_host() -> UnsupportedURL:
    return UnsupportedURL(message="The link's host name is not valid. Check it for typing errors.")


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
