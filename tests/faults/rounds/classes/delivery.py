"""Delivery: links and ranges that mean harm, and a web process that dies while it sends."""

from __future__ import annotations

import contextlib

import requests

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import PATIENCE, Site, call_until
from tests.support.content import MIB, content
from tests.support.stack import until

_FILE = content(8 * MIB, 78)
# Each with the statuses that are right for it.
RANGES = {
    "bytes=0-0": {206},
    "bytes=-1": {206},
    f"bytes={len(_FILE)}-": {416},
    "bytes=9-3": {200, 416},
    "bytes=" + ",".join(["0-1"] * 2000): {200, 206, 400, 416, 431},
    "lines=0-1": {200, 416},
}


def _stored(site: Site) -> str:
    """Return the id of a stored file, the same in every round."""
    site.origin.serve("/sent.bin", _FILE)
    pk = site.ask("/sent.bin")
    until(lambda: site.download(pk)["status"] == "completed", PATIENCE)
    return pk


def ask_for_what_is_not_theirs(site: Site, download: str) -> None:
    pk = _stored(site)
    link = site.patient("POST", f"downloads/{pk}/link/", json={"expiresInSeconds": 1})["url"]
    url = link if link.startswith("http") else site.stack.url + link
    head, token, name = url.rsplit("/", 2)
    tampered = f"{head}/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}/{name}"
    assert requests.get(tampered, timeout=30, allow_redirects=False).status_code in (403, 404)
    until(lambda: requests.get(url, timeout=30).status_code == 403, 30)
    foreign = f"{site.stack.url}/api/v1/downloads/{pk}/file/"
    assert requests.get(foreign, timeout=30).status_code == 401
    for value, statuses in RANGES.items():
        answer = site.person.get(f"downloads/{pk}/file/", headers={"Range": value}, stream=True)
        answer.close()
        assert answer.status_code in statuses, f"{value[:30]}: {answer.status_code}"


def kill_the_web_process_while_it_sends(site: Site, download: str) -> None:
    """Kill it, and ask for the rest, as a browser does."""
    pk, got = _stored(site), b""
    with contextlib.suppress(requests.RequestException):
        answer = site.person.get(f"downloads/{pk}/file/", stream=True)
        for block in answer.iter_content(MIB):
            if not got:
                site.stack.one("daphne").kill()
            got += block

    def rest() -> bytes | None:
        with contextlib.suppress(requests.RequestException):
            headers = {"Range": f"bytes={len(got)}-"}
            answer = site.person.get(f"downloads/{pk}/file/", headers=headers)
            return answer.content if answer.status_code == 206 else None
        return None

    if len(got) < len(_FILE):
        got += call_until(rest, PATIENCE) or b""
    assert got == _FILE, f"{len(got)} bytes, or others than were stored"


FAULTS = (
    Fault("links and ranges that mean harm", ask_for_what_is_not_theirs),
    Fault("web killed while it sends", kill_the_web_process_while_it_sends),
)
