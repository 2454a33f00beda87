"""Ledger and storage: a stored file that another program deleted or cut."""

from __future__ import annotations

import glob

import requests

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import PATIENCE, Site
from tests.support.content import content, sha256
from tests.support.stack import until

_FILE = content(300_000, 77)


def _lose(site: Site, left: bytes | None) -> None:
    """Store a small file, lose it, and have it fetched again."""
    path = f"/lost{len(site.origin.files)}.bin"
    site.origin.serve(path, _FILE)
    pk = site.ask(path)
    until(lambda: site.download(pk)["status"] == "completed", PATIENCE)
    name = site.download(pk)["filename"]
    root = site.stack.media if site.server is None else site.server.folder
    (stored,) = root.rglob(glob.escape(name))
    if left is None:
        stored.unlink()
    else:
        stored.write_bytes(left)
    # the stand-in of the bucket remembers sizes for a second, and breaks off then
    until(lambda: _status(site, pk) == 410, 20)
    assert site.download(pk)["status"] == "expired"
    site.act(pk, "retry")
    until(lambda: site.download(pk)["status"] == "completed", PATIENCE)
    assert site.download(pk)["sha256"] in (sha256(_FILE), None)


def _status(site: Site, pk: str) -> int:
    try:
        return site.person.get(f"downloads/{pk}/file/").status_code
    except requests.RequestException:
        return 0


def delete(site: Site, download: str) -> None:
    _lose(site, None)


def cut(site: Site, download: str) -> None:
    _lose(site, _FILE[:1000])


FAULTS = (Fault("stored file deleted", delete), Fault("stored file cut", cut))
