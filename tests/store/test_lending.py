"""Lending and answering: the rules, then the laws."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from postgres import Postgres

from middlemost.core.nouns import Assignment, Item, Receipt, Submission
from middlemost.errors import ChangedError, MissingError, StateError
from middlemost.store import answers, counts, editions, events, items, lending, people
from middlemost.store.answers import Asked
from middlemost.store.schema import answer, assignment, event, item
from middlemost.store.store import Store

from ..conftest import new_database
from .conftest import Clock

LEASE = 600.0
ASKED = Asked(1, "hash", {"q": "[]"})


def declare(connection: sa.Connection, places: int, hash: str = "hash") -> None:
    """Put a protocol in force that asks for `places` answers an item."""
    if editions.current_protocol(connection) == hash:
        editions.adopt_protocol(connection, "another", "", places, now=0.0)
    editions.adopt_protocol(connection, hash, "", places, now=0.0)
    lending.set_places(connection, places)


class Bench:
    """A store with items and raters, and short words for what raters do."""

    def __init__(self, store: Store, clock: Clock, *, n_items: int, places: int, raters: int) -> None:
        self.store, self.clock, self.keys = store, clock, 0
        store.write(items.add, [Item(f"i{n}", f"text {n}") for n in range(n_items)], places)
        self.raters = [store.write(people.add, f"R{n}", "rater", now=0.0).id for n in range(raters)]

    def next(self, rater: int, want: int = 1, rounds: int = 1) -> list[Assignment]:
        who, now = self.raters[rater], self.clock()
        return self.store.write(lending.lend, who, rounds=rounds, want=want, now=now, lease=LEASE)

    def answer(self, rater: int, assignment: int, value: str = "yes", key: str | None = None) -> Receipt:
        self.keys += 1
        sent = Submission(assignment, value, key or f"key-{self.keys}")
        return self.store.write(answers.record, self.raters[rater], sent, {"q": value}, ASKED, now=self.clock())

    def skip(self, rater: int, assignment: int) -> None:
        self.store.write(lending.skip, self.raters[rater], assignment, "because", now=self.clock())

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        return self.store.read(lambda connection: list(connection.execute(query)))

    def counters(self, name: str) -> tuple[int, int]:
        row = self.rows(sa.select(item.c.taken, item.c.answered).where(item.c.id == name))[0]
        return row.taken, row.answered


def bench(store: Store, clock: Clock, n_items: int = 3, places: int = 1, raters: int = 3) -> Bench:
    return Bench(store, clock, n_items=n_items, places=places, raters=raters)


def ids(lent: list[Assignment]) -> list[str]:
    return [one.item.id for one in lent]


def test_asking_again_gives_the_same_assignments_again(store: Store, clock: Clock) -> None:
    b = bench(store, clock)
    assert b.next(0, want=2) == b.next(0, want=2)
    assert ids(b.next(0, want=3)) == ["i0", "i1", "i2"]


def test_an_item_is_lent_to_no_more_raters_than_it_has_places(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=1, places=2)
    assert [ids(b.next(rater)) for rater in range(3)] == [["i0"], ["i0"], []]


def test_a_rater_never_gets_an_item_again_that_they_answered(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=2, places=3)
    for _ in range(2):
        b.answer(0, b.next(0)[0].id)
    assert b.next(0) == []


def test_a_lapsed_lease_goes_to_the_next_rater_and_may_come_back(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=1)
    lapsed = b.next(0)[0]
    clock.now += LEASE + 1
    taken = b.next(1)[0]
    assert taken.item.id == "i0"
    assert b.next(0) == []
    clock.now += LEASE + 1
    assert b.next(0)[0].id == lapsed.id


def test_a_rater_who_works_on_keeps_what_they_hold(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=3)
    b.next(0, want=3)
    for _ in range(5):
        clock.now += LEASE * 0.7
        assert b.next(1) == []
        held = b.next(0, want=3)
        assert ids(held) == ["i0", "i1", "i2"]
        assert held[0].expires_at == clock.now + LEASE


def test_a_returned_item_comes_first_to_those_who_are_past_it(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=4, places=1)
    b.next(0)
    b.answer(1, b.next(1)[0].id)
    clock.now += LEASE + 1
    assert ids(b.next(1)) == ["i0"]


def test_every_place_that_came_back_is_lent_again(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=2, places=2, raters=4)
    for rater in (0, 1):
        b.next(rater)
    for rater in (2, 3):
        assert ids(b.next(rater)) == ["i1"]
    clock.now += LEASE + 1
    assert [ids(b.next(rater)) for rater in (2, 3)] == [["i0"], ["i0"]]


def test_a_skipped_item_goes_to_others_and_never_comes_back(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=1)
    b.skip(0, b.next(0)[0].id)
    assert b.next(0) == []
    clock.now += LEASE + 1
    assert b.next(0) == []
    assert ids(b.next(1)) == ["i0"]


def test_skipping_twice_is_skipping_once_and_an_answered_item_cannot_be_skipped(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=2)
    first = b.next(0)[0].id
    b.skip(0, first)
    b.skip(0, first)
    assert b.counters("i0") == (0, 0)
    second = b.next(0)[0].id
    b.answer(0, second)
    with pytest.raises(StateError, match="answered already"):
        b.skip(0, second)


def test_a_retry_with_the_same_key_makes_no_second_answer(store: Store, clock: Clock) -> None:
    b = bench(store, clock)
    lent = b.next(0)[0].id
    first, again = b.answer(0, lent, key="k"), b.answer(0, lent, key="k")
    assert (first.answer, first.repeated, again.answer, again.repeated) == (again.answer, False, first.answer, True)
    assert len(b.rows(sa.select(answer.c.id))) == 1


def test_a_key_used_for_another_answer_is_refused(store: Store, clock: Clock) -> None:
    b = bench(store, clock)
    one, two = b.next(0, want=2)
    b.answer(0, one.id, key="k")
    with pytest.raises(StateError, match="key"):
        b.answer(0, two.id, key="k")
    with pytest.raises(StateError, match="key"):
        b.answer(0, one.id, value="no", key="k")
    assert b.counters("i1") == (1, 0)


def test_a_correction_is_a_new_revision_and_takes_no_second_place(store: Store, clock: Clock) -> None:
    b = bench(store, clock)
    lent = b.next(0)[0].id
    receipts = [b.answer(0, lent, value) for value in ("yes", "no")]
    assert [one.revision for one in receipts] == [1, 2]
    assert b.counters("i0") == (1, 1)
    assert [row.value for row in b.rows(sa.select(answer.c.value).order_by(answer.c.id))] == ["yes", "no"]
    assert [row[2] for row in store.read(answers.latest, "q")] == ["no"]


def test_a_page_is_kept_a_row_a_question_and_corrected_whole(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=1)
    lent, both = b.next(0)[0].id, Asked(1, "hash", {"q": "[]", "why": "[]"})

    def send(key: str, page: dict[str, str]) -> Receipt:
        return store.write(answers.record, b.raters[0], Submission(lent, page, key), page, both, now=clock())

    first = send("one", {"q": "yes", "why": "so"})
    assert send("one", {"q": "yes", "why": "so"}) == replace(first, repeated=True)
    with pytest.raises(StateError, match="another answer"):
        send("one", {"q": "yes"})
    assert (store.read(answers.last_sent, b.raters[0]) or lent).given == {"q": "yes", "why": "so"}
    assert send("two", {"q": "no"}).revision == 2
    assert (store.read(answers.last_sent, b.raters[0]) or lent).given == {"q": "no"}
    assert [[row[2] for row in store.read(answers.latest, asked)] for asked in ("q", "why")] == [["no"], []]
    every = [(row.question, row.answer, row.revision, row.stands) for row in store.read(answers.every)]
    assert every == [("q", "yes", 1, False), ("why", "so", 1, False), ("q", "no", 2, True)]
    assert b.counters("i0") == (1, 1)
    told = b.rows(sa.select(event.c.detail).where(event.c.did == "answered").order_by(event.c.id))
    pages = [(1, {"q": "yes", "why": "so"}, "one"), (2, {"q": "no"}, "two")]
    assert [json.loads(row.detail) for row in told] == [
        {"assignment": lent, "revision": revision, "digest": events.digest_of_page(page, key)}
        for revision, page, key in pages
    ]
    assert store.read(events.verify).faults == ()
    assert store.read(lambda connection: list(counts.adrift(connection))) == []


def test_a_page_of_which_one_row_fails_is_not_kept_at_all(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=1)
    lent, both = b.next(0)[0].id, Asked(1, "hash", {"q": "[]", "why": "[]"})
    page: dict[str, Any] = {"q": "yes", "why": None}
    with pytest.raises(Exception, match=r"(?i)not.null constraint"):
        store.write(answers.record, b.raters[0], Submission(lent, page, "key"), page, both, now=clock())
    assert store.read(answers.every) == []
    assert b.counters("i0") == (1, 0)


def test_a_late_answer_takes_a_free_place(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=1)
    lapsed = b.next(0)[0]
    clock.now += LEASE + 1
    store.write(lending.sweep, clock())
    assert b.counters("i0") == (0, 0)
    assert b.answer(0, lapsed.id).kept == "counted"
    assert b.counters("i0") == (1, 1)
    assert b.next(1) == []


def test_a_late_answer_without_a_free_place_is_kept_as_surplus(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=1)
    lapsed = b.next(0)[0]
    clock.now += LEASE + 1
    b.answer(1, b.next(1)[0].id)
    receipt = b.answer(0, lapsed.id)
    assert receipt.kept == "surplus"
    assert b.counters("i0") == (1, 1)
    assert b.answer(0, lapsed.id, "no").kept == "surplus"
    assert [row[1] for row in store.read(answers.latest, "q")] == ["r-002"]
    assert len(store.read(answers.every)) == 3


def test_an_answer_after_a_skip_is_kept(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=1)
    lent = b.next(0)[0]
    b.skip(0, lent.id)
    assert b.answer(0, lent.id).kept == "counted"
    assert b.counters("i0") == (1, 1)


def test_nobody_can_answer_or_skip_another_raters_assignment(store: Store, clock: Clock) -> None:
    b = bench(store, clock)
    lent = b.next(0)[0].id
    for act in (b.answer, b.skip):
        with pytest.raises(MissingError):
            act(1, lent)
    with pytest.raises(MissingError):
        b.answer(0, 999)


def test_repeats_begin_when_the_first_round_has_nothing_more_and_lie_outside_the_places(
    store: Store, clock: Clock
) -> None:
    b = bench(store, clock, n_items=2, places=1, raters=1)
    seen = []
    while lent := b.next(0, rounds=3):
        seen.append((lent[0].item.id, lent[0].round))
        assert b.answer(0, lent[0].id).kept == "counted"
    assert seen == [("i0", 1), ("i1", 1), ("i0", 2), ("i1", 2), ("i0", 3), ("i1", 3)]
    assert b.counters("i0") == (1, 1)


@pytest.mark.parametrize("want", [2, 5])
def test_several_repeats_are_lent_at_once(store: Store, clock: Clock, want: int) -> None:
    b = bench(store, clock, n_items=3, places=1, raters=1)
    seen = []
    while lent := b.next(0, want=want, rounds=3):
        for one in lent:
            seen.append((one.item.id, one.round))
            assert b.answer(0, one.id).kept == "counted"
    assert sorted(seen) == sorted((f"i{i}", turn) for i in range(3) for turn in (1, 2, 3))


def test_a_lapsed_repeat_comes_back(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=1, raters=1)
    b.answer(0, b.next(0, rounds=2)[0].id)
    lapsed = b.next(0, rounds=2)[0]
    clock.now += LEASE + 1
    again = b.next(0, rounds=2)
    assert [(one.id, one.round) for one in again] == [(lapsed.id, 2)]


def test_taking_back_walks_from_the_last_answer_to_the_first(store: Store, clock: Clock) -> None:
    b = bench(store, clock)
    for lent in b.next(0, want=3):
        b.answer(0, lent.id, value=lent.item.id)
    found, before = [], None
    while (last := store.read(answers.last_sent, b.raters[0], before)) is not None:
        found.append((last.item.id, (last.given or {})["q"]))
        before = last.id
    assert found == [("i2", "i2"), ("i1", "i1"), ("i0", "i0")]
    assert store.read(answers.last_sent, b.raters[1]) is None


def test_more_places_open_finished_items_again_for_those_who_are_past_them(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=3, places=1, raters=2)
    for lent in b.next(0, want=2):
        b.answer(0, lent.id)
    b.answer(1, b.next(1)[0].id)
    assert b.next(0) == b.next(1) == []
    store.write(lending.set_places, 2)
    assert ids(b.next(0, want=3)) == ["i2"]
    assert ids(b.next(1, want=3)) == ["i0", "i1"]


def test_fewer_places_leave_what_is_taken(store: Store, clock: Clock) -> None:
    b = bench(store, clock, n_items=2, places=3, raters=3)
    b.next(0)
    b.next(1)
    store.write(lending.set_places, 1)
    assert b.next(2) != []
    assert b.counters("i0") == (2, 0)
    assert b.rows(sa.select(item.c.places).order_by(item.c.seq)) == [(2,), (1,)]


@pytest.mark.parametrize("ending", ["lapse", "skip"])
def test_places_that_come_back_are_cut_to_what_the_protocol_wants_now(store: Store, clock: Clock, ending: str) -> None:
    b = bench(store, clock, n_items=1, places=3, raters=4)
    held = [b.next(rater)[0].id for rater in range(3)]
    store.write(declare, 1)
    b.answer(0, held[0])
    if ending == "skip":
        for rater in (1, 2):
            b.skip(rater, held[rater])
    else:
        clock.now += LEASE + 1
        store.write(lending.sweep, clock())
    assert b.rows(sa.select(item.c.places)) == [(1,)]
    assert b.next(3) == []


def test_an_answer_under_a_protocol_that_is_no_longer_in_force_is_refused(store: Store, clock: Clock) -> None:
    b = bench(store, clock)
    store.write(declare, 1)
    one, two = (lent.id for lent in b.next(0, want=2))
    first = b.answer(0, one, key="kept")
    store.write(declare, 1, "newer")
    with pytest.raises(ChangedError, match=r"protocol has changed.*Open the project again"):
        b.answer(0, two)
    assert b.answer(0, one, key="kept").answer == first.answer
    assert b.rows(sa.select(sa.func.count()).select_from(answer)) == [(1,)]


def test_the_table_itself_refuses_more_answers_than_places(store: Store, clock: Clock) -> None:
    bench(store, clock, n_items=1)
    with pytest.raises(sa.exc.IntegrityError):
        store.write(lambda connection: connection.execute(sa.update(item).values(taken=2)))


def test_many_raters_at_once_in_two_processes_finish_every_item_and_none_twice(
    store: Store, database: str, clock: Clock
) -> None:
    """All go through the same few items in the same order, so that they are in one another's way all the time."""
    b = bench(store, clock, n_items=40, places=3, raters=12)
    with Store.open(database, clock) as other:

        def work(rater: int) -> int:
            which, given = (store, other)[rater % 2], 0
            while lent := which.write(lending.lend, b.raters[rater], rounds=1, want=2, now=clock(), lease=LEASE):
                for one in lent:
                    sent = Submission(one.id, "yes", f"{rater}-{one.id}")
                    receipt = which.write(answers.record, b.raters[rater], sent, {"q": "yes"}, ASKED, now=clock())
                    given += receipt.kept == "counted"
            return given

        with ThreadPoolExecutor(12) as pool:
            assert sum(pool.map(work, range(12))) == 40 * 3
    assert set(b.rows(sa.select(item.c.places, item.c.taken, item.c.answered))) == {(3, 3, 3)}


