"""Leftovers: of what is given up while worker or storage cannot clear it away. Each round ends with
a look at them."""

from __future__ import annotations

import time

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site, call_until
from tests.support.content import MIB, content


def _begun(site: Site) -> str:
    path = f"/left{len(site.origin.files)}.bin"
    site.origin.serve(path, content(8 * MIB, 80), rate=MIB // 4)
    pk = site.ask(path)
    call_until(lambda: site.download(pk)["bytesDone"] > MIB or None, 30)
    return pk


def delete_and_kill(site: Site, download: str) -> None:
    """The worker learns of the deletion within half a second, and is dead by then."""
    pk = _begun(site)
    site.person.request("DELETE", f"downloads/{pk}/")
    site.stack.kill_worker()


def cancel_while_the_storage_hangs(site: Site, download: str) -> None:
    assert site.door is not None
    pk = _begun(site)
    site.door.mood = lambda call: "hang"
    try:
        site.act(pk, "cancel")
        time.sleep(4)
    finally:
        site.door.mood = lambda call: ""


FAULTS = (
    Fault("delete and kill -9", delete_and_kill, seconds=25),
    Fault("cancel, storage hangs", cancel_while_the_storage_hangs, needs="bucket", seconds=20),
)
