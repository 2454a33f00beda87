"""Forms through the whole product: asked for by POST, fetched by the worker, read by delivery."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tests.field
from tests.field.support.clips import Clips
from tests.field.support.expected import Outcome
from tests.field.support.kind import Form, Kind
from tests.support.stack import Person, until

PATIENCE = 120.0  # seconds for one download, all of them being under way
# The storage's names tell the quality and the download as well, so that none is taken.
_OWN_MARK = re.compile(r" \[\w+\] [0-9a-f]{8}(?=\.|$)")
_ENDED = ("completed", "failed", "cancelled", "expired")


def kinds() -> dict[str, Kind]:
    """Every kind there is, by the name of its file."""
    found = {}
    for module in pkgutil.iter_modules(tests.field.__path__):
        if module.name.startswith("test_"):
            loaded = importlib.import_module(f"tests.field.{module.name}")
            found[module.name.removeprefix("test_")] = getattr(loaded, "KIND", None)
    return {name: kind for name, kind in found.items() if isinstance(kind, Kind)}


def first_form(kind: Kind) -> Form:
    return next(iter(kind.forms.values()))


@dataclass(frozen=True)
class Batch:
    """Downloads that were all asked for before the first is waited for. ``ids`` by kind."""

    person: Person
    ids: dict[str, str]

    def outcome(self, kind: str, folder: Path) -> Outcome:
        """Of the kind's first form, once it has ended; its files are put into ``folder``."""
        ended = until(lambda: self._ended(self.ids[kind]), PATIENCE)
        log = str({name: ended[name] for name in ("status", "error", "errorCode", "note")})
        if ended["status"] != "completed":
            code, message = ended["errorCode"] or ended["status"], ended["error"] or ""
            return Outcome(code=code, message=message, log=log)
        file = self._save(ended["fileUrl"], folder / _OWN_MARK.sub("", ended["filename"]))
        beside = tuple(
            self._save(each["url"], folder / f"{each['language']}.vtt")
            for each in ended["subtitles"]
        )
        return Outcome(file, beside, note=ended["note"] or "", log=log)

    def _ended(self, pk: str) -> dict[str, Any] | None:
        now = self.person.download(pk)
        return now if now["status"] in _ENDED else None

    def _save(self, url: str, path: Path) -> Path:
        answer = self.person.get(f"{self.person.stack.url}{url}")
        assert answer.status_code == 200, answer.text
        path.write_bytes(answer.content)
        return path


@contextmanager
def requested(person: Person, chosen: Iterable[str], clips: Clips) -> Iterator[Batch]:
    """Ask for the first form of each kind, from an origin of its own."""
    known = kinds()
    with ExitStack() as origins:
        ids = {}
        for name in chosen:
            form = first_form(known[name])
            origin = origins.enter_context(known[name].origin(clips))
            ids[name] = person.ask(form.url(origin.url("")), **_fields(form))["id"]
        yield Batch(person, ids)


def _fields(form: Form) -> dict[str, Any]:
    fields: dict[str, Any] = {"quality": form.quality} if form.quality else {}
    if form.subtitles:
        fields["options"] = {"subtitles": form.subtitles.split(",")}
    return fields
