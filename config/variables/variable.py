"""One variable of the environment: its type, default and meaning, and its value once read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, Self, TypeVar, overload

from config.parsing import ValueType

T = TypeVar("T")


class Variable(Generic[T]):
    """A row of the table. The attribute's name in capitals is the variable's.

    On an instance of its section it is the value that was read.
    """

    __slots__ = ("default", "meaning", "name", "secret", "shown_default", "type", "unit")

    def __init__(
        self,
        value_type: ValueType[T],
        default: str,
        meaning: str,
        *,
        unit: str = "",
        shown_default: str = "",
        secret: bool = False,
    ) -> None:
        """``default`` is a text as an operator writes it; ``shown_default`` describes one that
        is found out at start. No message quotes a ``secret``."""
        self.type = value_type
        self.default = default
        self.meaning = meaning
        self.unit = unit or value_type.unit
        self.shown_default = shown_default
        self.secret = secret

    def __set_name__(self, section: type, attribute: str) -> None:
        self.name = attribute.upper()

    @overload
    def __get__(self, section: None, owner: type) -> Self: ...
    @overload
    def __get__(self, section: VariableSection, owner: type) -> T: ...
    def __get__(self, section: VariableSection | None, owner: type) -> Self | T:
        return self if section is None else section.values[self.name]

    def __set__(self, section: VariableSection, value: T) -> None:
        raise AttributeError(f"{self.name} is read at start and stays")


class VariableSection:
    """Variables of one theme; its docstring is their heading in the reference."""

    values: Mapping[str, Any]

    @classmethod
    def variables(cls) -> Iterator[Variable[Any]]:
        """Yield this section's own variables, in the order of the table."""
        return (entry for entry in vars(cls).values() if isinstance(entry, Variable))
