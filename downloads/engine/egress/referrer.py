"""The Referer that a browser sends (W3C Referrer Policy, strict-origin-when-cross-origin). Pure."""

from __future__ import annotations

from downloads.engine.egress.target import parse


def referrer(page: str, url: str) -> str:
    """Return the header's value for a request to ``url`` that ``page`` led to: all of the page's
    URL within one origin, the page's origin alone to others; empty from https to http."""
    source, target = parse(page), parse(url)
    if source.origin == target.origin:
        path = "/" if source.url == target.url else source.path
        return f"{source.scheme}://{source.authority}{path}"
    if source.scheme == "https" and target.scheme == "http":
        return ""
    return f"{source.scheme}://{source.authority}/"