@contextmanager
def at_work_on(store: Store, name: str) -> Iterator[None]:
    """Another transaction holds an item for as long as the block lasts, and leaves it as it was."""
    held, done = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        connection.execute(sa.select(item).where(item.c.id == name).with_for_update())
        held.set()
        done.wait()

    future = store.submit(hold)
    held.wait()
    try:
        yield
    finally:
        done.set()
        future.result()


def test_an_item_that_others_are_at_work_on_is_passed_over_and_comes_back(postgres: Postgres, clock: Clock) -> None:
    with Store.open(new_database(postgres), clock) as store:
        b = bench(store, clock, n_items=4, places=2)
        with at_work_on(store, "i1"):
            assert ids(b.next(0, want=2)) == ["i0", "i2"]
            assert ids(b.next(0, want=3)) == ["i0", "i2", "i3"]
        for lent in b.next(0, want=3):
            b.answer(0, lent.id)
        assert ids(b.next(0)) == ["i1"]


def test_a_rater_is_not_told_that_there_is_nothing_while_others_may_leave_something(
    postgres: Postgres, clock: Clock
) -> None:
    with Store.open(new_database(postgres), clock) as store, ThreadPoolExecutor(1) as pool:
        b = bench(store, clock, n_items=1)
        with at_work_on(store, "i0"):
            asked = pool.submit(b.next, 0)
            with pytest.raises(TimeoutError):
                asked.result(timeout=0.5)
        assert ids(asked.result()) == ["i0"]


