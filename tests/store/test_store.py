"""The store: commits, failures, versions."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import wait
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from middlemost.core.nouns import Item
from middlemost.errors import InputError, SettingError, StateError
from middlemost.store import items
from middlemost.store.schema import item, metadata
from middlemost.store.store import Store
from middlemost.store.upgrade import HEAD, VERSION_TABLE


def insert(connection: sa.Connection, name: str, *, fail: bool = False) -> str:
    connection.execute(sa.insert(item), {"id": name, "places": 1})
    if fail:
        raise InputError("on purpose")
    return name


def names(store: Store) -> list[str]:
    return store.read(lambda connection: list(connection.execute(sa.select(item.c.id).order_by(item.c.id)).scalars()))


def test_what_is_written_is_there_for_another_connection_at_once(store: Store, tmp_path: Path) -> None:
    store.write(insert, "a")
    assert sqlite3.connect(tmp_path / "store.db").execute("SELECT id FROM item").fetchall() == [("a",)]


def test_an_operation_that_fails_undoes_itself_alone_even_in_a_shared_commit(store: Store) -> None:
    busy, go = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        busy.set()
        go.wait()

    first = store.submit(hold)
    busy.wait()
    futures = [store.submit(insert, name, fail=name == "b") for name in "abc"]
    go.set()
    wait([first, *futures])
    assert names(store) == ["a", "c"]
    assert [future.exception() is None for future in futures] == [True, False, True]
    with pytest.raises(InputError, match="on purpose"):
        futures[1].result()


def test_operations_queued_together_share_a_commit(store: Store) -> None:
    commits: list[int] = []
    busy, go = threading.Event(), threading.Event()
    store.submit(lambda connection: (busy.set(), go.wait()))
    busy.wait()
    sa.event.listen(store._engine, "commit", lambda connection: commits.append(1))
    futures = [store.submit(insert, f"{number:02d}") for number in range(50)]
    go.set()
    wait(futures)
    assert len(names(store)) == 50
    assert len(commits) <= 2


def test_a_future_does_not_resolve_before_its_commit(store: Store) -> None:
    """Whoever is told that an answer is kept can be sure of it: the commit came first."""
    seen: list[bool] = []
    future = store.submit(insert, "a")
    future.add_done_callback(lambda done: seen.append(names(store) == ["a"]))
    future.result()
    store.close()
    assert seen == [True]


def test_when_a_commit_fails_everybody_in_it_hears_and_nothing_is_kept(store: Store) -> None:
    busy, go = threading.Event(), threading.Event()
    store.submit(lambda connection: (busy.set(), go.wait()))
    busy.wait()

    def disk_full(connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))

    sa.event.listen(store._engine, "commit", disk_full)
    futures = [store.submit(insert, name) for name in "ab"]
    go.set()
    wait(futures)
    sa.event.remove(store._engine, "commit", disk_full)
    for future in futures:
        with pytest.raises(StateError, match="disk is full"):
            future.result()
    assert names(store) == []
    store.write(insert, "c")
    assert names(store) == ["c"]


def test_two_stores_on_one_database_take_turns(store: Store, tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db") as other:
        futures = [one.submit(insert, f"{one is store}-{n}") for n in range(20) for one in (store, other)]
        wait(futures)
    assert len(names(store)) == 40


def test_a_closed_store_finishes_what_is_queued_and_takes_nothing_new(store: Store, tmp_path: Path) -> None:
    futures = [store.submit(insert, str(n)) for n in range(20)]
    store.close()
    assert all(future.done() for future in futures)
    with pytest.raises(StateError, match="closed"):
        store.submit(insert, "late")
    assert sqlite3.connect(tmp_path / "store.db").execute("SELECT count(*) FROM item").fetchone() == (20,)


def test_commits_wait_for_the_disk(store: Store) -> None:
    pragmas = store.read(
        lambda connection: [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    )
    assert pragmas == ["wal", 2, 1]


def differences(connection: sa.Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return list(compare_metadata(context, metadata))


def test_the_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    assert store.read(differences) == []


def test_the_migrations_make_the_constraints_and_partial_indexes_of_the_schema(store: Store, tmp_path: Path) -> None:
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
        assert store.read(definitions) == definitions(connection)
    other.dispose()


def test_a_database_of_the_first_revision_is_brought_up_to_date_with_what_is_in_it(
    store: Store, tmp_path: Path
) -> None:
    store.write(insert, "a")
    for table, column in (("protocol", "places"), ("gold", "entry")):
        store.write(
            lambda connection, t=table, c=column: connection.exec_driver_sql(f"ALTER TABLE {t} DROP COLUMN {c}")
        )
    store.write(lambda connection: connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '0001'"))
    store.close()
    with Store.open(tmp_path / "store.db") as again:
        assert again.read(differences) == []
        assert names(again) == ["a"]


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photo (id INTEGER)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StateError, match="another program"):
        Store.open(path)
    after = sqlite3.connect(path).execute("SELECT name FROM sqlite_master").fetchall()
    assert after == [("photo",)]
    assert len(before) == len(path.read_bytes())


def test_a_database_of_a_newer_version_is_refused_in_words(store: Store, tmp_path: Path) -> None:
    change = f"UPDATE {VERSION_TABLE} SET version_num = '0999'"
    store.write(lambda connection: connection.exec_driver_sql(change))
    store.close()
    with pytest.raises(StateError, match=rf"newer version of middlemost.*0999.*{HEAD}.*Upgrade middlemost"):
        Store.open(tmp_path / "store.db")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("dear diary, " * 100)
    with pytest.raises(StateError, match=r"file is not a database.*move it away"):
        Store.open(path)


def test_a_folder_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="unable to open database file"):
        Store.open(tmp_path / "nowhere" / "store.db")


@pytest.mark.parametrize("url", ["sqlite://", "postgresql://localhost/x"])
def test_only_sqlite_files_are_taken(url: str) -> None:
    with pytest.raises(SettingError, match="no SQLite file"):
        Store.open(url)


def test_an_item_that_comes_again_with_another_text_stops_the_whole_import(store: Store) -> None:
    store.write(items.add, [Item("a", "one")], 2)
    with pytest.raises(InputError, match="another text"):
        store.write(items.add, [Item("b", "two"), Item("a", "changed")], 2)
    assert names(store) == ["a"]
