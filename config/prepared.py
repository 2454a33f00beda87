"""Queries whose SQL is built once in a process.

Django builds the SQL of a query each time that it is asked, of hundreds of Python objects: for a
row with its relations and annotations this takes ten times as long as SQLite takes to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models import query as internals

M = TypeVar("M", bound=Model)


class Slot(Expression):
    """A place in a query for a value that is known when it is asked."""

    def __init__(self, position: int, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.position = position

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


@dataclass(frozen=True, slots=True)
class _Statement:
    """The SQL that Django's compiler has built."""

    sql: str
    parameters: Sequence[Any]  # a Slot where a value belongs
    converters: Sequence[tuple[int, Any, Any]]  # column, its converters, its expression

    @classmethod
    def of(cls, compiler: Any) -> _Statement:
        sql, parameters = compiler.as_sql()
        found = compiler.get_converters([column[0] for column in compiler.select])
        converters = [(at, convert, what) for at, (convert, what) in found.items()]
        return cls(sql, parameters, converters)

    def rows(self, slots: Sequence[Slot], values: Sequence[Any]) -> list[list[Any]]:
        """Ask the database. ``values``: of the slots."""
        given = [
            slot.output_field.get_db_prep_value(value, connection)
            for slot, value in zip(slots, values, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                self.sql,
                [given[one.position] if type(one) is Slot else one for one in self.parameters],
            )
            rows = [list(row) for row in cursor.fetchall()]
        for at, converters, expression in self.converters:
            for row in rows:
                for convert in converters:
                    row[at] = convert(row[at], expression, connection)
        return rows


# Django 5.2's; its stubs are of another version.
_populators: Final[Any] = internals.get_related_populators


@dataclass(frozen=True, slots=True)
class _Model:
    """The way from a statement's rows to a model's."""

    statement: _Statement
    model: Any
    names: Sequence[str]  # of the model's own columns, which come first
    relations: Sequence[Any]
    annotations: Sequence[tuple[str, int]]  # name and column

    @classmethod
    def of(cls, queryset: Any) -> _Model:
        plain = queryset._iterable_class is internals.ModelIterable
        if not plain or queryset._prefetch_related_lookups or queryset._known_related_objects:
            raise TypeError(f"only plain rows can be prepared: {queryset.query}")
        compiler: Any = queryset.query.get_compiler(connection=connection)
        statement = _Statement.of(compiler)
        select, info = compiler.select, compiler.klass_info
        return cls(
            statement=statement,
            model=info["model"],
            names=[select[at][0].target.attname for at in info["select_fields"]],
            relations=_populators(info, select, queryset.db),
            annotations=list(compiler.annotation_col_map.items()),
        )

    def made(self, row: list[Any]) -> Any:
        made = self.model.from_db(connection.alias, self.names, row[: len(self.names)])
        for relation in self.relations:
            relation.populate(row, made)
        for name, at in self.annotations:
            setattr(made, name, row[at])
        return made


class Prepared(Generic[M]):
    """A query that is built at its first use. ``build`` gets a slot for each of ``fields``, the
    values of which a call is given in the same order; what is no slot stays as it was built.

    Of the default database; for all threads. Its rows are as the query's own.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], *fields: Field[Any, Any]) -> None:
        self._build: Final = build
        self._slots: Final = [Slot(at, field) for at, field in enumerate(fields)]
        self._model: _Model | None = None

    def __call__(self, *values: Any) -> list[M]:
        """Return the rows. Raises as a query does."""
        model = self._model
        if model is None:  # two threads may build it at once: either will do
            model = self._model = _Model.of(self._build(*self._slots))
        return [model.made(row) for row in model.statement.rows(self._slots, values)]

    def one(self, *values: Any) -> M:
        """Return the only row. Raises the model's DoesNotExist if there is none."""
        for row in self(*values):
            return row
        model = self._model
        assert model is not None
        raise model.model.DoesNotExist


class PreparedValues:
    """The same for a ``values_list``: rows are lists of values."""

    def __init__(self, build: Callable[..., Any], *fields: Field[Any, Any]) -> None:
        self._build: Final = build
        self._slots: Final = [Slot(at, field) for at, field in enumerate(fields)]
        self._statement: _Statement | None = None

    def __call__(self, *values: Any) -> list[list[Any]]:
        """Return the rows. Raises as a query does."""
        statement = self._statement
        if statement is None:
            queryset = self._build(*self._slots)
            if queryset._iterable_class is not internals.ValuesListIterable:
                raise TypeError(f"only a values_list can be prepared so: {queryset.query}")
            compiler = queryset.query.get_compiler(connection=connection)
            statement = self._statement = _Statement.of(compiler)
        return statement.rows(self._slots, values)
