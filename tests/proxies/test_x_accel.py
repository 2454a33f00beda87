"""X_ACCEL_PREFIX: nginx sends the files, Ferry decides who gets them; no client sees a difference.

Each answer is compared with the one that the web process gives of the same file by itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.utils.http import http_date

from downloads.delivery import links
from downloads.models import Rendition
from tests.delivery.files import BYTES, completed, fetch
from tests.proxies.front import Answer, Front, WebProcess, behind_nginx

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = [
    "plain.mp4",
    "two words.mp4",
    "100%.mp4",
    "100%41.mp4",
    "\u00dcber \u65e5\u672c \U0001f6a2.mp4",
    "a#b?c=d&e;f.mp4",
    'it\'s "quoted".mp4',
    "plus+and,comma.mp4",
    "..dots...mp4",
    "%2e%2e%2f.mp4",
    "nl\u2028~`!@$^*()[]{}|<>:.mp4",
    "folder/and file.mp4",
]
OURS = [
    "Content-Type",
    "Content-Length",
    "Content-Disposition",
    "Content-Range",
    "Accept-Ranges",
    "ETag",
    "Last-Modified",
    "Cache-Control",
    "Content-Security-Policy",
    "Cross-Origin-Resource-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "Access-Control-Allow-Origin",
]


@pytest.fixture(scope="module")
def web(django_db_setup: None, django_db_blocker: Any) -> Iterator[WebProcess]:
    with django_db_blocker.unblock(), WebProcess(X_ACCEL_PREFIX="/_media/") as running:
        yield running


@pytest.fixture(scope="module")
def nginx(web: WebProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    upstream = f"127.0.0.1:{web.port}"
    with behind_nginx(folder, upstream=upstream, files=f"{settings.STORAGE_PATH}/") as front:
        yield front


@pytest.fixture
def same(nginx: Front) -> Any:
    """Ask nginx, and check that the web process would have answered the same."""

    def ask(target: str, method: str = "GET", **headers: str) -> Answer:
        by_nginx = nginx.ask(target, method, **headers)
        direct = fetch(target, method, **headers)
        assert (by_nginx.status, by_nginx.body) == (direct.status, direct.body)
        assert _ours(by_nginx.headers) == _ours(direct.headers)
        return by_nginx

    return ask


def _ours(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in OURS if headers.get(name) is not None}


def link(download: Any, name: str = "film.mp4", seconds: int = 600) -> str:
    return links.sign(download.pk, seconds, filename=name).path


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_any_name(nginx: Front, name: str) -> None:
    download = completed(name=name)
    assert storages["media"].exists(name)
    answer = nginx.ask(link(download, name))
    assert (answer.status, answer.body) == (200, BYTES)
    assert answer["Content-Length"] == str(len(BYTES))
    assert nginx.ask(link(download, name), Range="bytes=5-9").body == BYTES[5:10]


def test_it_is_nginx_that_sends_it(nginx: Front, web: WebProcess) -> None:
    import requests

    target = link(completed())
    direct = requests.get(
        f"http://127.0.0.1:{web.port}{target}", headers={"Host": "ferry.example.org"}, timeout=10
    )
    assert (direct.status_code, direct.content) == (200, b"")
    assert direct.headers["X-Accel-Redirect"] == "/_media/A%20film.mp4"
    assert nginx.ask(target)["X-Accel-Redirect"] is None


def test_the_whole_of_it(same: Any) -> None:
    target = link(completed())
    same(target)
    assert same(f"{target}?inline=1")["Strict-Transport-Security"]
    same(target, "HEAD")
    same(target, "HEAD", Range="bytes=0-1")


@pytest.mark.parametrize(
    "value",
    ["bytes=0-0", "bytes=5-", "bytes=-7", "bytes=0-99999", "bytes=1023-", "bytes=1024-", "bytes=-0",
     "bytes=9-5", "bytes=0-1,5-6", "bytes=a-b", "octets=0-1", "bytes=-99999"],
)  # fmt: skip
def test_ranges(same: Any, value: str) -> None:
    same(link(completed()), Range=value)


def test_if_range_is_about_our_validators(same: Any) -> None:
    download = completed()
    target, row = link(download), Rendition.objects.get()
    etag, date = f'"{row.sha256}"', http_date(row.stored_at.timestamp())
    for value, status in ((etag, 206), ('"other"', 200), (f"W/{etag}", 200), (date, 206)):
        assert same(target, Range="bytes=5-9", If_Range=value).status == status
    past = http_date(row.stored_at.timestamp() - 60)
    assert same(target, Range="bytes=5-9", If_Range=past).status == 200


def test_conditions_are_decided_once(same: Any) -> None:
    download = completed()
    path = Path(storages["media"].path(download.rendition.storage_name))
    os.utime(path, (1, 1))  # nginx would compare with this
    target, row = link(download), Rendition.objects.get()
    etag, date = f'"{row.sha256}"', http_date(row.stored_at.timestamp())
    for name, value, status in (
        ("If_None_Match", etag, 304),
        ("If_None_Match", '"other"', 200),
        ("If_Match", etag, 200),
        ("If_Match", '"other"', 412),
        ("If_Modified_Since", date, 304),
        ("If_Modified_Since", http_date(1), 200),
        ("If_Unmodified_Since", date, 200),
        ("If_Unmodified_Since", http_date(1), 412),
    ):
        assert same(target, **{name: value}).status == status, name


def test_a_file_without_a_hash_has_its_date_alone(same: Any) -> None:
    answer = same(link(completed(sha256=False)))
    assert answer["ETag"] is None
    assert answer["Last-Modified"]


def test_an_empty_file(same: Any) -> None:
    target = link(completed(b""))
    same(target)
    same(target, Range="bytes=0-")


def test_who_gets_it_is_decided_by_ferry(nginx: Front) -> None:
    download = completed()
    inside = f"/_media/{quote(download.rendition.storage_name)}"
    for target, status, code in (
        (link(download, seconds=-1), 403, "link_expired"),
        (link(download).replace("/d/", "/d/x"), 403, "link_invalid"),
        (f"/api/v1/downloads/{download.pk}/file/", 401, "not_authenticated"),
    ):
        answer = nginx.ask(target)
        assert (answer.status, json.loads(answer.body)["errors"][0]["code"]) == (status, code)
    for target in (inside, f"/_media/../{inside}", "/%5fmedia/A%20film.mp4", "/d/..%2f_media/"):
        assert nginx.ask(target).status in (400, 403, 404), target
        assert BYTES not in nginx.ask(target).body


def test_a_client_cannot_name_another_file(nginx: Front) -> None:
    target = link(completed())
    answer = nginx.ask(target, X_Accel_Redirect="/_media/other", X_Sendfile="/etc/passwd")
    assert answer.body == BYTES


def test_a_file_that_is_gone_is_told_by_ferry(nginx: Front) -> None:
    download = completed()
    storages["media"].delete(download.rendition.storage_name)
    answer = nginx.ask(link(download))
    assert (answer.status, json.loads(answer.body)["errors"][0]["code"]) == (410, "expired")
