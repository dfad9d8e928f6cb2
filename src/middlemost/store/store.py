"""The store: one database, read by anyone, written by one thread.

An operation is a plain function whose first argument is a connection. It runs inside a transaction that the store
opens, and knows nothing of threads, commits or retries::

    store.read(items.count)                                  # on a connection of its own, sees what is committed
    store.write(people.add, name="Ada", role="rater")        # returns when it is on disk
    store.submit(people.add, name="Ada", role="rater")       # the same as a Future, for those who must not wait
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from middlemost.errors import SettingError, StateError
from middlemost.store.upgrade import upgrade
from middlemost.store.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")
Operation = Callable[Concatenate[sa.Connection, P], T]
PATIENCE = 60.0  # seconds to wait for another process that writes, say an import of millions of items


class Store:
    """One database. `clock` tells the time in Unix seconds."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine, self.clock = engine, clock
        self._writer = Writer(engine)

    @classmethod
    def open(cls, url: str | Path, clock: Callable[[], float] = time.time) -> Store:
        """Open the database at `url` (a path, or an SQLAlchemy URL), made or brought up to date where needed.

        StateError if it is not one of ours, newer than this version, or cannot be written; SettingError for another
        kind of database than SQLite.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.db") as store:
        ...     store.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM item").scalar())
        0
        """
        engine = _engine(url)
        try:
            upgrade(engine)
        except sa.exc.DatabaseError as error:
            engine.dispose()
            mend = "Is its folder there, may you write to it? If the file is damaged or not middlemost's, move it away."
            raise StateError(f"The database {engine.url.database} cannot be used: {error.orig}.", mend=mend) from error
        except StateError:
            engine.dispose()
            raise
        return cls(engine, clock)

    def submit(self, op: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue `op`; the future resolves once what it wrote is on disk, or with its error, having written nothing."""
        return self._writer.submit(partial(_call, op, args, kwargs))

    def write(self, op: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `op` and wait until what it wrote is on disk."""
        return self.submit(op, *args, **kwargs).result()

    def read(self, op: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `op`, which only reads, on one consistent picture of what is committed."""
        with self._engine.connect() as connection:
            return op(connection, *args, **kwargs)

    def close(self) -> None:
        """Write what is queued, then let go of the database."""
        self._writer.close()
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _call(op: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any], connection: sa.Connection) -> T:
    return op(connection, *args, **kwargs)


def _engine(url: str | Path) -> sa.Engine:
    address = sa.engine.make_url(f"sqlite:///{url}" if isinstance(url, Path) else url)
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"}:
        raise SettingError(
            f"{address.render_as_string()} is no SQLite file.", mend="Give a URL like sqlite:///project.db."
        )
    engine = sa.create_engine(address, connect_args={"timeout": PATIENCE, "check_same_thread": False})
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """WAL lets readers read while the writer writes; FULL makes a commit wait until it is on disk."""
    connection.isolation_level = None  # BEGIN is ours to say, see `_begin`
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    """Take the write lock at once where writing is meant: a lock taken half-way could fail half-way."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
