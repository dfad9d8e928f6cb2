"""The store: commits, failures, versions."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import wait
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import Postgres

from middlemost.core.nouns import Item
from middlemost.errors import InputError, SettingError, StateError, UnavailableError
from middlemost.store import items
from middlemost.store.schema import item
from middlemost.store.store import Store

from ..conftest import new_database


def insert(connection: sa.Connection, name: str, *, fail: bool = False) -> str:
    connection.execute(sa.insert(item), {"id": name, "places": 1})
    if fail:
        raise InputError("on purpose")
    return name


def names(store: Store) -> list[str]:
    return store.read(lambda connection: list(connection.execute(sa.select(item.c.id).order_by(item.c.id)).scalars()))


def test_what_is_written_is_there_for_another_connection_at_once(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.write(insert, "a")
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


def test_operations_queued_together_share_a_commit(sqlite_store: Store) -> None:
    commits: list[int] = []
    busy, go = threading.Event(), threading.Event()
    sqlite_store.submit(lambda connection: (busy.set(), go.wait()))
    busy.wait()
    sa.event.listen(sqlite_store._engine, "commit", lambda connection: commits.append(1))
    futures = [sqlite_store.submit(insert, f"{number:02d}") for number in range(50)]
    go.set()
    wait(futures)
    assert len(names(sqlite_store)) == 50
    assert len(commits) <= 2


def test_a_future_does_not_resolve_before_its_commit(store: Store) -> None:
    """Whoever is told that an answer is kept can be sure of it: the commit came first."""
    seen: list[bool] = []
    future = store.submit(insert, "a")
    future.add_done_callback(lambda done: seen.append(names(store) == ["a"]))
    future.result()
    store.close()
    assert seen == [True]


def test_when_a_commit_fails_everybody_in_it_hears_and_nothing_is_kept(sqlite_store: Store) -> None:
    busy, go = threading.Event(), threading.Event()
    sqlite_store.submit(lambda connection: (busy.set(), go.wait()))
    busy.wait()

    def disk_full(connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))

    sa.event.listen(sqlite_store._engine, "commit", disk_full)
    futures = [sqlite_store.submit(insert, name) for name in "ab"]
    go.set()
    wait(futures)
    sa.event.remove(sqlite_store._engine, "commit", disk_full)
    for future in futures:
        with pytest.raises(UnavailableError, match="Nothing was written: database or disk is full"):
            future.result()
    assert names(sqlite_store) == []
    sqlite_store.write(insert, "c")
    assert names(sqlite_store) == ["c"]


def test_two_stores_on_one_database_take_turns(store: Store, database: str) -> None:
    with Store.open(database) as other:
        futures = [one.submit(insert, f"{one is store}-{n}") for n in range(20) for one in (store, other)]
        wait(futures)
    assert len(names(store)) == 40


def test_a_closed_store_finishes_what_is_queued_and_takes_nothing_new(sqlite_store: Store, tmp_path: Path) -> None:
    futures = [sqlite_store.submit(insert, str(n)) for n in range(20)]
    sqlite_store.close()
    assert all(future.done() for future in futures)
    with pytest.raises(StateError, match="closed"):
        sqlite_store.submit(insert, "late")
    assert sqlite3.connect(tmp_path / "store.db").execute("SELECT count(*) FROM item").fetchone() == (20,)


def test_commits_wait_for_the_disk(sqlite_store: Store) -> None:
    pragmas = sqlite_store.read(
        lambda connection: [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    )
    assert pragmas == ["wal", 2, 1]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("dear diary, " * 100)
    with pytest.raises(StateError, match=r"file is not a database.*move it away"):
        Store.open(path)


def test_a_folder_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="unable to open database file"):
        Store.open(tmp_path / "nowhere" / "store.db")


@pytest.mark.parametrize("url", ["sqlite://", "mysql://localhost/x", "postgresql://localhost", "no url"])
def test_only_sqlite_files_and_postgresql_databases_are_taken(url: str) -> None:
    with pytest.raises(SettingError, match=r"Give a URL like sqlite:///project.db or postgresql://"):
        Store.open(url)


def test_a_database_that_is_not_there_is_an_error_in_words_without_the_password(free_port: int) -> None:
    for url in (f"postgresql://ada:hunter2@127.0.0.1:{free_port}/x", f"postgres://ada:hunter2@127.0.0.1:{free_port}/x"):
        with pytest.raises(
            UnavailableError, match=rf"x on 127.0.0.1:{free_port} cannot be used.*Does the server run"
        ) as no:
            Store.open(url)
        assert "hunter2" not in str(no.value)


def test_a_text_that_no_database_takes_is_the_senders_mistake(store: Store) -> None:
    with pytest.raises(InputError, match="half a character"):
        store.write(insert, "a\ud800")
    assert names(store) == []


def test_postgresql_says_that_it_takes_no_nul(postgres: Postgres) -> None:
    with Store.open(new_database(postgres)) as store, pytest.raises(InputError, match="NUL"):
        store.write(insert, "a\0")


def test_commits_of_postgresql_wait_for_the_disk_even_where_the_server_is_set_not_to(postgres: Postgres) -> None:
    url = new_database(postgres)
    postgres.sql(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = off")
    with Store.open(url) as store:
        shown = store.write(lambda connection: connection.exec_driver_sql("SHOW synchronous_commit").scalar())
    assert shown == "on"


def test_what_is_read_is_one_picture_though_others_write_meanwhile(store: Store) -> None:
    def twice(connection: sa.Connection) -> tuple[int, int]:
        before = items.count(connection)
        store.write(insert, "a")
        return before, items.count(connection)

    assert store.read(twice) == (0, 0)
    assert store.read(items.count) == 1


def test_an_operation_that_lost_a_race_is_done_again(postgres: Postgres) -> None:
    tries: list[int] = []

    def race(connection: sa.Connection) -> None:
        tries.append(1)
        if len(tries) == 1:
            with Store.open(url) as other:
                other.write(insert, "a")
            insert(connection, "a")  # as if it had not looked

    url = new_database(postgres)
    with Store.open(url) as store:
        store.write(race)
        assert len(tries) == 2
        assert names(store) == ["a"]


def test_those_who_hold_what_the_other_waits_for_both_come_through(postgres: Postgres) -> None:
    held: list[str] = []

    def take(connection: sa.Connection, first: str, second: str) -> None:
        more = sa.update(item).values(places=item.c.places + 1)
        connection.execute(more.where(item.c.id == first))
        held.append(first)
        while len(held) < 2:
            time.sleep(0.01)
        connection.execute(more.where(item.c.id == second))

    with Store.open(new_database(postgres)) as store:
        for name in "ab":
            store.write(insert, name)
        for future in [store.submit(take, *pair) for pair in ("ab", "ba")]:
            future.result()
        assert len(held) > 2  # one of them had to begin again
        assert store.read(lambda connection: list(connection.execute(sa.select(item.c.places)).scalars())) == [3, 3]


def test_an_item_that_comes_again_with_another_text_stops_the_whole_import(store: Store) -> None:
    store.write(items.add, [Item("a", "one")], 2)
    with pytest.raises(InputError, match="another text"):
        store.write(items.add, [Item("b", "two"), Item("a", "changed")], 2)
    assert names(store) == ["a"]
