"""What a jailed child said, read strictly: it has read a stranger's text, so nothing in it is
trusted. What is of another type, out of bounds or not asked for is refused."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from msgspec import Meta

from downloads.engine.resolver.text import without_controls

# In every str that is said: halves of surrogate pairs cannot be written down.
UNICODE = r"\A[^\ud800-\udfff]*\Z"
CLEANED = {"cleaned": True}  # marks what is kept without control characters

Word = Annotated[str, Meta(max_length=200, pattern=UNICODE, extra=CLEANED)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Pixels = Annotated[int, Meta(gt=0, le=100_000)]


class UntrustedStruct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds stand in the types of its fields: of each float both, which keeps NaN out."""

    def __post_init__(self) -> None:
        for name in _cleaned(type(self)):
            if said := getattr(self, name):
                msgspec.structs.force_setattr(self, name, _clean(said))


Kind = TypeVar("Kind", bound=UntrustedStruct)


class UntrustedDataError(ValueError):
    """Its text is where, and what is wrong there."""


def read(kind: type[Kind], answer: Any) -> Kind:
    """Raises UntrustedDataError."""
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise UntrustedDataError(_briefly(str(error))) from None
    except UnicodeEncodeError:  # where it would name a field that was not asked for
        raise UntrustedDataError("a name that is no text") from None


def _briefly(message: str) -> str:
    """msgspec says "Expected `int`, got `str` - at `$.segments[0].key`"."""
    what, at, where = message.rpartition(" - at `$")
    return without_controls(f"{where.strip('.`')[:100]}: {what}"[:200] if at else message[:200])


def _clean(said: str | dict[str, Any]) -> str | dict[str, Any]:
    """A str, or the keys of a dict."""
    if isinstance(said, str):
        return without_controls(said)
    return {without_controls(key): value for key, value in said.items()}


@cache
def _cleaned(kind: type[UntrustedStruct]) -> tuple[str, ...]:
    """The fields with a type that is marked, or made of one that is."""
    return tuple(each.name for each in msgspec.structs.fields(kind) if _is_marked(each.type))


def _is_marked(type_: Any) -> bool:
    metas = getattr(type_, "__metadata__", ())
    marked = any(isinstance(each, Meta) and each.extra == CLEANED for each in metas)
    return marked or any(map(_is_marked, get_args(type_)))
