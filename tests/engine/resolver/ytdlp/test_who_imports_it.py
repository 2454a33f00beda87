"""yt-dlp costs 60 MiB and runs strangers' input: it is in the jail, and nowhere else."""

from __future__ import annotations

import subprocess
import sys

import pytest

WEB = "import config.asgi, config.urls, django.urls; django.urls.get_resolver().url_patterns"
WORKER = (
    "import django; django.setup();"
    "import downloads.tasks, downloads.jobs.runner, downloads.jobs.prober;"
    "from downloads.engine.resolver import registry"
)


@pytest.mark.parametrize("start", [WEB, WORKER], ids=["web", "worker"])
def test_no_process_of_ours_imports_it(start: str) -> None:
    code = f"{start}\nimport sys\nprint([n for n in sys.modules if n.split('.')[0] == 'yt_dlp'])"
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert finished.stdout.splitlines()[-1] == "[]"
