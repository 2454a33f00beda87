"""A step-by-step report about one URL, for a link that fails.

Every step is taken as a download takes it: the first look, the lists, the first bytes of each
stream. An error ends its own step alone, so that the report is as complete as possible.
"""

from __future__ import annotations

import json
import platform
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import DownloadError
from downloads.engine.core.listing import Listing
from downloads.engine.core.media import (
    FragmentList,
    Protocol,
    Quality,
    Source,
    Stream,
)
from downloads.engine.core.options import Options
from downloads.engine.core.redaction import redact_userinfo
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_file, open_part
from downloads.engine.egress.trace import Trace, line_of, without_values
from downloads.engine.resolver import fragments, registry, sniff
from downloads.engine.resolver.manifests import fetching
from downloads.engine.resolver.quality import select
from downloads.engine.resolver.urls import normalise
from downloads.engine.resolver.ytdlp.version import version_in_use

PACKAGES: Final = ("ferry", "requests", "imageio-ffmpeg")
_FIRST_BYTES: Final = 64
_SNIFFED: Final = 2048  # bytes
_LONGEST_LIST: Final = 1024 * 1024  # characters of one manifest in the bundle
_SHOWN_FORMATS: Final = 40
# Values in a query, tokens in an attribute list, and inline data.
_QUERY_VALUE: Final = re.compile(r"(?<=[?&;])([\w.~%\[\]-]{1,100}=)[^&;\s\"'<>]+")
_DATA: Final = re.compile(r"(data:[\w/+.-]*[;,])[^\s\"'<>]+", re.IGNORECASE)


@dataclass(slots=True)
class Explanation:
    """The steps taken, and the manifests on the way. ``error``: of the step that failed first."""

    url: str
    trace: Trace
    manifests: dict[str, str] = field(default_factory=dict)
    error: DownloadError | None = None

    @property
    def outcome(self) -> str:
        if self.error is None:
            return "Everything that was checked can be downloaded."
        return f"{self.error.message} ({self.error.code}: {self.error.detail or 'no detail'})"


def explain(url: str, quality: Quality, options: Options, client: Client) -> Explanation:
    """Take each step for ``url``; ``client`` has a trace. Raises Stopped alone."""
    assert client.trace is not None
    report = Explanation(without_values(url), client.trace)
    with _step(report):
        found = registry.look(url, client)
        if isinstance(found, Listing):
            report.trace.decide(f"a playlist of {len(found.entries)} entries or more")
            return report
        _say_source(report.trace, found)
        selection = select(found, quality, options)
        report.trace.decide(f"for {quality}: {selection.key}, stored as {selection.ext}")
        for place, stream in enumerate(selection.streams):
            with _step(report):
                _look_into(report, client, place, stream)
    with _step(report):
        _keep_pasted(report, client, url)
    return report


@contextmanager
def _step(report: Explanation) -> Iterator[None]:
    try:
        yield
    except DownloadError as error:
        report.trace.decide(f"this step fails: {error.code}: {error.detail or error.message}")
        report.error = report.error or error


def _say_source(trace: Trace, source: Source) -> None:
    trace.decide(f"title {source.title!r}, duration {source.duration or 'unknown'}")
    for one in source.formats[:_SHOWN_FORMATS]:
        size = "size unknown" if one.size is None else f"{one.size} bytes"
        codecs = " + ".join(filter(None, (one.video_codec, one.audio_codec))) or "codecs unknown"
        lines = f"{one.height} lines" if one.height else "height unknown"
        trace.decide(
            f"on offer: {one.id}: {one.stream.protocol}, {one.ext}, {lines}, {codecs}, {size}"
        )
    if len(source.formats) > _SHOWN_FORMATS:
        trace.decide(f"and {len(source.formats) - _SHOWN_FORMATS} more")
    for text in source.subtitles[:_SHOWN_FORMATS]:
        trace.decide(f"subtitles: {text.language}, {text.ext}, {without_values(text.url)}")


def _keep_pasted(report: Explanation, client: Client, url: str) -> None:
    """Keep the pasted manifest, above all if it could not be parsed."""
    with open_part(client, normalise(url)) as response:
        is_manifest = sniff.is_list(response.peek(_SNIFFED))
        response.close()
    if is_manifest:
        manifest = fetching.fetch(normalise(url), (), client)
        report.manifests["pasted.txt"] = redacted(manifest.text[:_LONGEST_LIST])


def _look_into(report: Explanation, client: Client, place: int, stream: Stream) -> None:
    """Read the list of a stream, if it has one, and the first bytes of its media."""
    if stream.protocol is Protocol.FILE:
        _say_bytes(report.trace, client, stream.url, stream.headers, None)
        return
    with _step(report):
        manifest = fetching.fetch(stream.url, stream.headers, client)
        report.manifests[f"stream-{place}.txt"] = redacted(manifest.text[:_LONGEST_LIST])
    listed = fragments.load(stream, client)
    _say_list(report.trace, listed)
    for piece in listed.fragments[:2]:
        with _step(report):
            _say_bytes(report.trace, client, piece.url, listed.headers, piece.range)


def _say_list(trace: Trace, listed: FragmentList) -> None:
    keys = {piece.encryption.key_url for piece in listed.fragments if piece.encryption}
    parts = len({piece.part for piece in listed.fragments})
    trace.decide(
        f"{len(listed.fragments)} fragments of {listed.container} in {parts} parts, "
        f"{listed.duration:.3f} s by the list, {len(keys)} keys"
    )


def _say_bytes(
    trace: Trace,
    client: Client,
    url: str,
    headers: tuple[tuple[str, str], ...],
    wanted: ByteRange | None,
) -> None:
    if url.startswith("data:"):
        trace.decide("a piece that stands in the list itself")
        return
    if wanted is None:
        opened = open_file(client, url, headers=headers)
    else:
        opened = open_part(client, url, headers=headers, span=wanted)
    with opened as response:
        head = response.peek(_FIRST_BYTES)
    text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in head)
    trace.decide(f"the first bytes: {head[:16].hex(' ')} | {text}")


def redacted(text: str) -> str:
    """Return a manifest's text without the values of queries, credentials and inline data."""
    return _DATA.sub(r"\1...", redact_userinfo(_QUERY_VALUE.sub(r"\1...", text)))


def versions() -> dict[str, str]:
    """Return the versions of everything that takes part in a fetch."""
    found = {"python": platform.python_version(), "system": platform.platform()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found | {"yt-dlp": version_in_use()}


def write_bundle(report: Explanation, path: Path, settings: Mapping[str, Any]) -> None:
    """Write a ZIP with the report as text and as JSON, and the manifests. Raises OSError.

    ``settings``: those that affect fetching; none of them a secret.
    """
    entries = report.trace.entries
    facts = {
        "url": report.url,
        "outcome": report.outcome,
        "versions": versions(),
        "settings": dict(settings),
        "entries": [{"kind": type(each).__name__.lower(), **asdict(each)} for each in entries],
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        lines = [*(line_of(each) for each in entries), "", report.outcome, ""]
        bundle.writestr("report.txt", "\n".join(lines))
        bundle.writestr("report.json", json.dumps(facts, indent=1))
        for name, text in report.manifests.items():
            bundle.writestr(name, text)


def listen(write: Callable[[str], object] = sys.stdout.write) -> Trace:
    """Return a trace that writes each entry as it comes."""
    return Trace(lambda entry: write(line_of(entry) + "\n"))
