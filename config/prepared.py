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


# Django 5.2's; its stubs are of another version.
_populators: Final[Any] = internals.get_related_populators


@dataclass(frozen=True, slots=True)
class _Plan:
    """The findings of Django's compiler about a query that it has built."""

    sql: str
    parameters: Sequence[Any]  # a Slot where a value belongs
    converters: Sequence[tuple[int, Any, Any]]  # column, its converters, its expression
    model: Any
    names: Sequence[str]  # of the model's own columns, which come first
    relations: Sequence[Any]
    annotations: Sequence[tuple[str, int]]  # name and column

    @classmethod
    def of(cls, queryset: Any) -> _Plan:
        plain = queryset._iterable_class is internals.ModelIterable
        if not plain or queryset._prefetch_related_lookups or queryset._known_related_objects:
            raise TypeError(f"only plain rows can be prepared: {queryset.query}")
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        select, info = compiler.select, compiler.klass_info
        converters = compiler.get_converters([column[0] for column in select])
        return cls(
            sql=sql,
            parameters=parameters,
            converters=[(at, found, what) for at, (found, what) in converters.items()],
            model=info["model"],
            names=[select[at][0].target.attname for at in info["select_fields"]],
            relations=_populators(info, select, queryset.db),
            annotations=list(compiler.annotation_col_map.items()),
        )


class Prepared(Generic[M]):
    """A query that is built at its first use. ``build`` gets a slot for each of ``fields``, the
    values of which a call is given in the same order; what is no slot stays as it was built.

    Of the default database; for all threads. Its rows are as the query's own.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], *fields: Field[Any, Any]) -> None:
        self._build: Final = build
        self._slots: Final = [Slot(at, field) for at, field in enumerate(fields)]
        self._plan: _Plan | None = None

    def __call__(self, *values: Any) -> list[M]:
        """Return the rows. Raises as a query does."""
        plan = self._plan
        if plan is None:  # two threads may build it at once: either plan will do
            plan = self._plan = _Plan.of(self._build(*self._slots))
        given = [
            slot.output_field.get_db_prep_value(value, connection)
            for slot, value in zip(self._slots, values, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                plan.sql,
                [given[one.position] if type(one) is Slot else one for one in plan.parameters],
            )
            rows = cursor.fetchall()
        return [self._made(plan, list(row)) for row in rows]

    def one(self, *values: Any) -> M:
        """Return the only row. Raises the model's DoesNotExist if there is none."""
        for row in self(*values):
            return row
        plan = self._plan
        assert plan is not None
        raise plan.model.DoesNotExist

    @staticmethod
    def _made(plan: _Plan, row: list[Any]) -> Any:
        for at, converters, expression in plan.converters:
            value = row[at]
            for convert in converters:
                value = convert(value, expression, connection)
            row[at] = value
        made = plan.model.from_db(connection.alias, plan.names, row[: len(plan.names)])
        for relation in plan.relations:
            relation.populate(row, made)
        for name, at in plan.annotations:
            setattr(made, name, row[at])
        return made
