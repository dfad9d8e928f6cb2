"""What raters say of themselves is kept apart, and gone when it is withdrawn."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from middlemost.core.nouns import Item, Submission
from middlemost.store import about, answers, counts, items, lending, people
from middlemost.store.answers import Asked
from middlemost.store.schema import event, metadata
from middlemost.store.store import Store

ASKED = Asked(1, "hash", {"q": "[]"})
SECRET = "born-in-uppsala"  # what is looked for, and found nowhere


@pytest.fixture
def raters(store: Store) -> list[int]:
    """Two raters, one of whom has answered."""
    store.write(items.add, [Item("a", "text")], 2)
    found = [store.write(people.add, name, "rater", now=1.0).id for name in ("Ada", "Bo")]
    (lent,) = store.write(lending.lend, found[0], rounds=1, want=1, now=2.0, lease=60.0)
    store.write(answers.record, found[0], Submission(lent.id, "yes", "k"), {"q": "yes"}, ASKED, now=3.0)
    return found


def everything(connection: sa.Connection) -> dict[str, str]:
    return {table.name: repr(connection.execute(sa.select(table)).all()) for table in metadata.sorted_tables}


def test_what_was_said_last_takes_the_place_of_all_before(store: Store, raters: list[int]) -> None:
    store.write(about.put, raters[0], {"age": "old", "language": "de"}, "one", now=4.0)
    store.write(about.put, raters[0], {"age": "young"}, "two", now=5.0)
    said = store.read(about.one, raters[0])
    assert said is not None
    assert (said.values, said.given_at, said.protocol_hash) == ({"age": "young"}, 5.0, "two")
    assert store.read(about.one, raters[1]) is None


def test_what_is_withdrawn_is_in_no_table(store: Store, raters: list[int]) -> None:
    store.write(about.put, raters[0], {"place": SECRET}, "one", now=4.0)
    assert [name for name, rows in store.read(everything).items() if SECRET in rows] == ["about"]
    assert store.write(about.withdraw, raters[0], now=5.0)
    assert not store.write(about.withdraw, raters[0], now=6.0)
    assert [name for name, rows in store.read(everything).items() if SECRET in rows] == []
    assert not store.read(about.any_given)


def test_a_page_left_blank_takes_back_what_was_said(store: Store, raters: list[int]) -> None:
    store.write(about.put, raters[0], {"age": "old"}, "one", now=4.0)
    store.write(about.put, raters[0], {}, "one", now=5.0)
    assert store.read(about.one, raters[0]) is None


def test_the_log_knows_that_somebody_did_and_neither_who_nor_what(store: Store, raters: list[int]) -> None:
    store.write(about.put, raters[0], {"age": SECRET}, "one", now=4.0)
    store.write(about.withdraw, raters[0], now=5.0)
    store.write(about.put, raters[1], {}, "one", now=6.0)
    query = sa.select(event.c.actor, event.c.did, event.c.detail).where(event.c.at.in_([4.0, 5.0, 6.0]))
    assert store.read(lambda connection: [tuple(row) for row in connection.execute(query)]) == [
        ("a rater", "told of themselves", "{}"),
        ("a rater", "withdrew what they told of themselves", "{}"),
    ]


def test_only_raters_whose_answers_count_are_counted(store: Store, raters: list[int]) -> None:
    for one in raters:
        store.write(about.put, one, {"age": "old"}, "one", now=4.0)
    assert list(store.read(about.every)) == ["r-001"]
    assert store.read(about.n_raters) == 1


def test_the_pulse_goes_with_what_is_said_and_withdrawn(store: Store, raters: list[int]) -> None:
    seen = [store.read(counts.pulse)]
    for now, values in ((4.0, {"age": "old"}), (5.5, {"age": "young"}), (6.0, {})):
        store.write(about.put, raters[0], values, "one", now=now)
        seen.append(store.read(counts.pulse))
    assert len({*seen[:3]}) == 3
    assert seen[3] == seen[0]


def test_the_bytes_of_what_is_withdrawn_are_overwritten(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db") as store:
        rater = store.write(people.add, "Ada", "rater", now=1.0).id
        store.write(about.put, rater, {"place": SECRET}, "one", now=4.0)
    assert SECRET.encode() in (tmp_path / "store.db").read_bytes()
    with Store.open(tmp_path / "store.db") as store:
        store.write(about.withdraw, rater, now=5.0)
    assert not [path for path in tmp_path.iterdir() if SECRET.encode() in path.read_bytes()]
