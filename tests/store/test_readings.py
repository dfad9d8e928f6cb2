"""What was read before an answer: in one transaction with it; where nothing was, the database is asked nothing more."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from middlemost.core.nouns import Item, Submission
from middlemost.errors import StateError
from middlemost.store import answers, editions, items, lending, people, readings
from middlemost.store.answers import Asked
from middlemost.store.schema import answer, event, reading
from middlemost.store.store import Store

ASKED = Asked(1, "hash", {"q": "[]", "why": "[]"})
PAGE = {"q": "yes", "why": "so"}


@pytest.fixture
def rater(store: Store) -> int:
    store.write(editions.adopt_guidelines, "# One\n\n# Two", now=1.0)
    store.write(editions.adopt_protocol, "hash", "name: x", 2, now=1.0)
    store.write(items.add, [Item(f"i{n}", f"text {n}") for n in range(4)], 2)
    return store.write(people.add, "Ada", "rater", now=1.0).id


def lent(store: Store, rater: int) -> list[int]:
    return [one.id for one in store.write(lending.lend, rater, rounds=1, want=4, now=2.0, lease=600.0)]


def send(store: Store, rater: int, to: int, key: str, *read: str, page: dict[str, str] = PAGE) -> int:
    sent = Submission(to, page, key, read=read)
    return store.write(answers.record, rater, sent, page, ASKED, now=3.0).answer


def noted(store: Store) -> list[tuple[int, str]]:
    query = sa.select(reading.c.answer, reading.c.section).order_by(reading.c.answer, reading.c.section)
    return [tuple(row) for row in store.read(lambda connection: list(connection.execute(query)))]


def test_what_was_read_is_kept_with_the_first_answer_of_its_page(store: Store, rater: int) -> None:
    one, two, *_ = lent(store, rater)
    first = send(store, rater, one, "key-1", "two", "one")
    send(store, rater, two, "key-2")
    assert noted(store) == [(first, "one"), (first, "two")]
    last = store.read(
        lambda connection: connection.execute(sa.select(event.c.detail).order_by(event.c.id)).scalars().all()
    )
    assert json.loads(last[-2])["read"] == ["two", "one"]
    assert "read" not in json.loads(last[-1])


def test_a_retry_notes_nothing_twice_and_a_refused_page_nothing(store: Store, rater: int) -> None:
    one, *_ = lent(store, rater)
    first = send(store, rater, one, "key-1", "one")
    assert send(store, rater, one, "key-1", "one", "two") == first
    with pytest.raises(StateError):
        send(store, rater, one, "key-1", "two", page={"q": "no", "why": "so"})
    assert noted(store) == [(first, "one")]


def test_each_page_counts_once_for_a_section_over_its_revisions(store: Store, rater: int) -> None:
    one, two, *_ = lent(store, rater)
    send(store, rater, one, "key-1", "one", "two")
    send(store, rater, one, "key-2", "one")
    send(store, rater, two, "key-3")
    rows = store.read(readings.of_sections, 1)
    assert sorted((row.item, row.section, row.pages) for row in rows) == [("i0", "one", 1), ("i0", "two", 1)]
    assert [(row.item, row.pages) for row in store.read(readings.of_items, 1)] == [("i0", 1)]
    assert sorted((row.item, row.pages) for row in store.read(readings.pages, 1)) == [("i0", 1), ("i1", 1)]
    assert store.read(readings.pages, 2) == store.read(readings.of_items, 2) == []


def test_where_nothing_was_read_no_statement_is_added(store: Store, rater: int) -> None:
    """On PostgreSQL a page is one journey, with reading and without."""
    one, two, *_ = lent(store, rater)
    said: list[str] = []

    def sends(to: int, *read: str) -> list[str]:
        said.clear()

        def traced(connection: sa.Connection) -> None:
            driver = connection.connection.driver_connection
            if connection.dialect.name == "sqlite":
                driver.set_trace_callback(said.append)
            answers.record(connection, rater, Submission(to, PAGE, f"key-{to}", read=read), PAGE, ASKED, now=3.0)
            if connection.dialect.name == "sqlite":
                driver.set_trace_callback(None)

        store.write(traced)
        return list(said)

    without, with_reading = sends(one), sends(two, "one", "two")
    assert len(with_reading) == len(without) + (1 if without else 0)
    assert not any("reading" in one for one in without)
    assert len(store.read(lambda connection: list(connection.execute(sa.select(answer.c.id))))) == 4
