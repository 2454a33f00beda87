"""Cancel and pause: of what runs, and over a stop of everything."""

from __future__ import annotations

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site, call_until
from tests.support.content import MIB, content

FREED_WITHIN = 30.0  # seconds, on a busy machine


def cancel_frees_the_bytes(site: Site, download: str) -> None:
    path = f"/given-up{len(site.origin.files)}.bin"
    site.origin.serve(path, content(4 * MIB, 79), rate=MIB // 16)
    pk = site.ask(path)
    call_until(lambda: site.download(pk)["bytesDone"] > 0 or None, 30)
    site.act(pk, "cancel")
    assert call_until(lambda: _is_quiet(site, path) or None, FREED_WITHIN), "it fetches on"
    site.person.request("DELETE", f"downloads/{pk}/")


def _is_quiet(site: Site, path: str) -> bool:
    """Return True if nothing was sent of this path between two looks."""
    before = [each.sent for each in site.origin.log if each.path == path]
    return call_until(lambda: None, 1) is None and before == [
        each.sent for each in site.origin.log if each.path == path
    ]


def pause_stop_start_resume(site: Site, download: str) -> None:
    site.act(download, "pause")
    site.stack.stop()
    site.stack.start()
    now = site.download(download)
    assert now["status"] in ("paused", "completed"), now
    if now["status"] == "paused":
        site.act(download, "resume")


FAULTS = (
    Fault("cancel of another one", cancel_frees_the_bytes),
    Fault("pause, stop and start, resume", pause_stop_start_resume, seconds=20),
)
