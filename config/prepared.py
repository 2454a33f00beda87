"""Queries and writes whose SQL is built once in a process.

Django builds the SQL of a query each time that it is asked, of hundreds of Python objects: for a
row with its relations and annotations this takes ten times as long as SQLite takes to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import isfunction
from typing import Any, Final, Generic, TypeVar

from django.db import connection, transaction
from django.db.models import AutoField, Expression, Field, Model, QuerySet
from django.db.models import query as internals
from django.db.models.base import ModelState
from django.db.models.fields import NOT_PROVIDED
from django.db.models.sql import UpdateQuery

_FORMS: Final = 64  # of one UPDATE: which columns are set, and to what that is no plain value

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


def _related(info: Any) -> list[Any]:
    """Return the models that come with the rows."""
    found = info.get("related_klass_infos", [])
    return [model for one in found for model in (one["model"], *_related(one))]


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
        if not all(_is_plain(one) for one in (queryset.model, *_related(compiler.klass_info))):
            raise TypeError(f"only models without hooks can be prepared: {queryset.query}")
        select, info = compiler.select, compiler.klass_info
        return cls(
            statement=statement,
            model=info["model"],
            names=[select[at][0].target.attname for at in info["select_fields"]],
            relations=_populators(info, select, queryset.db),
            annotations=list(compiler.annotation_col_map.items()),
        )

    def made(self, row: list[Any]) -> Any:
        made = _instance(self.model, self.names, row)  # the columns of which come first
        for relation in self.relations:
            _populate(made, relation, row)
        for name, at in self.annotations:
            made.__dict__[name] = row[at]
        return made


def _instance(model: Any, names: Sequence[str], values: Sequence[Any]) -> Any:
    """Return a row's instance: as ``from_db`` makes it, in a fifth of the time. It goes through all
    fields of the model, for defaults and for signals without receivers."""
    made = model.__new__(model)
    made._state = state = ModelState()
    state.adding, state.db = False, connection.alias
    made.__dict__.update(zip(names, values, strict=False))
    return made


def _populate(made: Any, relation: Any, row: list[Any]) -> None:
    """Do what the populator's own ``populate`` does."""
    reorder = relation.reorder_for_init
    values = reorder(row) if reorder else row[relation.cols_start : relation.cols_end]
    related = None
    if values[relation.pk_idx] is not None:
        related = _instance(relation.model_cls, relation.init_list, values)
        relation.remote_setter(related, made)
        for inner in relation.related_populators:
            _populate(related, inner, row)
    relation.local_setter(made, related)


def _is_plain(model: Any) -> bool:
    """Return True if instances of the model are no more than their columns."""
    hooks = (model.from_db.__func__, model.__init__)
    return hooks == (Model.from_db.__func__, Model.__init__)  # type: ignore[attr-defined]


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


