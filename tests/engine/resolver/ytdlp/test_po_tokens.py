"""PO tokens: yt-dlp's own director asks our provider, in the jail, through the egress proxy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from downloads.engine.core.errors import BadResponse, BlockedAddress
from downloads.engine.core.media import Source
from downloads.engine.core.po_token_use import PoTokenUse
from downloads.engine.egress.client import Client
from downloads.engine.egress.proxy import EgressProxy
from downloads.engine.egress.trace import Decision, Trace
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp.answer import ExtractionFailure, read_answer
from downloads.engine.resolver.ytdlp.errors import error_for
from downloads.engine.resolver.ytdlp.extraction import Extraction
from tests.engine.resolver.ytdlp import youtube
from tests.engine.resolver.ytdlp.pot_provider import TOKEN, PotProvider
from tests.engine.resolver.ytdlp.stand_in import Site
from tests.support.answers import reply

URL = f"https://www.youtube.com/watch?v={youtube.ID}"


@pytest.fixture(scope="module")
def server() -> Iterator[PotProvider]:
    with PotProvider() as running:
        yield running


@pytest.fixture
def provider(server: PotProvider) -> PotProvider:
    server.error, server.token = "", TOKEN
    server.asked.clear()
    server.log.clear()
    return server


@pytest.fixture(scope="module")
def asking(
    proxy: EgressProxy, certificates: tuple[Path, Path], server: PotProvider
) -> Iterator[Extraction]:
    """An extraction with a provider, at an address that the jobs' policy does not allow."""
    with Extraction(
        lambda: proxy, certificates=certificates[0], size=1, po_token_url=server.address
    ) as made:
        yield made


def put_up(site: Site, web: dict[str, object] | None = None) -> None:
    """YouTube whose web client alone offers more than one format: that one needs a token."""
    youtube.put_up(site, web)
    only = youtube.player_response()
    only["streamingData"] = {**only["streamingData"], "adaptiveFormats": []}
    site.pages[youtube.HOST, "/youtubei/v1/player"] = reply(
        json.dumps(only).encode(), "application/json"
    )


def extract(extraction: Extraction, client: Client) -> Source:
    found = extraction.extract(UrlProbe(URL, client), generic=False)
    assert isinstance(found, Source)
    return found


def tokens(source: Source) -> dict[str, list[str]]:
    return {
        each.id: parse_qs(urlsplit(each.stream.url).query).get("pot", []) for each in source.formats
    }


def test_a_token_is_asked_for_and_used(
    asking: Extraction, site: Site, site_client: Client, provider: PotProvider
) -> None:
    put_up(site)
    told: list[str] = []
    trace = Trace(lambda entry: told.append(entry.text if isinstance(entry, Decision) else ""))
    with Client(site_client.policy, trace=trace) as client:
        source = extract(asking, client)
    assert source.po_token is PoTokenUse.USED
    assert "PO token: used" in told
    assert tokens(source)["137"] == [TOKEN]
    assert tokens(source)["18"] == []
    (asked,) = provider.asked
    assert asked["content_binding"] == "Cgt2aXNpdG9y"
    assert not asked.get("proxy")  # ours holds the credentials of the jail's way out
    (request,) = provider.log
    assert "cookie" not in request.headers
    assert "proxy-authorization" not in request.headers


def test_each_extraction_asks_again(
    asking: Extraction, site: Site, site_client: Client, provider: PotProvider
) -> None:
    """One that yt-dlp kept in its memory would be used without being told as used."""
    put_up(site)
    assert extract(asking, site_client).po_token is PoTokenUse.USED
    assert extract(asking, site_client).po_token is PoTokenUse.USED
    assert len(provider.asked) == 2


def test_none_is_asked_for_where_none_is_needed(
    asking: Extraction, site: Site, site_client: Client, provider: PotProvider
) -> None:
    youtube.put_up(site)
    source = extract(asking, site_client)
    assert source.po_token is PoTokenUse.NOT_USED
    assert source.notes == ()
    assert provider.asked == []


@pytest.mark.parametrize(
    ("error", "token"),
    [("Could not get a challenge", TOKEN), ("", 7), ("", "no token; at all"), ("", None)],
)
def test_a_provider_that_fails_is_told_and_asked_once(
    error: str,
    token: object,
    asking: Extraction,
    site: Site,
    site_client: Client,
    provider: PotProvider,
) -> None:
    """yt-dlp asks for each format: of twenty that wait for a provider's silence, one would do."""
    put_up(site)
    provider.error, provider.token = error, token
    source = extract(asking, site_client)
    assert source.po_token is PoTokenUse.FAILED
    assert "PO tokens failed" in source.notes[0]
    assert [each.id for each in source.formats] == ["18"]
    assert len(provider.asked) == 1


def test_a_bot_check_names_the_provider_that_failed() -> None:
    text = "Sign in to confirm you\u2019re not a bot"
    failure = ExtractionFailure("ExtractorError", text, po_token=PoTokenUse.FAILED)
    told = error_for(failure, URL).message
    assert told.endswith("The server's provider of PO tokens failed: tell an administrator.")


def test_the_address_is_opened_for_nothing_else(
    asking: Extraction, site_client: Client, provider: PotProvider
) -> None:
    """Neither for other sites, nor beyond what the protocol needs."""
    with pytest.raises(BlockedAddress):
        asking.extract(UrlProbe(f"{provider.address}/get_pot", site_client), generic=True)
    assert provider.log == []


def test_an_invalid_use_is_no_answer() -> None:
    told = {"info": {"key": "X", "id": "1", "title": "t", "po_token": "perhaps"}}
    with pytest.raises(BadResponse):
        read_answer(told)
