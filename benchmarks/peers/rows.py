"""Rows of the tables: the kinds and forms of ``tests/field``."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.peers.verdicts import Cell, good
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.field.support.product import kinds
from tests.support.origin import Origin

LIMIT = 30  # seconds a cell


@dataclass(frozen=True)
class Trial:
    """One form at its origin. ``folder``: an empty one."""

    form: Form
    site: Origin
    clips: Clips
    folder: Path

    @property
    def root(self) -> str:
        return self.site.url("")

    @property
    def url(self) -> str:
        return self.form.url(self.root)


Ask = Callable[[Trial], Cell]
Peer = Callable[[], AbstractContextManager[Ask]]


@dataclass
class Row:
    """A row of a table. ``cells`` by the name of the peer."""

    kind: str
    name: str
    form: Form
    of: Kind
    cells: dict[str, Cell] = field(default_factory=dict)

    def origin(self, clips: Clips) -> AbstractContextManager[Origin]:
        return self.of.origin(clips)

    @property
    def is_behind(self) -> bool:
        """Return if two peers get what Ferry does not."""
        peers = [cell.verdict for name, cell in self.cells.items() if name != "Ferry"]
        return peers.count("right") >= 2 and self.cells["Ferry"].verdict != "right"

    @property
    def is_stored_wrong(self) -> bool:
        return self.cells["Ferry"].verdict == "wrong"


def rows(family: str, only: Collection[str] = ()) -> list[Row]:
    """Return every form of the family, or those of some kinds.

    Those about subtitles are left out: the other programs are tested on pictures and sound alone.
    """
    return [
        Row(kind_name, name, form, kind)
        for kind_name, kind in kinds().items()
        for name, form in kind.forms.items()
        if _family(form) == family and not form.subtitles and (not only or kind_name in only)
    ]


def _family(form: Form) -> str:
    """Return the family by the path of the link; a list that leads to a file is a link to that."""
    if isinstance(good(form.expected), Body):
        return "http"
    path = form.path.partition("?")[0]
    return "hls" if path.endswith(".m3u8") else "dash" if path.endswith(".mpd") else "http"
