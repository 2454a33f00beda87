"""Parsers of untrusted text are loaded in the jail alone."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import sys
from downloads.engine.resolver import dash, fragments, hls
print([name for name in ("m3u8", "yt_dlp", "pyexpat", "xml.etree") if name in sys.modules])
"""


def test_the_owner_has_no_parser() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True)
    assert told.stdout.strip() == "[]", told.stderr
