"""Everything lies below URL_PREFIX, by whatever way it is asked for and linked to."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from websockets.sync.client import connect

from config import env
from config.server import healthcheck
from tests.proxies.conftest import PREFIX
from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.stack import PASSWORD, Person, Stack, until

LINKED = re.compile(r'(?:href|src|action)="([^"]*)"')


@pytest.fixture
def alice(below: Stack, site: str) -> Person:
    below.url = site
    return below.person("alice")


def signed_in(site: str) -> requests.Session:
    """A browser's session: by the form."""
    session = requests.Session()
    login = f"{site}/accounts/login/"
    session.get(login)
    form = {
        "username": "admin",
        "password": PASSWORD,
        "csrfmiddlewaretoken": session.cookies["csrftoken"],
    }
    answer = session.post(login, form, headers={"Referer": login})
    assert (answer.status_code, answer.url) == (200, f"{site}/"), answer.text
    return session


def test_health_and_static_files_lie_below_it(site: str) -> None:
    for path in ("/healthz", "/readyz", "/static/js/media-downloader.js", "/api/docs/"):
        assert requests.get(site + path, timeout=10).status_code == 200, path
    assert requests.get(f"{site}/metrics", timeout=10).status_code == 401
    assert requests.get(f"{site}/favicon.ico", timeout=10).url == f"{site}/static/img/favicon.svg"


def test_the_path_without_its_slash_leads_to_it(site: str) -> None:
    answer = requests.get(site, allow_redirects=False, timeout=10)
    assert answer.status_code in (301, 302)
    assert urljoin(site, answer.headers["Location"]) == f"{site}/"


def test_the_process_itself_answers_with_and_without_the_path(below: Stack) -> None:
    here = f"http://127.0.0.1:{below.port}"
    for url in (f"{here}/healthz", f"{here}{PREFIX}/healthz"):
        assert requests.get(url, timeout=10).json() == {"status": "ok"}
    answer = requests.get(here + PREFIX, allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{PREFIX}/")
    assert requests.get(f"{here}{PREFIX}s/healthz", timeout=10).status_code == 404


def test_a_client_has_no_say_in_the_path(site: str) -> None:
    """Daphne takes the root path from a header of anyone's."""
    answer = requests.get(f"{site}/", headers={"Daphne-Root-Path": "/evil"}, timeout=10)
    assert answer.url == f"{site}/accounts/login/?next={PREFIX}/"
    assert "/evil" not in answer.text


def test_every_link_of_every_page_lies_below_it(site: str) -> None:
    session = signed_in(site)
    pages = ["/", "/catalogue/", "/catalogue/add/", "/queue/", "/cookies/", "/webhooks/"]
    pages += ["/accounts/", "/accounts/password/", "/admin/", "/admin/downloads/download/"]
    seen = set()
    for page in pages:
        answer = session.get(site + page)
        assert answer.status_code == 200, page
        for link in LINKED.findall(answer.text):
            parts = urlsplit(urljoin(answer.url, link))
            if parts.netloc == urlsplit(site).netloc:
                assert parts.path == PREFIX or parts.path.startswith(f"{PREFIX}/"), (page, link)
                seen.add(parts.path)
    assert {f"{PREFIX}/", f"{PREFIX}/admin/", f"{PREFIX}/static/js/dashboard.js"} <= seen


def test_an_error_page_leads_back(site: str) -> None:
    answer = requests.get(f"{site}/no-such-page", timeout=10)
    assert answer.status_code == 404
    assert f'href="{PREFIX}/"' in answer.text


def test_cookies_are_those_of_the_path(site: str) -> None:
    session = signed_in(site)
    told = {"csrfmiddlewaretoken": session.cookies["csrftoken"], "token": "none"}
    leads = session.post(f"{site}/accounts/tokens/revoke/", told, allow_redirects=False)
    assert leads.headers["Location"] == f"{PREFIX}/accounts/"
    paths = {cookie.name: cookie.path for cookie in session.cookies}
    assert paths == dict.fromkeys(("sessionid", "csrftoken", "messages"), PREFIX)
    assert "Token revoked." in session.get(f"{site}/accounts/").text
    assert "messages" not in session.cookies


def test_a_cookie_of_the_site_at_the_root_is_not_ours(site: str) -> None:
    """Browsers send the one of the longer path first (RFC 6265, section 5.4)."""
    session = signed_in(site)
    cookies = f"sessionid={session.cookies['sessionid']}; sessionid=theirs"
    answer = requests.get(f"{site}/accounts/", headers={"Cookie": cookies}, timeout=10)
    assert answer.url == f"{site}/accounts/"


def test_the_schema_says_where_the_api_is(site: str) -> None:
    schema = requests.get(f"{site}/api/schema/?format=json", timeout=30).json()
    assert schema["servers"] == [{"url": PREFIX}]
    assert "/api/v1/downloads/" in schema["paths"]
    docs = requests.get(f"{site}/api/docs/", timeout=10)
    assert f'src="{PREFIX}/static/' in docs.text
    script = requests.get(f"{site}/api/docs/?script=", timeout=10)
    assert f'"{PREFIX}/api/schema/"' in script.text


def test_files_links_and_events_lie_below_it(site: str, alice: Person, origin: Origin) -> None:
    data = content(MIB, seed=len(site))
    origin.serve("/below.bin", data)
    ticket = alice.post("realtime/ticket/").json()["ticket"]
    address = f"{site.replace('http', 'ws')}/ws/downloads/?ticket={ticket}"
    with connect(address, compression=None) as socket:
        asked = alice.ask(origin.url("/below.bin"))
        alice.wait_for(asked["id"], "completed")
        told = until(lambda: _completed(json.loads(socket.recv(30))))
    assert told["data"]["fileUrl"] == f"{PREFIX}/api/v1/downloads/{asked['id']}/file/"

    host = f"http://{urlsplit(site).netloc}"
    part = alice.get(host + told["data"]["fileUrl"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, data[100:200])
    link = alice.post(f"downloads/{asked['id']}/link/", expiresInSeconds=60).json()
    assert link["url"].startswith(f"{site}/d/")
    assert requests.get(link["url"], timeout=10).content == data
    page = alice.get("downloads/?tab=completed").json()
    assert page["next"] is None
    assert alice.request("DELETE", f"downloads/{asked['id']}/").status_code == 204


def _completed(event: dict[str, object]) -> dict[str, dict[str, str]] | None:
    return event if event["event"] == "download:completed" else None  # type: ignore[return-value]


def test_what_up_says_and_the_health_check_asks(
    below: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = f"Ferry is ready: http://localhost:{below.port}{PREFIX}/ "
    assert any(ready in line for line in below.lines)
    for name, value in below.environment.items():
        monkeypatch.setenv(name, value)
    assert env.load().url_prefix == PREFIX
    assert healthcheck.web() == ""
