"""What the operations share."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

Row: TypeAlias = "sa.Row[*tuple[Any, ...]]"
Op = TypeVar("Op", bound=Callable[..., Any])
# Locks of PostgreSQL that stand for no row: what each is for, and a number that no other program should use.
_FOR = ("upgrade", "protocol", "seal", "backup", "gold", "moving", "joining", "jobs", "guessing")
LOCKS = {name: 0x6D69_6464_6C65_0000 + number for number, name in enumerate(_FOR)}

_HOLD = "SELECT pg_advisory_xact_lock_shared(%s) FROM person WHERE id = %s FOR NO KEY UPDATE"


def repeatable(op: Op) -> Op:
    """Mark an operation: doing it twice is doing it once, so the store may do it again when a commit is in doubt."""
    op.repeatable = True  # type: ignore[attr-defined]
    return op


def is_postgres(connection: sa.Connection) -> bool:
    """Whether others may write at the same time. On SQLite one transaction writes, and has the database to itself."""
    return connection.dialect.name == "postgresql"


def alone(connection: sa.Connection, what: str) -> None:
    """Until this transaction ends, no other is `alone` with `what`, nor `together` in it."""
    if is_postgres(connection):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCKS[what]})")


def insert(connection: sa.Connection, statement: sa.Insert, row: Mapping[str, object]) -> int:
    """Insert one row; its number."""
    key = connection.execute(statement, row).inserted_primary_key
    if key is None:
        raise TypeError("only tables whose key the database makes")
    return int(key[0])


def hold(connection: sa.Connection, rater: int) -> None:
    """Until this transaction ends, no other does anything for this rater, nor puts another protocol in force."""
    if is_postgres(connection):
        driver: Any = connection.connection.driver_connection
        driver.execute(_HOLD, (LOCKS["protocol"], rater))


def pour(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert many rows on the shortest way: PostgreSQL's COPY, or one statement of SQLite's for all of them."""
    driver: Any = connection.connection.driver_connection
    names = ", ".join(columns)
    if is_postgres(connection):
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        places = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", rows)  # noqa: S608 - our own names


class Made(sa.ColumnElement[int]):
    """The id of the first row that the first of some statements made, for those that are done `together` with it."""

    inherit_cache = True
    type = sa.Integer()


@compiles(Made)
def _bound(_element: Made, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(sa.bindparam("made", type_=sa.Integer), **options)


@compiles(Made, "postgresql")
def _looked_up(_element: Made, _compiler: SQLCompiler, **_options: Any) -> str:
    return "(SELECT min(id) FROM made)"


class Prepared:
    """A statement on the way that raters wait for: compiled once, run by the driver itself.

    SQLAlchemy would take some 35 µs round each of them, SQLite takes 10, and the one writer holds up everybody. What
    the driver gives is taken as it is: booleans come as 0 and 1.
    """

    def __init__(self, statement: sa.Select[*tuple[Any, ...]] | sa.UpdateBase) -> None:
        self.statement = statement
        names = [name for name in statement.exported_columns.keys() if name is not None]  # noqa: SIM118
        self._row = _row_type(names)
        self._compiled: dict[str, tuple[str, list[str], Mapping[str, Any]]] = {}

    def rows(self, connection: sa.Connection, **values: object) -> list[Any]:
        """What the statement selects or returns, as named tuples."""
        return [self._row._make(row) for row in self._run(connection, values)]

    def one(self, connection: sa.Connection, **values: object) -> Any:
        """The first row, None if there is none."""
        return next(iter(self.rows(connection, **values)), None)

    def run(self, connection: sa.Connection, **values: object) -> None:
        """Do the statement; what it gives is not looked at, nor waited for."""
        self._run(connection, values)

    def _run(self, connection: sa.Connection, values: dict[str, object]) -> Any:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = self._compile(dialect)
        text, order, constants = self._compiled[dialect.name]
        given = {**constants, **values}
        driver: Any = connection.connection.driver_connection
        return driver.execute(text, [given[name] for name in order] if dialect.positional else given)

    def _compile(self, dialect: sa.Dialect) -> tuple[str, list[str], Mapping[str, Any]]:
        compiled: Any = self.statement.compile(dialect=dialect)
        return str(compiled), compiled.positiontup or [], compiled.params


def _row_type(names: list[str]) -> Any:
    return namedtuple("Row", names)


def together(connection: sa.Connection, first: Prepared, *others: Prepared, values: Mapping[str, object]) -> int:
    """Do statements that do not look at one another's rows; the lowest id that the first one returns, their `Made`.

    Each takes from `values` what it needs. On PostgreSQL they are one statement and one journey, where most of the time
    goes; on SQLite there is no journey, and they are done in turn.
    """
    if is_postgres(connection):
        return int(_joined(first, *others).one(connection, **values).id)
    made = min(int(row.id) for row in first.rows(connection, **values))
    for other in others:
        other.run(connection, **values, made=made)
    return made


@cache
def _joined(first: Prepared, *others: Prepared) -> Prepared:
    made = _changing(first).cte("made")
    steps = (_changing(other).cte(f"step_{number}") for number, other in enumerate(others))
    return Prepared(sa.select(sa.func.min(made.c.id).label("id")).add_cte(made, *steps))


def _changing(step: Prepared) -> Any:
    return step.statement
