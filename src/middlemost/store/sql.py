"""What the operations share."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa

Row: TypeAlias = "sa.Row[*tuple[Any, ...]]"


def insert(connection: sa.Connection, statement: sa.Insert, row: Mapping[str, object]) -> int:
    """Insert one row; its number."""
    key = connection.execute(statement, row).inserted_primary_key
    if key is None:
        raise TypeError("only tables whose key the database makes")
    return int(key[0])


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

    def change(self, connection: sa.Connection, **values: object) -> int:
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
