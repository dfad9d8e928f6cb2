"""Databases of earlier and later versions, backups, and putting them back."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgres import Postgres

from middlemost.core.nouns import Item, Submission
from middlemost.errors import InputError, StateError
from middlemost.project.database import migrate as bring_up
from middlemost.store import answers, events, items, lending, people
from middlemost.store.answers import Asked
from middlemost.store.database import engine_of
from middlemost.store.revisions import HEAD, VERSION_TABLE, migrate
from middlemost.store.schema import metadata
from middlemost.store.store import Store
from middlemost.store.upgrade import restore

from ..conftest import new_database

ASKED = Asked(1, "hash", {"q": "[]"})
OLD = {
    "person": [(1, "r-001", "Ada", "rater", 1, 5.0)],
    "guideline": [(1, "Listen. Höre! 😀", 1.5)],
    "protocol": [(1, "hash", "name: x", 1.5, 2)],
    "item": [(1, "a", 2, 1, 1, False), (2, "b", 2, 1, 0, False), (3, "c", 2, 0, 0, True)],
    "content": [(1, "text a", "{}"), (2, "text b", '{"x": 1}'), (3, "text c", "{}")],
    "gold": [(2, "no", "random")],
    "reach": [(1, 1, 2)],
    "assignment": [
        (1, 1, 1, 1, "done", 2.0, 3.0, 2, None),
        (2, 2, 1, 1, "lent", 2.0, 1e12, None, None),
        (3, 3, 1, 1, "skipped", 2.0, 3.0, None, "broken"),
    ],
    "answer": [
        (1, 1, 1, "q", "no", "key-1", False, 0.1, 2.123456789012345, 1200, 1, "hash", "[]"),
        (2, 1, 2, "q", "yes", "key-2", False, None, 2.5, None, 1, "hash", "[]"),
    ],
    "decision": [(1, 1, "yes", "clear", None, 4.0, True)],
}


def old_database(url: str, revision: str) -> None:
    """A database as the version of `revision` left it, in use."""
    engine = engine_of(url)
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        migrate(connection, revision)
        here = sa.MetaData()
        here.reflect(connection)
        for name, rows in OLD.items():
            columns = [column.name for column in here.tables[name].c]  # a later one, with its default, or an earlier
            connection.execute(sa.insert(here.tables[name]), [dict(zip(columns, row, strict=False)) for row in rows])
    engine.dispose()


def content(connection: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but what is of the database itself."""
    here = sa.MetaData()
    here.reflect(connection)
    tables = [table for table in here.sorted_tables if table.name != VERSION_TABLE]
    return {table.name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr) for table in tables}


def content_of(url: str | Path) -> dict[str, list[tuple[Any, ...]]]:
    engine = engine_of(url)
    with engine.connect() as connection:
        found = content(connection)
    engine.dispose()
    return found


