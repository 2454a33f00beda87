"""A stored file from the web process, against the same file that nginx serves by itself.

    python -m benchmarks.delivery [--rounds 5] [--against FOLDER]

Plain HTTP, one client, a file in memory. Each round reads it twice by each, one after the other, in
alternating order. Wall time is the client's; processor time is that of the one server which sends.
``--against`` has the web process of other code, a checkout, measured beside it. Needs nginx.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

import psutil

from benchmarks.compare import print_verdicts, write_json
from benchmarks.reader import Port, Target, judge, rounds
from benchmarks.single_file import MEMORY, MIB
from tests.support.nginx import Nginx
from tests.support.shell import ROOT
from tests.support.stack import Stack

SIZE = 1024 * MIB
GOALS = {"wall": 1.5, "processor": 1.5}
OWN = "nginx itself"
FERRY = "from the web process"
OTHER = "from other code's"
STORED = """
import os
from pathlib import Path
from django.core.files.storage import storages
from downloads.delivery import links
from downloads.models import Rendition
from tests.delivery.files import completed
download = completed(b"", name="film.mp4")
path = Path(storages["media"].path("film.mp4"))
os.truncate(path, {size})
Rendition.objects.update(size={size}, sha256="")
print(links.sign(download.pk, 36000, filename="film.mp4").path)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", type=Path, help="a checkout of other code")
    parser.add_argument("--json", type=Path, default=Path("delivery.json"))
    options = parser.parse_args()
    roots = {FERRY: ROOT}
    if options.against:
        roots[OTHER] = options.against.resolve()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, ExitStack() as stack:
        targets = {}
        for name, root in roots.items():
            data = Path(folder) / root.name
            ferry = stack.enter_context(Stack(data, only="web", root=root))
            path = stored(ferry, SIZE)
            (ferry.media / "film.mp4").write_bytes(bytes(range(256)) * (SIZE // 256))
            targets[name] = Target(ferry.port, path, [ferry.one("daphne")])
        targets[OWN] = stack.enter_context(_Nginx(Path(folder), ferry.media)).target
        spent = rounds(targets, SIZE, options.rounds)
    times, verdicts = judge(f"{SIZE // MIB} MiB", spent, FERRY, OWN, GOALS)
    print_verdicts(verdicts)
    write_json(options.json, times, verdicts)


def stored(ferry: Stack, size: int) -> str:
    """Store a sparse film.mp4 of this size; return the path of a signed link to it."""
    return ferry.shell(STORED.format(size=size)).strip()


class _Nginx(ExitStack):
    """An nginx that serves a folder."""

    def __init__(self, folder: Path, media: Path) -> None:
        super().__init__()
        self._folder = folder / "nginx"
        self._media = media

    def __enter__(self) -> _Nginx:
        super().__enter__()
        port = self.enter_context(Port()).number
        self._folder.mkdir()
        server = f"server {{ listen 127.0.0.1:{port}; location / {{ alias {self._media}/; }} }}"
        running = self.enter_context(Nginx(self._folder, server, port))
        self.target = Target(port, "/film.mp4", [psutil.Process(running.process.pid)])
        return self


if __name__ == "__main__":
    main()
