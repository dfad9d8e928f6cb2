"""Bringing a database to this version, and putting a backup back."""

from __future__ import annotations

import time
from pathlib import Path

import sqlalchemy as sa

from middlemost.errors import StateError
from middlemost.store import copying, events
from middlemost.store.database import name_of
from middlemost.store.revisions import HEAD, migrate, revision_of
from middlemost.store.schema import item, person
from middlemost.store.sql import alone, is_postgres


def upgrade(engine: sa.Engine, backups: Path | None = None) -> Path | None:
    """Make the tables, or change them to this version's. All or nothing; what was there is kept in a file first.

    That file, if there was anything to keep: in the folder `backups`, for SQLite beside the database where that is
    None. StateError for a database that something else made, or a newer version of us.
    """
    with engine.connect() as connection:
        if revision_of(connection) == HEAD:
            return None
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        alone(connection, "upgrade")
        before = revision_of(connection)
        if before == HEAD:  # another process has just done it
            return None
        kept = _keep(connection, before, backups) if before else None
        migrate(connection)
        events.note(connection, "upgraded", {"from": before, "to": HEAD}, name=events.SERVER, now=time.time())
    return kept


def _keep(connection: sa.Connection, revision: str, backups: Path | None) -> Path | None:
    """A copy of the database as it is, before it is changed."""
    if not is_postgres(connection):
        path = Path(str(connection.engine.url.database))
        name = f"{path.stem}-of-revision-{revision}.db"
        return copying.copy_file(path, copying.unused((backups or path.parent) / name))
    if backups is None:
        return None
    return copying.dump(connection, copying.unused(backups / f"middlemost-of-revision-{revision}.db"), revision)


def restore(engine: sa.Engine, backup: Path) -> None:
    """Put what is in `backup` into the empty database of `engine`. All or nothing; the backup stays as it is.

    InputError if it is no backup; StateError if there are items or people in the database already.
    """
    with copying.borrowed(backup) as path, copying.opened(path) as given:
        upgrade(given)
        upgrade(engine)
        with given.connect() as source, engine.connect().execution_options(writing=True) as target, target.begin():
            alone(target, "upgrade")
            if any(target.execute(sa.select(sa.exists().select_from(table))).scalar() for table in (item, person)):
                mend = "Move it away, or name an empty database, and restore again."
                raise StateError(f"{name_of(engine)} is not empty.", mend=mend)
            copying.fill(source, target)
            about = {"seal": events.newest_seal(target)}
            events.note(target, "restored", about, now=time.time())