# --- writes ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Form:
    sql: str
    parameters: Sequence[Any]  # a Slot where a value belongs
    converters: Sequence[Sequence[Any]]  # of each column that is returned
    columns: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that is part of an expression. ``make`` gets a place for it, and is always the same
    function for the same expression."""

    make: Callable[[Any], Any]
    value: Any


class PreparedUpdate:
    """An UPDATE of the rows of a query. ``build`` gets a slot for each of ``fields``, the values
    of which a call is given in the same order."""

    def __init__(self, build: Callable[..., QuerySet[Any]], *fields: Field[Any, Any]) -> None:
        self._build: Final = build
        self._fields: Final = fields
        self._form = lru_cache(_FORMS)(self._built)

    def __call__(self, *values: Any, set_: Mapping[str, Any]) -> int:
        """Set these columns, to values or expressions. Return the number of the rows."""
        with connection.cursor() as cursor:
            self._execute(cursor, values, set_, ())
            return int(cursor.rowcount)

    def returning(
        self, *values: Any, set_: Mapping[str, Any], columns: tuple[str, ...]
    ) -> list[tuple[Any, ...]]:
        """Do the same. Return these columns of each row, as they are then."""
        with connection.cursor() as cursor:
            form = self._execute(cursor, values, set_, columns)
            return [_converted(form, row) for row in cursor.fetchall()]

    def _execute(
        self, cursor: Any, values: Sequence[Any], set_: Mapping[str, Any], columns: tuple[str, ...]
    ) -> _Form:
        # An expression is part of the statement. Those that differ each time are of rare moves.
        form = self._form(tuple((name, _kind(value)) for name, value in set_.items()), columns)
        slots = [slot for slot in form.parameters if type(slot) is Slot]
        given = [*values, *(_value(value) for value in set_.values())]
        prepared = {
            slot.position: slot.output_field.get_db_prep_save(
                _key(given[slot.position]), connection
            )
            for slot in slots
        }
        with transaction.mark_for_rollback_on_error(connection.alias):
            cursor.execute(
                form.sql,
                [prepared[one.position] if type(one) is Slot else one for one in form.parameters],
            )
        return form

    def _built(self, set_: Sequence[tuple[str, Any]], columns: tuple[str, ...]) -> _Form:
        rows = self._build(*(Slot(at, field) for at, field in enumerate(self._fields)))
        fields = rows.model._meta.get_field
        places = {
            name: Slot(at, fields(name)) for at, (name, _) in enumerate(set_, len(self._fields))
        }
        query: Any = rows.order_by().query.chain(UpdateQuery)
        query.add_update_values(
            {
                name: kind(places[name]) if isfunction(kind) else kind or places[name]
                for name, kind in set_
            }
        )
        sql, parameters = query.get_compiler(connection=connection).as_sql()
        found = [fields(name) for name in columns]
        cols = [field.get_col(rows.model._meta.db_table) for field in found]
        if columns:
            names = (connection.ops.quote_name(field.column) for field in found)
            sql += f" RETURNING {', '.join(names)}"
        converters = [
            [*connection.ops.get_db_converters(col), *col.get_db_converters(connection)]
            for col in cols
        ]
        return _Form(sql, parameters, converters, cols)


@dataclass(slots=True)
class PreparedInsert:
    """An INSERT of one row of a model. What is not given has its default; its key is not read.

    ``or_nothing``: a row that conflicts with one that is there is not inserted.
    """

    model: type[Model]
    or_nothing: bool = False
    _sql: dict[tuple[str, ...], tuple[str, list[Any]]] = field(default_factory=dict)

    def __call__(self, **values: Any) -> bool:
        """Insert a row. ``values``: by the names of columns. Return False if it was not."""
        names = tuple(values)
        if names not in self._sql:
            self._sql[names] = self._built(names)
        sql, fields = self._sql[names]
        prepared = [
            each.get_db_prep_save(_key(values.get(each.attname, each.get_default())), connection)
            for each in fields
        ]
        with (
            transaction.mark_for_rollback_on_error(connection.alias),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, prepared)
            return int(cursor.rowcount) == 1

    def _built(self, names: tuple[str, ...]) -> tuple[str, list[Any]]:
        fields = [
            each
            for each in self.model._meta.local_concrete_fields
            # what the database fills in by itself
            if each.attname in names
            or not (isinstance(each, AutoField) or each.db_default is not NOT_PROVIDED)
        ]
        quoted = connection.ops.quote_name
        columns = ", ".join(quoted(str(each.column)) for each in fields)
        places = ", ".join(["%s"] * len(fields))
        into = f"{quoted(self.model._meta.db_table)} ({columns})"
        sql = f"INSERT INTO {into} VALUES ({places})"  # noqa: S608 - names of ours alone
        return f"{sql} ON CONFLICT DO NOTHING" if self.or_nothing else sql, fields


def _kind(value: Any) -> Any:
    """Return what of a value is part of the statement: an expression, or how it is made of one."""
    if isinstance(value, Computed):
        return value.make
    return value if hasattr(value, "resolve_expression") else None


def _value(value: Any) -> Any:
    return value.value if isinstance(value, Computed) else value


def _key(value: Any) -> Any:
    return value.pk if isinstance(value, Model) else value


def _converted(form: _Form, row: Sequence[Any]) -> tuple[Any, ...]:
    found = []
    for value, converters, column in zip(row, form.converters, form.columns, strict=True):
        for convert in converters:
            value = convert(value, column, connection)
        found.append(value)
    return tuple(found)