def differences(connection: sa.Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return list(compare_metadata(context, metadata))


def worked_in(store: Store, n: int = 3) -> None:
    """Items, a rater, answers, a lease."""
    store.write(items.add, [Item(f"i{one}", f"text {one} é😀") for one in range(n)], 2)
    who = store.write(people.add, "Ada", "rater", now=1.5).id
    lent = store.write(lending.lend, who, rounds=1, want=n, now=2.25, lease=600.0)
    for one in lent[:-1]:
        store.write(answers.record, who, Submission(one.id, "yes", f"key-{one.id}"), {"q": "yes"}, ASKED, now=3.1)


def test_the_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    assert store.read(differences) == []


def test_the_migrations_make_the_constraints_and_partial_indexes_of_the_schema(
    sqlite_store: Store, tmp_path: Path
) -> None:
    """What Alembic does not compare: CHECK constraints and the conditions of indexes."""
    other = sa.create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    metadata.create_all(other)
    query = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%version%' ORDER BY name"

    def definitions(connection: sa.Connection) -> dict[str, frozenset[str]]:
        rows = connection.exec_driver_sql(query)
        return {name: frozenset(words(sql or "")) for name, sql in rows}

    def words(sql: str) -> set[str]:
        return set(sql.replace('"', "").replace(",", " ").replace("(", " ( ").replace(")", " ) ").split())

    with other.connect() as connection:
        assert sqlite_store.read(definitions) == definitions(connection)
    other.dispose()


def test_postgresql_sorts_every_text_by_its_bytes_and_holds_every_constraint(postgres: Postgres) -> None:
    """So that the same project gives the same release from any database."""
    queries = (
        "SELECT table_name, column_name, collation_name FROM information_schema.columns WHERE data_type = 'text'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    )

    def definitions(connection: sa.Connection) -> list[set[tuple[str, ...]]]:
        found = [connection.exec_driver_sql(query) for query in queries]
        return [{tuple(row) for row in rows if row[0] in metadata.tables} for rows in found]

    engine = engine_of(postgres.create("from_metadata"))
    metadata.create_all(engine)
    with Store.open(new_database(postgres)) as store, engine.connect() as other:
        migrated, declared = store.read(definitions), definitions(other)
    engine.dispose()
    assert migrated == declared
    assert {collation for *_, collation in migrated[0]} == {"C"}


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_an_earlier_database_is_brought_up_to_date_with_what_is_in_it_and_kept_as_it_was(
    tmp_path: Path, postgres: Postgres, request: pytest.FixtureRequest, revision: str
) -> None:
    for url in (f"sqlite:///{tmp_path / 'old.db'}", postgres.create(f"old_{revision}")):
        old_database(url, revision)
        before = content_of(url)
        backups = tmp_path / url.partition(":")[0]
        backups.mkdir()
        with Store.open(url, backups=backups) as store:
            assert store.read(differences) == []
            after = store.read(content)
            for name, rows in before.items():
                assert [new[: len(old)] for new, old in zip(after[name], rows, strict=True)] == rows
            told = [(row.question, row.answer, row.revision, row.stands) for row in store.read(answers.every)]
            assert told == [("q", "no", 1, False), ("q", "yes", 2, True)]
            assert [row[2] for row in store.read(answers.latest, "q")] == ["yes"]
            again = Submission(1, "yes", "key-2")
            receipt = store.write(answers.record, 1, again, {"q": "yes"}, ASKED, now=6.0)
            assert (receipt.answer, receipt.repeated) == (2, True)
            lent = store.write(lending.lend, 1, rounds=1, want=1, now=6.0, lease=600.0)
            store.write(answers.record, 1, Submission(lent[0].id, "yes", "key-3"), {"q": "yes"}, ASKED, now=7.0)
            assert store.read(events.verify).faults == ()
            (copy,) = backups.iterdir()
            assert store.kept == copy
        assert copy.name.endswith(f"-of-revision-{revision}.db")
        assert content_of(copy) == before


def test_processes_that_start_together_bring_a_database_up_to_date_once(tmp_path: Path, postgres: Postgres) -> None:
    for url in (f"sqlite:///{tmp_path / 'old.db'}", postgres.create("old_together")):
        old_database(url, "0002")
        with ThreadPoolExecutor(6) as pool:
            stores = list(pool.map(lambda _: Store.open(url, backups=tmp_path), range(6)))  # noqa: B023
        dids = stores[0].read(lambda one: [row.did for row in one.exec_driver_sql("SELECT did FROM event")])
        for store in stores:
            store.close()
        assert dids == ["began", "upgraded"]
    assert len(list(tmp_path.glob("*-of-revision-*"))) == 2


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path, postgres: Postgres) -> None:
    for url in (f"sqlite:///{tmp_path / 'photos.db'}", postgres.create("photos")):
        engine = engine_of(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE photo (id INTEGER)")
        engine.dispose()
        with pytest.raises(StateError, match=r"photos.* is a database of another program"):
            Store.open(url)
        assert list(content_of(url)) == ["photo"]


def test_a_database_of_a_newer_version_is_refused_in_words(store: Store, database: str) -> None:
    change = f"UPDATE {VERSION_TABLE} SET version_num = '0999'"
    store.write(lambda connection: connection.exec_driver_sql(change))
    store.close()
    with pytest.raises(StateError, match=rf"newer version of middlemost.*0999.*{HEAD}.*Upgrade middlemost"):
        Store.open(database)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_backup_put_back_is_what_was_there_and_work_goes_on_from_it(
    store: Store, tmp_path: Path, postgres: Postgres, target: str
) -> None:
    worked_in(store)
    store.write(lambda _: None)
    backup = store.back_up(tmp_path / "backup.db")
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["backup.db"]
    other = new_database(tmp_path if target == "sqlite" else postgres)
    engine = engine_of(other)
    restore(engine, backup)
    engine.dispose()
    before, after = content_of(backup), content_of(other)
    told = [row for row in after["event"] if row not in before["event"]]
    assert [row[3] for row in told] == ["restored"]
    assert before | {"event": [], "seal": []} == after | {"event": [], "seal": []}
    with Store.open(other) as again:
        worked_in_more = again.write(people.add, "Grace", "rater", now=9.0)
        lent = again.write(lending.lend, worked_in_more.id, rounds=1, want=2, now=9.0, lease=60.0)
        again.write(
            answers.record, worked_in_more.id, Submission(lent[0].id, "no", "new"), {"q": "no"}, ASKED, now=10.0
        )
        chain = again.read(events.verify)
        assert chain.faults == ()
        assert json.loads(told[0][4])["seal"] is not None


def test_a_backup_is_never_put_over_what_is_there(store: Store, database: str, tmp_path: Path) -> None:
    worked_in(store)
    backup = store.back_up(tmp_path / "backup.db")
    with pytest.raises(StateError, match="is there already"):
        store.back_up(backup)
    before, engine = store.read(content), engine_of(database)
    with pytest.raises(StateError, match="is not empty"):
        restore(engine, backup)
    engine.dispose()
    assert store.read(content) == before


def test_what_is_no_backup_is_refused(database: str, tmp_path: Path) -> None:
    engine, notes, photos = engine_of(database), tmp_path / "notes.db", tmp_path / "photos.db"
    notes.write_text("dear diary, " * 100)
    with closing(sqlite3.connect(photos)) as other, other:
        other.execute("CREATE TABLE photo (id INTEGER)")
    for path, error, words in (
        (tmp_path / "nowhere.db", InputError, "no such file"),
        (notes, InputError, "This is no backup"),
        (photos, StateError, "another program"),
    ):
        with pytest.raises(error, match=words):
            restore(engine, path)
    engine.dispose()


def test_a_project_is_brought_up_to_date_before_it_is_used_and_once(tmp_path: Path) -> None:
    old_database(f"sqlite:///{tmp_path / 'middlemost.db'}", "0001")
    kept = bring_up(tmp_path)
    assert kept == tmp_path / "middlemost-of-revision-0001.db"
    assert bring_up(tmp_path) is None


def test_a_backup_of_an_earlier_version_is_put_back_too(tmp_path: Path, postgres: Postgres) -> None:
    backup = tmp_path / "old.db"
    old_database(f"sqlite:///{backup}", "0001")
    engine = engine_of(new_database(postgres))
    restore(engine, backup)
    with engine.connect() as connection:
        assert content(connection)["answer"] == sorted(OLD["answer"], key=repr)
    engine.dispose()
    with closing(sqlite3.connect(backup)) as untouched:
        assert untouched.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone() == ("0001",)
