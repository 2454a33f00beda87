"""The cost of a probe over the cost of its source, in a process whose jails are warm.

    python -m benchmarks.probe [--count 40]

The source is on loopback in a process of its own. Each probe has a client of its own, as in the
product; the source's part is the same requests by ``http.client``, in turns with it. Prints min,
median and max in milliseconds, and writes JSON.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.compare import Verdict, as_data, print_verdicts
from benchmarks.origin import origin
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.resolver import prewarm, registry

HOST = "media.example.com"  # resolves to the source here; a name may belong to a known site
PAUSE = 0.03  # seconds
MASTER = "".join(
    f"#EXT-X-STREAM-INF:BANDWIDTH={height * 5000},RESOLUTION={height * 16 // 9}x{height},"
    f'CODECS="avc1.640028,mp4a.40.2"\n{height}.m3u8\n'
    for height in (1080, 720, 480, 360)
)
VARIANT = "".join(f"#EXTINF:2.0,\n{number}.ts\n" for number in range(600))


@dataclass(frozen=True, slots=True)
class Work:
    """One benchmark. ``paths``: the requests to the source, the link itself first."""

    name: str
    host: str
    paths: Sequence[str]
    goal: float  # milliseconds above the source's


WORKS = (
    Work("direct file", "127.0.0.1", ("clip.mp4",), 50.0),
    Work("direct file on a name", HOST, ("clip.mp4",), 50.0),
    Work("direct file without extension, on a name", HOST, ("clip",), 50.0),
    Work("HLS master", "127.0.0.1", ("master.m3u8", "1080.m3u8"), 60.0),
    Work("HLS master on a name", HOST, ("master.m3u8", "1080.m3u8"), 60.0),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--json", type=Path, default=Path("probe.json"))
    options = parser.parse_args()
    _name_the_source()
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        with origin(Path(folder)) as port:
            prewarm.begin()
            found = {work: measure(work, port, options.count) for work in WORKS}
            prewarm.end()
    print_times(found)
    verdicts = [
        Verdict(work.name, "its source", work.goal, _middle(probes) - _middle(sources), "ms")
        for work, (probes, sources) in found.items()
    ]
    print_verdicts(verdicts)
    options.json.write_text(json.dumps({"verdicts": as_data(verdicts)}, indent=2) + "\n")


def fill(folder: Path) -> None:
    film = b"\0\0\0\x18ftypmp42" + bytes(4 * 1024 * 1024)
    (folder / "clip.mp4").write_bytes(film)
    (folder / "clip").write_bytes(film)
    (folder / "master.m3u8").write_text(f"#EXTM3U\n{MASTER}")
    (folder / "1080.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n{VARIANT}#EXT-X-ENDLIST\n"
    )


def measure(work: Work, port: int, count: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each probe, and of the source alone."""
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1/32:{port}"))
    probes, sources = [], []
    for _ in range(count + 5):
        probes.append(_timed(lambda: _look(f"http://{work.host}:{port}/{work.paths[0]}", policy)))
        sources.append(_timed(lambda: _ask(port, work.paths)))
        time.sleep(PAUSE)
    return probes[5:], sources[5:]  # the first ones pay for lazy imports


def _timed(call: Callable[[], None]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _look(url: str, policy: AddressPolicy) -> None:
    with Client(policy) as client:
        registry.look(url, client)


def _ask(port: int, paths: Sequence[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for path in paths:
        most = "2047" if path.startswith("clip") else ""
        connection.request("GET", f"/{path}", headers={"Range": f"bytes=0-{most}"})
        connection.getresponse().read()
    connection.close()


def _name_the_source() -> None:
    """Resolve HOST to loopback: a name server's time does not count, and none is needed."""
    real = socket.getaddrinfo

    def answer(host: object, *rest: object, **more: object) -> object:
        return real("127.0.0.1" if host == HOST else host, *rest, **more)  # type: ignore[arg-type]

    socket.getaddrinfo = answer  # type: ignore[assignment]


def _middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def print_times(found: dict[Work, tuple[list[float], list[float]]]) -> None:
    table = Table("look at", "min", "median", "max", "its source", title="milliseconds")
    for work, (probes, sources) in found.items():
        figures = (min(probes), _middle(probes), max(probes), _middle(sources))
        table.add_row(work.name, *(f"{figure:.1f}" for figure in figures))
    Console().print(table)


if __name__ == "__main__":
    main()
