"""Programs that fetch a URL: curl, ffmpeg, Ferry, and Chromium's downloads."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from tests.field.peers import verdicts
from tests.field.peers.verdicts import Verdict
from tests.field.support.clips import Clips
from tests.field.support.fetching import fetch
from tests.field.support.kind import Form
from tests.field.support.measure import measure

LIMIT = 60  # seconds


def ferry(url: str, form: Form, clips: Clips, folder: Path) -> Verdict:
    outcome = fetch(url, form, folder)
    try:
        form.expected.check(outcome, clips)
    except AssertionError:
        return Verdict.WRONG if not outcome.code else verdicts.of_refusal(form.expected)
    return Verdict.RIGHT


def curl(url: str, form: Form, clips: Clips, folder: Path) -> Verdict:
    """As one uses it for a file: redirects and cookies, errors told, globbing off."""
    made = folder / "curl"
    command = ["curl", "-sS", "-f", "-g", "-L", "--compressed", "-b", "", "-m", str(LIMIT)]
    done = subprocess.run([*command, "-o", str(made), url.strip()], capture_output=True)
    if done.returncode or not made.exists():
        return verdicts.of_refusal(form.expected)
    return verdicts.of_bytes(form.expected, made.read_bytes(), clips)


def chromium(page: Any, url: str, form: Form, clips: Clips, root: str) -> Verdict:
    """A link with ``download``, clicked on a page of the same origin."""
    start = f"{root}/-page-"
    page.route(start, lambda route: route.fulfill(body="<body>", content_type="text/html"))
    page.goto(start)
    try:
        with page.expect_download(timeout=20_000) as waiting:
            page.evaluate(_CLICK, url)
        download = waiting.value
        if download.failure():
            return verdicts.of_refusal(form.expected)
        return verdicts.of_bytes(form.expected, Path(download.path()).read_bytes(), clips)
    except Exception as error:
        if type(error).__module__.startswith("playwright"):
            return verdicts.of_refusal(form.expected)
        raise


def ffmpeg(url: str, form: Form, clips: Clips, folder: Path) -> Verdict:
    """Its streams copied into Matroska, which takes any codec."""
    made = folder / "ffmpeg.mkv"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", url, "-c", "copy", "-sn", str(made)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return verdicts.of_refusal(form.expected)
    if done.returncode or not made.exists():
        return verdicts.of_refusal(form.expected)
    return verdicts.of_film(form.expected, measure(made), clips)


_CLICK = """(url) => {
    const link = document.createElement("a");
    link.href = url;
    link.download = "";
    document.body.append(link);
    link.click();
}"""
