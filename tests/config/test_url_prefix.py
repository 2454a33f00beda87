"""URL_PREFIX: what it may be, and what becomes of paths and cookies below it."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.urls import get_resolver
from pytest_django.fixtures import Settings

from config import paths
from config.server.errors import error_response
from config.server.url_prefix import PrefixedPath, first_of_each, prefixed
from downloads.realtime.routing import websocket
from downloads.sample.catalogue import ONE_FILE, address
from downloads.schemas.paths import picture_url, site_path


@pytest.mark.parametrize(
    ("text", "prefix"),
    [("", ""), ("/", ""), ("/ferry", "/ferry"), ("/ferry/", "/ferry"), ("/a/b.c~d-e_f", None)],
)
def test_what_it_may_be(text: str, prefix: str | None) -> None:
    assert paths.url_prefix(text) == (text if prefix is None else prefix)


@pytest.mark.parametrize(
    "text",
    [
        "ferry", "//ferry", "/a//b", "/./a", "/a/..", "/f rry", "/f\u00e4hre", "/a%20b", "/a?b",
        "/a#b", "https://ferry.example.org/ferry", "/api", "/downloads/", "/d", "/static/ferry",
        "/ferry\n",
    ],
)  # fmt: skip
def test_what_it_may_not_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must b"):
        paths.url_prefix(text)


def test_the_list_of_own_paths_is_whole(settings: Settings) -> None:
    """Else a stripped path might be taken for one that is not."""
    patterns = list(get_resolver().url_patterns)
    for part in patterns[:]:
        patterns += [] if str(part.pattern) else part.url_patterns  # included at the root
    routes = [str(each.pattern) for each in patterns]
    routes += [each.pattern.regex.pattern for each in websocket.routes]
    routes.append(settings.STATIC_URL.lstrip("/"))
    first = {route.lstrip("^").partition("/")[0] for route in routes} - {""}
    assert first == set(paths.OWN_PATHS)


@pytest.mark.parametrize(
    ("path", "prefix", "found"),
    [
        ("/healthz", "/ferry", "/ferry/healthz"),
        ("/ferry/healthz", "/ferry", "/ferry/healthz"),
        ("/ferry", "/ferry", "/ferry"),
        ("/", "/ferry", "/ferry/"),
        ("/ferrys/a", "/ferry", "/ferry/ferrys/a"),
        ("/healthz", "", "/healthz"),
    ],
)
def test_a_path_has_it_once(path: str, prefix: str, found: str) -> None:
    assert prefixed(path, prefix) == found


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"a=1", b"a=1"),
        (b"sessionid=ours; a=1; sessionid=theirs", b"sessionid=ours; a=1"),
        (b'a="x y"; b; a =2', b'a="x y"; b'),
        (b"", b""),
    ],
)
def test_the_first_cookie_of_a_name_counts(sent: bytes, read: bytes) -> None:
    assert first_of_each(sent) == read


@pytest.mark.parametrize(("prefix", "root"), [("", ""), ("/ferry", "/ferry")])
def test_what_a_client_says_of_the_root_path_is_overwritten(prefix: str, root: str) -> None:
    seen: list[dict[str, Any]] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append(scope)

    scope = {"type": "http", "path": "/a", "root_path": "/evil", "headers": []}
    async_to_sync(PrefixedPath(application, prefix))(scope, None, None)  # type: ignore[arg-type]
    assert (seen[0]["root_path"], seen[0]["path"]) == (root, f"{prefix}/a")


def test_paths_in_payloads_need_no_request(settings: Settings) -> None:
    settings.URL_PREFIX = "/ferry"
    assert site_path("/api/v1/") == "/ferry/api/v1/"
    assert (
        picture_url("/sample/a.jpg") == picture_url("/ferry/sample/a.jpg") == "/ferry/sample/a.jpg"
    )
    assert picture_url("https://a.example/b.jpg") == "https://a.example/b.jpg"
    assert picture_url("//a.example/b.jpg") == "//a.example/b.jpg"
    assert address(ONE_FILE).endswith("/ferry/sample/crossing.mp4")


def test_an_error_page_leads_below_it(settings: Settings, rf: Any) -> None:
    settings.URL_PREFIX = "/ferry"
    page = error_response(rf.get("/nothing"), 404, "not_found", "No such page.")
    assert b'href="/ferry/"' in page.content