STEPS = pytest.mark.parametrize(
    "name", ["PICK_NEW", "PICK_RETURNED", "WAIT_NEW", "PICK_REPEAT", "PICK_LAPSED_REPEAT", "LOOK", "DUE"]
)
VALUES = {"rater": 1, "round": 1, "want": 1, "now": 0.0}


@STEPS
def test_no_step_of_next_scans_a_table(sqlite_store: Store, name: str) -> None:
    """So that `next` takes as long with ten items as with ten million."""
    compiled = getattr(lending, name).statement.compile(dialect=sqlite_store._engine.dialect)
    wanted = tuple((compiled.params | VALUES)[key] for key in compiled.positiontup)
    plan = sqlite_store.read(
        lambda connection: [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", wanted)]
    )
    assert plan
    small = {"SCAN CONSTANT ROW", "SCAN signs", "SCAN held LEFT-JOIN", "SCAN item USING INDEX item_returned"}
    assert {step for step in plan if step.startswith("SCAN")} <= (small if name == "LOOK" else set())
    sorts = any("TEMP B-TREE" in step for step in plan)
    assert sorts == (name in ("LOOK", "PICK_LAPSED_REPEAT"))  # the few that the rater holds, or let lapse


@STEPS
def test_no_step_of_next_scans_a_table_of_postgresql(postgres: Postgres, clock: Clock, name: str) -> None:
    """Not even where it was planned when the tables were empty."""
    with Store.open(new_database(postgres), clock) as store:
        b = bench(store, clock, n_items=5000, places=3, raters=20)
        for rater in range(20):
            for lent in b.next(rater, want=20):
                b.answer(rater, lent.id)
        compiled = getattr(lending, name).statement.compile(dialect=store._engine.dialect)

        def plan(connection: sa.Connection) -> str:
            wanted = compiled.params | VALUES
            return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {compiled}", wanted))

        steps = store.write(plan)
    for way in ("Seq Scan", "Merge", "Hash"):
        assert way not in steps


class Lending(RuleBasedStateMachine):
    """Raters ask, answer, skip, correct, retry, come late; time passes; leads change k: the laws hold."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.folder = tempfile.TemporaryDirectory()
        self.database = self.new_database()
        self.store = Store.open(self.database, self.clock)
        self.b, self.k = Bench(self.store, self.clock, n_items=4, places=2, raters=4), 2
        self.given: dict[tuple[int, int], list[str]] = {}
        self.known: list[tuple[int, Assignment]] = []
        self.receipts: dict[str, tuple[int, int, str, Receipt]] = {}
        self.skipped: set[tuple[int, str]] = set()

    def new_database(self) -> str:
        return new_database(Path(self.folder.name))

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(rater=st.integers(0, 3), want=st.integers(1, 3))
    def ask(self, rater: int, want: int) -> None:
        lent = self.b.next(rater, want)
        assert len({one.item.id for one in lent}) == len(lent)
        for one in lent:
            assert (rater, one.id) not in self.given
            assert (rater, one.item.id) not in self.skipped
            assert one.expires_at > self.clock.now
        self.known += [(rater, one) for one in lent if (rater, one.id) not in {(r, k.id) for r, k in self.known}]
        if not lent:
            self.nothing_was_open_for(rater)

    def nothing_was_open_for(self, rater: int) -> None:
        """`next` gives nothing only if every item is full, or had already by this rater."""
        had = {k.item.id for r, k in self.known if r == rater and (r, k.id) in self.given}
        had |= {name for r, name in self.skipped if r == rater}
        open_items = {row.id for row in self.b.rows(sa.select(item.c.id).where(item.c.taken < item.c.places))}
        assert open_items <= had

    @precondition(lambda self: self.known)
    @rule(data=st.data(), value=st.sampled_from(["yes", "no"]))
    def answer(self, data: st.DataObject, value: str) -> None:
        rater, lent = data.draw(st.sampled_from(self.known))
        receipt = self.b.answer(rater, lent.id, value)
        values = self.given.setdefault((rater, lent.id), [])
        values.append(value)
        assert receipt.revision == len(values)
        assert not receipt.repeated
        self.skipped.discard((rater, lent.item.id))
        self.receipts[f"key-{self.b.keys}"] = (rater, lent.id, value, receipt)

    @precondition(lambda self: self.receipts)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.receipts)))
        rater, lent, value, receipt = self.receipts[key]
        again = self.b.answer(rater, lent, value, key=key)
        assert again.repeated
        assert (again.answer, again.kept, again.revision) == (receipt.answer, receipt.kept, receipt.revision)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def skip(self, data: st.DataObject) -> None:
        rater, lent = data.draw(st.sampled_from(self.known))
        if (rater, lent.id) not in self.given:
            self.b.skip(rater, lent.id)
            self.skipped.add((rater, lent.item.id))

    @rule(seconds=st.sampled_from([1.0, LEASE / 2 + 1, LEASE + 1, -3 * LEASE, 1e6]))
    def time_passes_or_the_clock_jumps(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def sweep(self) -> None:
        self.store.write(lending.sweep, self.clock())

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = self.b.store = Store.open(self.database, self.clock)

    @rule(places=st.integers(1, 4))
    def change_k(self, places: int) -> None:
        self.store.write(declare, places)
        self.k = places

    @invariant()
    def an_item_has_no_more_places_than_are_wanted_or_taken(self) -> None:
        for row in self.b.rows(sa.select(item.c.places, item.c.taken)):
            assert row.places == max(self.k, row.taken)

    @invariant()
    def the_counters_are_what_the_rows_say(self) -> None:
        """No counter is adrift, nothing is over-assigned, no answer is lost or doubled."""
        counted = (
            sa.select(sa.func.count())
            .select_from(assignment)
            .join(answer, answer.c.id == assignment.c.answer)
            .where(assignment.c.item == item.c.seq, answer.c.surplus.is_(False))
            .scalar_subquery()
        )
        lent = (
            sa.select(sa.func.count())
            .where(assignment.c.item == item.c.seq, assignment.c.state == "lent")
            .scalar_subquery()
        )
        for row in self.b.rows(sa.select(item, counted.label("counted"), lent.label("lent"))):
            assert row.answered == row.counted
            assert row.taken == row.counted + row.lent
            assert row.taken <= row.places
        stored = self.b.rows(sa.select(answer.c.assignment, answer.c.value).order_by(answer.c.id))
        by_assignment: dict[int, list[str]] = {}
        for row in stored:
            by_assignment.setdefault(row.assignment, []).append(row.value)
        assert by_assignment == {lent: values for (_, lent), values in self.given.items()}

    @invariant()
    def the_log_tells_of_every_answer_and_of_every_lease(self) -> None:
        told = self.b.rows(
            sa.select(event.c.actor, event.c.did, event.c.detail).where(event.c.did.in_(["answered", "lent"]))
        )
        answered = [json.loads(row.detail)["assignment"] for row in told if row.did == "answered"]
        assert sorted(answered) == sorted(lent for (_, lent), values in self.given.items() for _ in values)
        lent = {(row.actor, json.loads(row.detail)["item"]) for row in told if row.did == "lent"}
        assert lent == {(f"r-{rater + 1:03d}", one.item.id) for rater, one in self.known}


def test_the_laws_of_lending_hold_on_sqlite() -> None:
    run_state_machine_as_test(Lending, settings=settings(max_examples=15, stateful_step_count=30, deadline=None))


def test_the_laws_of_lending_hold_on_postgresql(postgres: Postgres) -> None:
    class OnPostgres(Lending):
        def new_database(self) -> str:
            return new_database(postgres)

    run_state_machine_as_test(OnPostgres, settings=settings(max_examples=8, stateful_step_count=25, deadline=None))
