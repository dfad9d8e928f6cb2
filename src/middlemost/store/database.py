"""A database by its address: the engine that speaks to it, and what its connections are set to."""

from __future__ import annotations

import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from middlemost.errors import SettingError

PATIENCE = 60.0  # seconds that one process waits for another that writes to SQLite, say an import of millions of items
# Nobody waits for a machine that is gone without a word.
_POSTGRES = {
    "application_name": "middlemost",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_URLS = "Give a URL like sqlite:///project.db or postgresql://user:password@host/database."


def engine_of(url: str | Path | sa.URL) -> sa.Engine:
    """The engine for a path or an SQLAlchemy URL. SettingError for what is neither SQLite nor PostgreSQL."""
    address = address_of(url)
    if address.get_backend_name() == "sqlite":
        engine = sa.create_engine(address, connect_args={"timeout": PATIENCE, "check_same_thread": False})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = {name: value for name, value in _POSTGRES.items() if name not in address.query}
    engine = sa.create_engine(address, connect_args=options, pool_size=8, max_overflow=8, pool_timeout=5)
    sa.event.listen(engine, "connect", _prepare_postgres)
    return engine


def writing_engine_of(engine: sa.Engine) -> sa.Engine:
    """The engine for those who lend and record: on PostgreSQL one whose connections walk along indexes, row by row.

    Its planner goes by what a table was when a statement was first planned: empty, on the first day. It then reads
    whole tables, or everything that a rater ever had, and is slower with every answer.
    """
    if engine.dialect.name == "sqlite":
        return engine
    walking = engine_of(engine.url)
    sa.event.listen(walking, "connect", _walk)
    return walking


def address_of(url: str | Path | sa.URL) -> sa.URL:
    """The URL in full; passwords are hidden when it is printed."""
    try:
        address = sa.engine.make_url(f"sqlite:///{url}" if isinstance(url, Path) else url)
    except (sa.exc.ArgumentError, ValueError):  # which would repeat the URL, and the password in it
        raise SettingError("The database's URL cannot be read.", mend=_URLS) from None
    kind = address.drivername.partition("+")[0]
    if kind == "sqlite" and address.database not in {None, "", ":memory:"}:
        return address
    if kind in {"postgresql", "postgres"} and address.database:
        if find_spec("psycopg") is None:
            mend = "pip install 'middlemost[postgres]'"
            raise SettingError("The driver for PostgreSQL is not installed.", mend=mend)
        return address.set(drivername="postgresql+psycopg")
    raise SettingError(f"{address} is neither an SQLite file nor a PostgreSQL database.", mend=_URLS)


def name_of(engine: sa.Engine) -> str:
    """What to call the database in a message: its file, or where it is without who may go in."""
    url = engine.url
    if engine.dialect.name == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host", "localhost")
    return f"{url.database} on {host}" + (f":{url.port}" if url.port else "")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """WAL lets readers read while the writer writes; FULL makes a commit wait until it is on disk.

    With secure_delete, what is deleted is overwritten: what a rater takes back does not stay in the file.
    """
    connection.isolation_level = None  # BEGIN is ours to say, see `_begin_sqlite`
    lasting = ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON")
    for pragma in (*lasting, "foreign_keys = ON", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    """Take the write lock at once where writing is meant: a lock taken half-way could fail half-way."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _walk(connection: Any, _record: object) -> None:
    for way in ("seqscan", "mergejoin", "hashjoin"):
        connection.execute(f"SET enable_{way} = off")
    connection.commit()


def _prepare_postgres(connection: Any, _record: object) -> None:
    """A server may be set to acknowledge what is not on disk yet. We are told, so we may not be."""
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.commit()
