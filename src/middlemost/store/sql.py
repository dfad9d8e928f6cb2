"""What the operations share."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa

Row: TypeAlias = "sa.Row[*tuple[Any, ...]]"
Op = TypeVar("Op", bound=Callable[..., Any])
# Locks of PostgreSQL that stand for no row: what each is for, and a number that no other program should use.
LOCKS = {name: 0x6D69_6464_6C65_0000 + number for number, name in enumerate(("upgrade", "protocol", "seal", "backup"))}

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


class Prepared:
    """A statement on the way that raters wait for: compiled once, run by the driver itself.

    `next` and `answer` together run a dozen statements. SQLAlchemy would take some 35 µs round each of them, SQLite
    takes 10, and the one writer holds up everybody. What the driver gives is taken as it is: booleans come as 0 and 1.
    """

    def __init__(self, statement: sa.Select[*tuple[Any, ...]] | sa.UpdateBase, *columns: str) -> None:
        """`columns`: those that an INSERT is to fill."""
        self.statement, self._columns = statement, columns or None
        names = [name for name in statement.exported_columns.keys() if name is not None]  # noqa: SIM118
        self._row = _row_type(names)
        self._compiled: dict[str, tuple[str, list[str], Mapping[str, Any]]] = {}

    def rows(self, connection: sa.Connection, **values: object) -> list[Any]:
        """What the statement selects or returns, as named tuples."""
        return [self._row._make(row) for row in self._run(connection, values)]

    def one(self, connection: sa.Connection, **values: object) -> Any:
        """The first row, None if there is none."""
        return next(iter(self.rows(connection, **values)), None)

    def run(self, connection: sa.Connection, **values: object) -> int:
        """The number of rows that the statement changed."""
        return int(self._run(connection, values).rowcount)

    def _run(self, connection: sa.Connection, values: dict[str, object]) -> Any:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = self._compile(dialect)
        text, order, constants = self._compiled[dialect.name]
        given = {**constants, **values}
        driver: Any = connection.connection.driver_connection
        return driver.execute(text, [given[name] for name in order] if dialect.positional else given)

    def _compile(self, dialect: sa.Dialect) -> tuple[str, list[str], Mapping[str, Any]]:
        compiled: Any = self.statement.compile(dialect=dialect, column_keys=self._columns)
        return str(compiled), compiled.positiontup or [], compiled.params


def _row_type(names: list[str]) -> Any:
    return namedtuple("Row", names)
