"""The revisions of the tables: which one a database has, and the steps from one to the next."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from middlemost.errors import StateError
from middlemost.store.database import name_of

VERSION_TABLE = "middlemost_version"
HEAD = "0014"  # the newest revision in migrations/versions


def revision_of(connection: sa.Connection) -> str | None:
    """The revision of the database; None if it is empty. StateError if it is not ours, or newer."""
    tables = sa.inspect(connection).get_table_names()
    if not tables:
        return None
    if VERSION_TABLE not in tables:
        raise StateError(
            f"{name_of(connection.engine)} is a database of another program.",
            mend="Move it away, or name another folder.",
        )
    revision = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()  # noqa: S608
    if revision > HEAD:
        raise StateError(
            f"{name_of(connection.engine)} was made by a newer version of middlemost (its revision is {revision}, "
            f"this one knows up to {HEAD}).",
            mend="Upgrade middlemost, or restore the backup made before its upgrade.",
        )
    return str(revision)


def migrate(connection: sa.Connection, revision: str = "head") -> None:
    """Take the steps that are missing up to `revision`."""
    from alembic.migration import MigrationContext  # heavy, and needed on the first start of a version only
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    missing = list(scripts.iterate_revisions(revision, context.get_current_revision() or "base"))
    with Operations.context(context):
        for step in reversed(missing):
            step.module.upgrade()
    context.stamp(scripts, revision)
