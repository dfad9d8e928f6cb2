"""The store: one database, read by anyone, written by threads of its own.

An operation is a plain function whose first argument is a connection. It runs inside a transaction that the store
opens, and knows nothing of threads, commits or retries::

    store.read(items.count)                                  # on a connection of its own, sees what is committed
    store.write(people.add, name="Ada", role="rater")        # returns when it is on disk
    store.submit(people.add, name="Ada", role="rater")       # the same as a Future, for those who must not wait

On SQLite one thread writes, and any number of processes take turns. On PostgreSQL several threads of any number of
processes write at once. A database that is away or full is `UnavailableError`, and nothing was written; whatever was
acknowledged stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from middlemost.errors import MiddlemostError, StateError, UnavailableError
from middlemost.store import copying
from middlemost.store.database import engine_of, name_of, writing_engine_of
from middlemost.store.many_writers import ManyWriters
from middlemost.store.one_writer import OneWriter
from middlemost.store.revisions import HEAD
from middlemost.store.trouble import RETRY_SECONDS, driven, is_lost, telling
from middlemost.store.upgrade import upgrade
from middlemost.store.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")
Operation = Callable[Concatenate[sa.Connection, P], T]


class Store:
    """One database. `clock` tells the time in Unix seconds; `kept`: a copy of what an earlier version had left."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], float] = time.time, kept: Path | None = None) -> None:
        self._engine, self.clock, self.kept = engine, clock, kept
        on_sqlite = engine.dialect.name == "sqlite"
        # One picture of the database for as long as an operation reads, as SQLite gives it by itself.
        options = {} if on_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = engine.execution_options(**options)
        self._writing = writing_engine_of(engine)
        self._writer: Writer = OneWriter(self._writing) if on_sqlite else ManyWriters(self._writing)

    @classmethod
    def open(cls, url: str | Path, clock: Callable[[], float] = time.time, *, backups: Path | None = None) -> Store:
        """Open the database at `url` (a path, or an SQLAlchemy URL), made or brought up to date where needed.

        Before it is brought up to date, what is in it is kept in the folder `backups` (for SQLite: beside it).
        StateError if it is not one of ours, newer than this version, or cannot be written; UnavailableError if a
        PostgreSQL server does not answer; SettingError for another kind of database.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.db") as store:
        ...     store.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM item").scalar())
        0
        """
        engine = engine_of(url)
        try:
            kept = upgrade(engine, backups)
        except MiddlemostError:
            engine.dispose()
            raise
        except sa.exc.DatabaseError as error:
            engine.dispose()
            raise _refusal(engine, error) from error
        return cls(engine, clock, kept)

    def submit(self, op: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue `op`; the future resolves once what it wrote is on disk, or with its error, having written nothing."""
        again = getattr(op, "repeatable", False)
        return self._writer.submit(partial(_call, op, args, kwargs), repeatable=again)

    def write(self, op: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `op` and wait until what it wrote is on disk."""
        return self.submit(op, *args, **kwargs).result()

    def read(self, op: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `op`, which only reads, on one consistent picture of what is committed."""
        with telling():
            try:
                return self._read(op, args, kwargs)
            except Exception as error:
                if not is_lost(error):
                    raise
            return self._read(op, args, kwargs)  # its connection may have been one of before the server's restart

    def _read(self, op: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        with self._reading.connect() as connection:
            return op(connection, *args, **kwargs)

    def back_up(self, target: Path) -> Path:
        """Copy everything, as it stands at one moment, to the SQLite file `target`; work goes on meanwhile.

        StateError if it is there already, or cannot be written.
        """
        with telling():
            self._writer.seal()
            if self._engine.dialect.name == "sqlite":
                return copying.copy_file(Path(str(self._engine.url.database)), target)
            with self._reading.connect() as connection:
                return copying.dump(connection, target, HEAD)

    def seal(self) -> None:
        """See to it that everything that was logged is sealed."""
        self._writer.seal()

    def close(self) -> None:
        """Write what is queued, then let go of the database."""
        self._writer.close()
        self._writing.dispose()
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _call(op: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any], connection: sa.Connection) -> T:
    return op(connection, *args, **kwargs)


def _refusal(engine: sa.Engine, error: sa.exc.DatabaseError) -> StateError:
    """Why a database cannot be opened."""
    if engine.dialect.name == "sqlite":
        mend = "Is its folder there, may you write to it? If the file is damaged or not middlemost's, move it away."
        return StateError(f"The database {engine.url.database} cannot be used: {error.orig}.", mend=mend)
    said = " ".join(str(driven(error)).split())
    mend = "Does the server run, does the database exist, may this user write to it?"
    return UnavailableError(f"The database {name_of(engine)} cannot be used: {said}.", mend=mend, after=RETRY_SECONDS)
