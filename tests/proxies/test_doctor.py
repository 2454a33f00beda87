"""The doctor's findings about a proxy, by a request through it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from config.server.supervisor.port import ReservedPort
from tests.proxies.conftest import PREFIX, plain
from tests.support.nginx import Nginx, example
from tests.support.stack import Stack

_ASK = """
import json
from downloads.doctor.public_address import probe
print(json.dumps([finding.as_json() for finding in probe({url!r})]))
"""


def states(stack: Stack, url: str) -> dict[str, str]:
    found = json.loads(stack.shell(_ASK.format(url=url)))
    assert all(bool(each["fix"]) == (each["state"] != "ok") for each in found), found
    return {each["id"]: each["state"] for each in found}


def test_a_proxy_as_the_docs_write_it(below: Stack, site: str) -> None:
    assert states(below, site) == {"proxy": "ok", "proxy_websocket": "ok"}


def test_a_proxy_that_passes_nothing_on(below: Stack, tmp_path: Path) -> None:
    port = ReservedPort()
    text = example(upstream=f"127.0.0.1:{below.port}", location=f"location {PREFIX}/ {{")
    text = re.sub(r" *proxy_set_header (?!Host).*\n| *proxy_http_version .*\n", "", text)
    text = text.replace("Host $host", "Host localhost")
    beside, start, server = text.partition("server {")
    with Nginx(tmp_path, beside + plain(start + server, port.number), port.number):
        found = states(below, f"http://127.0.0.1:{port.number}")
    port.release()
    assert found == {"proxy_host": "warn", "proxy_client": "warn", "proxy_websocket": "warn"}


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://ferry.invalid"])
def test_no_proxy_at_all(below: Stack, url: str) -> None:
    assert states(below, url) == {"proxy": "warn"}
