"""Address: links and redirects that lead inside."""

from __future__ import annotations

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site

# The stack may reach loopback: inside is all else that is private, and Ferry's own ports.
INSIDE = ("http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::ffff:10.0.0.1]/")


def name_it(site: Site, download: str) -> None:
    for url in (*INSIDE, f"{site.stack.url}/healthz"):
        site.refused(url, "blocked_address")


def be_sent_there(site: Site, download: str) -> None:
    for number, url in enumerate((*INSIDE, f"{site.stack.url}/healthz", "file:///etc/passwd")):
        path = f"/inside{len(site.origin.files)}-{number}.bin"
        site.origin.serve(path, b"", answers=[(302, {"Location": url})] * 20)
        site.refused(site.origin.url(path), "blocked_address unsupported_url bad_response")


FAULTS = (Fault("links inside", name_it), Fault("redirects inside", be_sent_there))
