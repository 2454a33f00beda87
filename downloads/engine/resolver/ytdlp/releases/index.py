"""Wheels from pip's index: by pip itself, so that its configuration, proxies and credentials hold.

pip compares what it fetched with the hash that the index gives for it (the fragment of a link,
PEP 503; ``hashes`` of the JSON form, PEP 691), and fails where they differ.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from downloads.engine.resolver.ytdlp.releases.errors import NothingNewer, Refused, UpdateFailed

_WITHIN: Final = 600.0  # seconds
_RETRIES: Final = 2
_TIMEOUT: Final = 15  # seconds without a byte
_SECRETS: Final = re.compile(r"(?<=://)[^/@\s]+@")
# The environment holds Ferry's secrets: pip gets what it may need, and nothing else.
_KEPT: Final = re.compile(
    r"PATH|HOME|LANG|LC_\w+|TMPDIR|TZ|NETRC|XDG_CONFIG_\w+|SSL_CERT_(?:FILE|DIR)"
    r"|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|PIP_\w+|(?:https?|all|no)_proxy",
    re.IGNORECASE,
)
_WAY: Final = re.compile(r"PIP_(?:CERT|CLIENT_CERT|PROXY|TRUSTED_HOST)")


@dataclass(frozen=True, slots=True)
class Index:
    """The index to ask. ``url``: another than pip's configured ones, and in their place."""

    url: str = field(default="", repr=False)

    def download(
        self, project: str, conditions: Iterable[str], into: Path, *, nightly: bool = False
    ) -> Path:
        """Fetch the newest wheel that meets the conditions (``>2026.10.26``) into a folder.

        ``nightly``: pre-releases count. Raises NothingNewer if none meets them, Refused for a
        wrong hash, UpdateFailed if the index cannot be asked.
        """
        if importlib.util.find_spec("pip") is None:
            raise UpdateFailed(
                "pip is not installed beside Ferry. Run: python -m ensurepip, then try again."
            )
        requirement = project + ",".join(conditions)
        try:
            done = subprocess.run(
                [*_PIP, *(["--pre"] if nightly else []), "--dest", str(into), requirement],
                capture_output=True,
                text=True,
                timeout=_WITHIN,
                check=False,
                env={**self._environment(os.environ), "TMPDIR": str(into)},
            )
        except subprocess.TimeoutExpired:
            raise UpdateFailed("The index took too long. Try again later.") from None
        found = sorted(into.glob("*.whl"))
        if done.returncode == 0 and len(found) == 1:
            return found[0]
        raise _failure(requirement, done.stderr)

    def _environment(self, ours: Iterable[str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ours if _KEPT.fullmatch(name)}
        if not self.url:
            return kept
        other = {
            name: value
            for name, value in kept.items()
            if not name.startswith("PIP_") or _WAY.fullmatch(name)
        }
        # Not an argument: those are seen by every user of the machine.
        return other | {"PIP_INDEX_URL": self.url, "PIP_CONFIG_FILE": os.devnull}


_PIP: Final = [
    sys.executable, "-I", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:",
    "--no-input", "--disable-pip-version-check", "--no-color", "--progress-bar", "off",
    "--no-cache-dir", "--retries", str(_RETRIES), "--timeout", str(_TIMEOUT),
]  # fmt: skip


def _failure(requirement: str, said: str) -> UpdateFailed:
    if "DO NOT MATCH THE HASHES" in said:
        return Refused(f"the file for {requirement} has another hash than the index gives for it")
    if "after connection broken" in said:
        return UpdateFailed(
            "The index cannot be reached. Check YTDLP_INDEX_URL, or pip's own configuration "
            "(pip config list), and the way out of this host."
        )
    if "(from versions: none)" in said:
        return UpdateFailed(
            f"The index has no {requirement.partition('>')[0].partition('=')[0]}. "
            "Check YTDLP_INDEX_URL, or pip's own configuration (pip config list)."
        )
    if "No matching distribution found" in said:
        return NothingNewer(f"The index has no {requirement}.")
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")] or [said]
    told = _SECRETS.sub("", errors[-1].removeprefix("ERROR:").strip())[:300]
    return UpdateFailed(f"pip failed: {told}")
