"""Who is given what: priorities, a mixed line, families, quotas, limits, repeats, more where raters disagree."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
import sqlalchemy as sa
from postgres import Postgres

from middlemost.core.assigning import Limits, More, Quotas, Repeats
from middlemost.core.nouns import Assignment, Item, Receipt, Submission
from middlemost.core.protocol import Collection
from middlemost.errors import InputError, MissingError
from middlemost.store import (
    answers,
    attributes,
    choosing,
    counts,
    editions,
    items,
    lending,
    limits,
    line,
    people,
    repeating,
)
from middlemost.store.answers import Asked
from middlemost.store.schema import assignment, event, item, reach
from middlemost.store.sql import Prepared
from middlemost.store.store import Store

from ..conftest import new_database
from .conftest import Clock

LEASE = 600.0


class Desk:
    """A store under rules, and short words for what people do."""

    def __init__(self, store: Store, clock: Clock, rules: Collection, given: list[Item], raters: int = 3) -> None:
        self.store, self.clock, self.rules, self.keys = store, clock, rules, 0
        store.write(items.add, given, rules.answers_per_item, rules)
        self.raters = [store.write(people.add, f"R{n}", "rater", now=0.0).id for n in range(raters)]

    @property
    def asked(self) -> Asked:
        return Asked(1, "hash", {"q": "[]"}, self.rules, "q")

    def next(self, rater: int, want: int = 1) -> list[Assignment]:
        who, now = self.raters[rater], self.clock()
        return self.store.write(lending.lend, who, rounds=1, want=want, now=now, lease=LEASE, rules=self.rules)

    def answer(self, rater: int, lent: Assignment, value: str = "yes") -> Receipt:
        self.keys += 1
        sent = Submission(lent.id, value, f"key-{self.keys}")
        return self.store.write(answers.record, self.raters[rater], sent, {"q": value}, self.asked, now=self.clock())

    def go(self, rater: int, value: str = "yes", most: int = 10_000) -> list[str]:
        """Answer all that is given, one after another."""
        seen: list[str] = []
        while len(seen) < most and (lent := self.next(rater)):
            seen.append(lent[0].item.id)
            self.answer(rater, lent[0], value)
            self.clock.now += 1
        return seen

    def describe(self, **said: str) -> None:
        """`describe(**{"r-001": "en"})` under the name `group`."""
        values = {name.replace("_", "-"): {"group": value} for name, value in said.items()}
        self.store.write(attributes.describe, values, self.rules, who=None, now=0.0)

    def state(self, name: str) -> tuple[int, int, int]:
        query = sa.select(item.c.places, item.c.taken, item.c.answered).where(item.c.id == name)
        return self.store.read(lambda connection: tuple(connection.execute(query).one()))


def numbered(n: int, **fields: object) -> list[Item]:
    return [Item(f"i{one}", f"text {one}", {k: f(one) for k, f in fields.items()}) for one in range(n)]  # type: ignore[operator]


def test_items_of_a_higher_priority_come_first_and_others_in_the_order_they_were_added(
    store: Store, clock: Clock
) -> None:
    rules = Collection(answers_per_item=1, priority="urgency")
    given = numbered(5, urgency=lambda n: {1: 3, 3: "7", 4: -2}.get(n))
    assert Desk(store, clock, rules, given).go(0) == ["i3", "i1", "i0", "i2", "i4"]


@pytest.mark.parametrize("priority", ["soon", 1.5, 10_001, True])
def test_what_is_no_priority_is_refused_with_its_value(store: Store, clock: Clock, priority: object) -> None:
    rules = Collection(priority="urgency")
    with pytest.raises(InputError, match="no priority"):
        Desk(store, clock, rules, [Item("a", "text", {"urgency": priority})])


def test_a_priority_that_is_raised_while_raters_work_brings_items_back_to_those_who_are_past_them(
    store: Store, clock: Clock
) -> None:
    desk = Desk(store, clock, Collection(answers_per_item=2), numbered(6))
    assert desk.go(0, most=2) == ["i0", "i1"]
    assert store.write(line.prioritise, {"i4": 2, "i1": 9}, who=None, now=0.0) == 2
    assert desk.go(0) == ["i4", "i2", "i3", "i5"]
    assert desk.go(1) == ["i1", "i4", "i0", "i2", "i3", "i5"]
    with pytest.raises(MissingError, match="'i9'"):
        store.write(line.prioritise, {"i0": 1, "i9": 1}, who=None, now=0.0)
    store.write(line.prioritise, {"i0": 0}, who=None, now=0.0)
    told = sa.select(sa.func.count()).where(event.c.did == "prioritised")
    assert store.read(lambda connection: connection.execute(told).scalar_one()) == 2


def test_a_mixed_line_is_another_for_each_rater_and_the_same_again_from_the_same_seed(
    store: Store, postgres: Postgres, clock: Clock
) -> None:
    rules = Collection(answers_per_item=3, order="shuffled", seed=4)
    desk = Desk(store, clock, rules, numbered(60))
    orders = [desk.go(rater) for rater in range(3)]
    assert all(sorted(order) == sorted(orders[0]) and len(order) == 60 for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    with Store.open(new_database(postgres), clock) as again:
        assert Desk(again, clock, rules, numbered(60)).go(0) == orders[0]
    with Store.open(new_database(postgres), clock) as other:
        assert Desk(other, clock, rules.model_copy(update={"seed": 5}), numbered(60)).go(0) != orders[0]


def test_positions_in_a_mixed_line_have_little_to_do_with_the_order_of_the_file(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=1, order="shuffled")
    order = [int(name[1:]) for name in Desk(store, clock, rules, numbered(300)).go(0)]
    steps = [after - before for before, after in pairwise(order)]
    assert sum(step == 1 for step in steps) < 15
    assert abs(sum(order[:150]) / 150 - 149.5) < 30


def test_a_rater_is_given_one_item_of_a_family_and_others_the_rest(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=1, once_in=["thread"])
    desk = Desk(store, clock, rules, numbered(6, thread=lambda n: n // 2 if n < 4 else None))
    assert desk.go(0) == ["i0", "i2", "i4", "i5"]
    assert desk.go(1) == ["i1", "i3"]


def test_two_of_a_family_are_not_lent_in_one_go_either(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=1, once_in=["thread"])
    desk = Desk(store, clock, rules, numbered(4, thread=lambda n: "same"))
    assert [one.item.id for one in desk.next(0, 4)] == ["i0"]
    clock.now += LEASE + 1
    assert [one.item.id for one in desk.next(0, 4)] == ["i0"], "what lapsed comes back to its rater"


def test_nobody_is_given_what_they_wrote(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=1, not_own="group")
    desk = Desk(store, clock, rules, numbered(4, group=lambda n: "ann" if n < 3 else "bob"))
    desk.describe(r_001="ann", r_002="bob")
    assert desk.go(0) == ["i3"]
    assert desk.go(1) == ["i0", "i1", "i2"]
    desk.describe(r_001="carol")
    assert desk.go(0) == []


def test_what_is_said_of_a_rater_later_opens_what_they_were_past(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=1, not_own="group")
    desk = Desk(store, clock, rules, numbered(3, group=lambda n: "ann"))
    desk.describe(r_001="ann")
    assert desk.go(0) == []
    desk.describe(r_001="bob")
    assert desk.go(0) == ["i0", "i1", "i2"]


def test_each_item_has_as_many_answers_of_each_group_as_its_quota_says(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=4, quotas=Quotas(by="group", answers={"en": 2, "de": 1}))
    desk = Desk(store, clock, rules, numbered(5), raters=7)
    desk.describe(r_001="en", r_002="en", r_003="en", r_004="en", r_005="de", r_006="de")
    every = [f"i{n}" for n in range(5)]
    assert [desk.go(rater) for rater in (0, 1, 2)] == [every] * 3, "the third takes the place for anybody"
    assert desk.go(3) == []
    assert desk.go(6) == [], "nobody's group: the place for anybody is taken"
    assert desk.go(4) == every
    assert desk.go(5) == []
    assert {desk.state(name) for name in every} == {(4, 4, 4)}


def test_a_place_of_a_group_that_comes_back_goes_to_that_group(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=2, quotas=Quotas(by="group", answers={"en": 1, "de": 1}))
    desk = Desk(store, clock, rules, numbered(1), raters=4)
    desk.describe(r_001="en", r_002="en", r_003="de", r_004="de")
    late = desk.next(0)[0]
    assert desk.go(1) == []
    assert desk.go(2) == ["i0"]
    clock.now += LEASE + 1
    assert desk.go(3) == []
    assert desk.go(1) == ["i0"]
    assert desk.answer(0, late).kept == "surplus"


def test_a_late_answer_does_not_take_a_place_that_is_kept_for_another_group(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=2, quotas=Quotas(by="group", answers={"en": 1, "de": 1}))
    desk = Desk(store, clock, rules, numbered(1), raters=3)
    desk.describe(r_001="en", r_002="en", r_003="de")
    late = desk.next(0)[0]
    clock.now += LEASE + 1
    assert desk.go(1) == ["i0"]
    assert desk.answer(0, late).kept == "surplus"
    assert desk.go(2) == ["i0"]


def test_a_rater_gets_no_more_than_the_limits_allow_and_more_the_next_day(store: Store, clock: Clock) -> None:
    clock.now = 20 * limits.DAY
    rules = Collection(answers_per_item=1, limits=Limits(items=7, a_day=3))
    desk = Desk(store, clock, rules, numbered(20))
    assert len(desk.next(0, 20)) == 3
    assert len(desk.go(0)) == 3
    reached = store.read(limits.reached, desk.raters[0], rules.limits, clock())
    assert (reached.what, reached.most, reached.until) == ("a_day", 3, 21 * limits.DAY)  # type: ignore[union-attr]
    assert len(desk.go(1)) == 3
    for given in (3, 1, 0):
        clock.now += limits.DAY
        assert len(desk.go(0)) == given
    reached = store.read(limits.reached, desk.raters[0], rules.limits, clock())
    assert (reached.what, reached.until) == ("items", None)  # type: ignore[union-attr]


def test_a_session_ends_with_a_pause_and_a_short_one_does_not_count(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=1, limits=Limits(a_session=2, pause_minutes=10))
    desk = Desk(store, clock, rules, numbered(20))
    assert len(desk.go(0, most=1)) == 1
    clock.now += 500
    assert len(desk.go(0)) == 1
    clock.now += 500
    assert desk.go(0) == []
    clock.now += 100
    assert len(desk.go(0)) == 2


def test_a_share_of_the_items_comes_again_after_others_and_outside_the_places(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=1, repeats=Repeats(share=0.3, after=5), seed=3)
    desk = Desk(store, clock, rules, numbered(100))
    order = desk.go(0)
    again = [name for name, n in Counter(order).items() if n == 2]
    assert 15 <= len(again) <= 45
    assert max(Counter(order).values()) == 2
    for name in again:
        first = order.index(name)
        assert order.index(name, first + 1) - first > 5
    assert order.index(again[0], order.index(again[0]) + 1) < 60, "in between, not at the end"
    assert {desk.state(f"i{n}") for n in range(100)} == {(1, 1, 1)}
    rounds = store.read(lambda c: Counter(c.execute(sa.select(assignment.c.round)).scalars()))
    assert rounds == {1: 100, 2: len(again)}


def test_without_a_share_nothing_comes_again(store: Store, clock: Clock) -> None:
    order = Desk(store, clock, Collection(answers_per_item=1), numbered(80)).go(0)
    assert len(set(order)) == len(order) == 80


ADAPTIVE = Collection(answers_per_item=2, more=More(lead=2, most=4))


def test_an_item_on_which_raters_disagree_gets_more_answers_up_to_the_most(store: Store, clock: Clock) -> None:
    desk = Desk(store, clock, ADAPTIVE, numbered(3), raters=6)
    assert desk.go(0) == desk.go(1) == ["i0", "i1", "i2"]
    assert desk.go(2) == [], "two agreed on each"
    store.write(items.add, [Item("new", "text")], 2, ADAPTIVE)
    assert desk.go(0, "yes") == desk.go(1, "no") == ["new"]
    assert desk.state("new") == (3, 2, 2)
    assert desk.go(2, "yes") == ["new"]
    assert desk.state("new") == (4, 3, 3), "two to one"
    assert desk.go(3, "no") == ["new"]
    assert desk.state("new") == (4, 4, 4)
    assert desk.go(4) == []
    assert store.read(lambda c: list(counts.adrift(c))) == []


def test_a_correction_can_make_and_settle_a_dispute(store: Store, clock: Clock) -> None:
    desk = Desk(store, clock, ADAPTIVE, numbered(1), raters=4)
    first, second = desk.next(0)[0], desk.next(1)[0]
    desk.answer(0, first, "yes")
    desk.answer(1, second, "yes")
    assert desk.go(2) == []
    for value, places in (("no", 3), ("yes", 2), ("no", 3), ("yes", 2)):
        desk.answer(1, second, value)
        assert desk.state("i0") == (places, 2, 2)
    desk.answer(1, second, "no")
    assert desk.go(2) == ["i0"]


def test_a_place_that_disagreement_added_stays_when_its_lease_lapses(store: Store, clock: Clock) -> None:
    desk = Desk(store, clock, ADAPTIVE, numbered(1), raters=4)
    store.write(editions.adopt_protocol, "hash", "", 2, now=0.0)
    desk.go(0, "yes")
    desk.go(1, "no")
    desk.next(2)
    clock.now += LEASE + 1
    assert desk.go(3, "yes") == ["i0"]


def test_items_that_are_asked_again_come_after_the_others_of_their_priority(store: Store, clock: Clock) -> None:
    desk = Desk(store, clock, ADAPTIVE, numbered(4), raters=4)
    desk.go(0, "yes", most=1)
    desk.go(1, "no", most=1)
    assert desk.go(2) == ["i1", "i2", "i3", "i0"]


def test_a_correction_by_somebody_opens_the_item_to_those_who_are_past_all_items(store: Store, clock: Clock) -> None:
    desk = Desk(store, clock, ADAPTIVE, numbered(2), raters=3)
    kept = desk.next(0)[0]
    desk.answer(0, kept, "yes")
    desk.go(1, "yes", most=1)
    assert desk.go(2) == ["i1"]
    desk.answer(0, kept, "no")
    assert desk.go(2) == ["i0"]


def test_what_is_asked_again_comes_back_to_those_who_are_past_its_new_place_too(store: Store, clock: Clock) -> None:
    desk = Desk(store, clock, ADAPTIVE, numbered(2), raters=3)
    desk.go(0, "yes")
    kept = desk.next(1)[0]
    desk.answer(1, kept, "yes")
    desk.go(1, "no")
    assert desk.go(2) == ["i1"], "on it they disagreed"
    desk.answer(1, kept, "no")
    assert desk.go(2) == ["i0"]


def test_reach_is_past_what_is_not_for_the_rater_so_that_it_is_looked_at_once(store: Store, clock: Clock) -> None:
    rules = Collection(answers_per_item=1, not_own="group")
    desk = Desk(store, clock, rules, numbered(350, group=lambda n: "ann"))
    desk.describe(r_001="ann")
    assert desk.go(0) == []
    last = store.read(lambda c: c.execute(sa.select(sa.func.max(item.c.line))).scalar_one())
    assert store.read(lambda c: c.execute(sa.select(reach.c.upto)).scalar_one()) == last


STEPS: dict[str, Prepared] = {
    name: getattr(module, name)
    for module, names in {
        choosing: ["LOOK_NEW", "LOOK_RETURNED", "LOCK"],
        limits: ["IN_ALL", "SENT"],
        repeating: ["SINCE"],
    }.items()
    for name in names
} | {"kinship": choosing.kinship(3), "parts": choosing.parts(3, 2)}
VALUES = {
    "rater": 1, "round": 1, "want": 1, "after": 0, "upto": 9, "first": 1, "last": 9, "by": "group", "which": 1,
    "most": 5, "than": 1, "item_0": 1, "item_1": 2, "item_2": 3, "group_0": "en", "group_1": "de",
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_no_step_of_choosing_scans_a_table(sqlite_store: Store, name: str) -> None:
    compiled = STEPS[name].statement.compile(dialect=sqlite_store._engine.dialect)
    wanted = tuple((compiled.params | VALUES)[key] for key in compiled.positiontup)
    plan = sqlite_store.read(
        lambda connection: [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", wanted)]
    )
    assert plan
    assert {step for step in plan if step.startswith("SCAN")} <= {"SCAN later"}


@pytest.mark.parametrize("name", STEPS)
def test_no_step_of_choosing_scans_a_table_of_postgresql(postgres: Postgres, clock: Clock, name: str) -> None:
    with Store.open(new_database(postgres), clock) as store:
        desk = Desk(store, clock, Collection(answers_per_item=3), numbered(2000), raters=10)
        for rater in range(10):
            for lent in desk.next(rater, 20):
                desk.answer(rater, lent)
        compiled = STEPS[name].statement.compile(dialect=store._engine.dialect)

        def plan(connection: sa.Connection) -> str:
            wanted = compiled.params | VALUES
            return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {compiled}", wanted))

        steps = store.write(plan)
    for way in ("Seq Scan", "Merge", "Hash", "Materialize", "hashed SubPlan", "Bitmap Index Scan on assignment_once"):
        assert way not in steps
