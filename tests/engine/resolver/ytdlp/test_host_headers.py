"""The admin's headers for a host reach that host alone, wherever it sends yt-dlp on to."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import DownloadError
from downloads.engine.core.media import Source
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.rules import RequestRule, RequestRules
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp.extraction import Extraction
from tests.engine.resolver.ytdlp import vimeo
from tests.engine.resolver.ytdlp.stand_in import Site
from tests.support.answers import page, redirect
from tests.support.origin import Origin
from tests.support.request import Request

HEADERS = (("X-Key", "of the admin"), ("Authorization", "Bearer of the admin"))
PAGE = "<!doctype html><html><title>A page</title><body>nothing</body></html>"
HOME, ELSEWHERE = "home.example.com", "elsewhere.example.com"


def secrets(headers: dict[str, str]) -> list[str]:
    return [headers[name.lower()] for name, _ in HEADERS if name.lower() in headers]


def ask(extraction: Extraction, client: Client, url: str) -> None:
    """There is no video anywhere here; who was asked with what is the matter."""
    with pytest.raises(DownloadError):
        extraction.extract(UrlProbe(url, client), generic=True)


def test_over_https(extraction: Extraction, site: Site, site_client: Client) -> None:
    def hop(to: str) -> bytes:
        return redirect(to)

    site.pages[HOME, "/start"] = hop(f"https://{HOME}/on")
    site.pages[HOME, "/on"] = hop(f"https://{ELSEWHERE}/x")
    site.pages[ELSEWHERE, "/x"] = page(PAGE)
    rules = RequestRules((RequestRule(HOME, HEADERS),))
    with Client(site_client.policy, rules=rules) as client:
        ask(extraction, client, f"https://{HOME}/start")
    sent: dict[str, list[Request]] = {}
    for asked in site.log:
        sent.setdefault(asked.host, []).append(asked)
    assert sent[HOME]
    assert all(secrets(asked.headers) == [value for _, value in HEADERS] for asked in sent[HOME])
    assert sent[ELSEWHERE]
    assert not any(secrets(asked.headers) for asked in sent[ELSEWHERE])


def test_over_plain_http(extraction: Extraction, origin: Origin) -> None:
    elsewhere = f"http://localhost:{origin.port}/x"
    origin.answers |= {
        "/start": redirect(elsewhere),
        "/x": page(PAGE),
    }
    allowed = f"127.0.0.1:{origin.port},[::1]:{origin.port}"
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(allowed))
    rules = RequestRules((RequestRule("127.0.0.1", HEADERS),))
    with Client(policy, rules=rules) as client:
        ask(extraction, client, origin.url("/start"))
    home = [request for request in origin.log if request.path == "/start"]
    away = [request for request in origin.log if request.path == "/x"]
    assert home
    assert all(secrets(each.headers) for each in home)
    assert away
    assert not any(secrets(each.headers) for each in away)


def test_a_pasted_password_is_for_its_host_alone(
    extraction: Extraction, site: Site, site_client: Client
) -> None:
    """Not even in the Referer by which a player is told where it is embedded."""
    vimeo.put_up(site)
    player = f'<iframe src="https://{vimeo.PLAYER}/video/{vimeo.ID}"></iframe>'
    watched = f"<!doctype html><html><title>A page</title><body>{player}</body></html>"
    site.pages[HOME, "/watch"] = page(watched)
    url = f"https://alice:s3cret@{HOME}/watch"
    found = extraction.extract(UrlProbe(url, site_client), generic=True)
    assert isinstance(found, Source)
    assert not any("s3cret" in str(offered.stream.headers) for offered in found.formats)
    told = [asked.headers.get("referer") for asked in site.log if asked.host == vimeo.PLAYER]
    assert f"https://{HOME}/watch" in told
    assert not any("s3cret" in str(asked.headers) for asked in site.log)
    assert any("authorization" in asked.headers for asked in site.log if asked.host == HOME)
    assert not any("authorization" in asked.headers for asked in site.log if asked.host != HOME)
