"""Strict validation of a jailed child's answer: the child has read untrusted text, so nothing in it
is trusted. Values of another type, out of bounds or not requested are refused."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from msgspec import Meta

from downloads.engine.resolver.text import without_controls

# In every str of an answer: lone surrogates cannot be encoded.
UNICODE = r"\A[^\ud800-\udfff]*\Z"
CLEANED = {"cleaned": True}  # marks fields that are stored without control characters

Word = Annotated[str, Meta(max_length=200, pattern=UNICODE, extra=CLEANED)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Pixels = Annotated[int, Meta(gt=0, le=100_000)]


class UntrustedStruct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A validated struct. Its field types carry the bounds: for a float both, which excludes
    NaN."""

    def __post_init__(self) -> None:
        for name in _cleaned(type(self)):
            if value := getattr(self, name):
                msgspec.structs.force_setattr(self, name, _clean(value))


Kind = TypeVar("Kind", bound=UntrustedStruct)


class UntrustedDataError(ValueError):
    """An invalid answer. Its text names the field and the fault."""


def read(kind: type[Kind], answer: Any) -> Kind:
    """Return ``answer`` as ``kind``. Raises UntrustedDataError."""
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise UntrustedDataError(_briefly(str(error))) from None
    except UnicodeEncodeError:  # the message would name an unknown field
        raise UntrustedDataError("a name that is no text") from None


def _briefly(message: str) -> str:
    """Shorten msgspec's "Expected `int`, got `str` - at `$.segments[0].key`"."""
    what, at, where = message.rpartition(" - at `$")
    return without_controls(f"{where.strip('.`')[:100]}: {what}"[:200] if at else message[:200])


def _clean(raw: str | dict[str, Any]) -> str | dict[str, Any]:
    """Clean a str, or the keys of a dict."""
    if isinstance(raw, str):
        return without_controls(raw)
    return {without_controls(key): value for key, value in raw.items()}


@cache
def _cleaned(kind: type[UntrustedStruct]) -> tuple[str, ...]:
    """Return the names of the fields whose type is marked, or built from a marked one."""
    return tuple(each.name for each in msgspec.structs.fields(kind) if _is_marked(each.type))


def _is_marked(type_: Any) -> bool:
    metas = getattr(type_, "__metadata__", ())
    marked = any(isinstance(each, Meta) and each.extra == CLEANED for each in metas)
    return marked or any(map(_is_marked, get_args(type_)))
