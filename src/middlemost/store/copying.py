"""Copies of a database.

A copy is always an SQLite file of ours, whatever it was made from: it opens anywhere, and takes a project from SQLite
to PostgreSQL or back.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from middlemost.errors import InputError, Place, StateError
from middlemost.store.database import engine_of
from middlemost.store.revisions import VERSION_TABLE, migrate
from middlemost.store.sql import is_postgres, pour

CHUNK = 5_000


def copy_file(source: Path, target: Path) -> Path:
    """Copy an SQLite database that may be in use, as it stands at one moment."""
    with _whole(target) as part, closing(sqlite3.connect(source)) as given, closing(sqlite3.connect(part)) as copy:
        given.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    return target


def dump(connection: sa.Connection, target: Path, revision: str) -> Path:
    """Copy the database of `connection`, as its transaction sees it, to an SQLite file of the same `revision`."""
    with _whole(target) as part, opened(part) as engine:
        with engine.connect().execution_options(writing=True) as copy, copy.begin():
            migrate(copy, revision)
            fill(connection, copy)
        with engine.connect() as copy:
            raw = copy.connection.driver_connection
            raw.execute("PRAGMA journal_mode = DELETE")  # type: ignore[union-attr]
    return target


@contextmanager
def opened(path: Path) -> Iterator[sa.Engine]:
    """The engine of an SQLite file, for as long as the block lasts."""
    engine = engine_of(path)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def borrowed(backup: Path) -> Iterator[Path]:
    """A copy of `backup` that may be changed. InputError if it is no SQLite database."""
    if not backup.is_file():
        raise InputError("There is no such file.", place=Place(str(backup)))
    with tempfile.TemporaryDirectory() as folder:
        try:
            yield copy_file(backup, Path(folder) / backup.name)
        except sqlite3.DatabaseError as error:
            mend = "A backup is what `middlemost backup` wrote, or a project's middlemost.db."
            raise InputError(f"This is no backup: {error}.", place=Place(str(backup)), mend=mend) from error


def fill(source: sa.Connection, target: sa.Connection) -> None:
    """Copy every row. Both are of the same revision; what its migrations put into `target` gives way."""
    here, there = sa.MetaData(), sa.MetaData()
    here.reflect(source)
    there.reflect(target)
    tables = [table for table in there.sorted_tables if table.name != VERSION_TABLE]
    for table in reversed(tables):
        target.execute(sa.delete(table))
    for table in tables:
        given = here.tables[table.name]
        rows = source.execute(sa.select(*(given.c[column.name] for column in table.c)), execution_options=_STREAM)
        for chunk in rows.partitions():
            pour(target, table, table.c.keys(), [tuple(row) for row in chunk])
        if is_postgres(target):
            _count_on(target, table)


_STREAM = {"yield_per": CHUNK}


def _count_on(connection: sa.Connection, table: sa.Table) -> None:
    """Let PostgreSQL number the next row after the last that was copied."""
    for column in (one for one in table.primary_key if isinstance(one.type, sa.Integer)):
        name = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
        newest = f"SELECT max({column.name}) FROM {table.name}"  # noqa: S608 - names of our own tables
        connection.exec_driver_sql(f"SELECT setval({name}, ({newest})) WHERE {name} IS NOT NULL AND ({newest}) > 0")


def unused(path: Path) -> Path:
    """`path`, or with a number where that is there already."""
    tries = (path.with_stem(f"{path.stem}-{number}") for number in range(2, 10_000))
    return path if not path.exists() else next(one for one in tries if not one.exists())


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """Where to write what becomes `target` when it is all there. StateError if that exists, or cannot be written."""
    if target.exists():
        raise StateError(f"{target} is there already.", mend="Name another file, or move it away.")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        yield part
        os.replace(part, target)
        _reach_disk(target.parent)
    except OSError as error:
        raise StateError(f"The copy {target} cannot be written: {error.strerror}.") from error
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _reach_disk(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
