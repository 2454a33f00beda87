"""Forty clients that ask for new downloads at once: each is answered, and the worker goes on."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.support.length import figure
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(150)]

CLIENTS, REQUESTS = 40, figure(80, 480)
PATIENCE = 60.0  # seconds for one answer; the pages wait for 20, on a machine that is not busy


def test_forty_clients_are_all_answered(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:  # SQLite: one writer at a time, of web and worker together
        alice = stack.person("alice")
        token = alice._session.headers["Authorization"]
        numbers, own, statuses, waits = itertools.count(), threading.local(), Counter[int](), []

        def ask(_: int) -> None:
            if not hasattr(own, "session"):
                own.session = requests.Session()
                own.session.headers["Authorization"] = token
            began = time.monotonic()
            body = {"url": f"http://127.0.0.1:9/{next(numbers)}.mp4"}
            answer = own.session.post(f"{stack.url}/api/v1/downloads/", json=body, timeout=PATIENCE)
            waits.append(time.monotonic() - began)
            statuses[answer.status_code] += 1

        began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(ask, range(REQUESTS)))
        took = time.monotonic() - began

        waits.sort()
        told = f"{statuses}, {took:.1f} s, p50 {waits[REQUESTS // 2]:.2f}, last {waits[-1]:.2f}"
        print(told)
        assert statuses == {201: REQUESTS}, told
        for sentence in ("database unavailable", "database is locked"):
            assert sentence not in stack.output
