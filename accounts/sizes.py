"""Sizes as entered in a form: "20 GiB", "500 MB"."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from config.parsing import byte_size

_UNITS: Final = (
    ("TiB", 2**40),
    ("GiB", 2**30),
    ("MiB", 2**20),
    ("KiB", 2**10),
    ("TB", 10**12),
    ("GB", 10**9),
    ("MB", 10**6),
    ("kB", 10**3),
)


def size_with_unit(size: int) -> str:
    """Return the size in a unit that two decimals express exactly, so that a form returns the same
    bytes."""
    for unit, factor in _UNITS:
        hundredths, rest = divmod(size * 100, factor)
        if rest == 0 and 100 <= hundredths < 102_400:
            return f"{hundredths / 100:g} {unit}"
    return f"{size} B"


class SizeField(forms.CharField):
    """A field of bytes, entered with a unit, in the syntax of the environment's variables."""

    def prepare_value(self, value: Any) -> Any:
        return size_with_unit(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return byte_size()(text)
        except ValueError as error:
            raise ValidationError(f"It {error}.") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), data))
