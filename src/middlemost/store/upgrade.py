"""Bringing a database to this version, and refusing one that is not ours to touch."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from middlemost.errors import StateError

VERSION_TABLE = "middlemost_version"
HEAD = "0003"  # the newest revision in migrations/versions


def upgrade(engine: sa.Engine) -> None:
    """Make the tables, or change them to this version's. All or nothing.

    StateError for a database that something else made, or a newer version of us.
    """
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        if _revision(connection) != HEAD:  # another process may just have done it
            _migrate(connection)


def _revision(connection: sa.Connection) -> str | None:
    """The revision of the database; None if it is empty."""
    tables = sa.inspect(connection).get_table_names()
    if not tables:
        return None
    if VERSION_TABLE not in tables:
        raise StateError(
            f"{connection.engine.url.database} is a database of another program.",
            mend="Move it away, or name another folder.",
        )
    revision = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()  # noqa: S608
    if revision > HEAD:
        raise StateError(
            f"{connection.engine.url.database} was made by a newer version of middlemost (its revision is {revision}, "
            f"this one knows up to {HEAD}).",
            mend="Upgrade middlemost, or restore the backup made before its upgrade.",
        )
    return str(revision)


def _migrate(connection: sa.Connection) -> None:
    from alembic.migration import MigrationContext  # heavy, and needed on the first start of a version only
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    missing = list(scripts.iterate_revisions("head", context.get_current_revision() or "base"))
    with Operations.context(context):
        for step in reversed(missing):
            step.module.upgrade()
    context.stamp(scripts, "head")
