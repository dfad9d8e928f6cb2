"""The laws of assignment under any order of events: whoever asks, answers, skips, corrects, comes late, whatever time
does, wherever the process ends, however the protocol, the priorities and what is said of raters change."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from postgres import Postgres

from middlemost.core.assigning import More, Quotas, Repeats
from middlemost.core.nouns import Assignment, Item, Submission
from middlemost.core.protocol import Collection
from middlemost.store import answers, attributes, counts, editions, events, items, lending, line, people, redundancy
from middlemost.store.answers import Asked
from middlemost.store.schema import answer, assignment, attribute, event, item
from middlemost.store.sql import Prepared
from middlemost.store.store import Store

from ..conftest import new_database
from .conftest import Clock

LEASE, K, RATERS = 600.0, 2, 5
ALL = Collection(
    answers_per_item=K,
    order="shuffled",
    once_in=["thread"],
    not_own="author",
    quotas=Quotas(by="group", answers={"en": 1, "de": 1}),
    repeats=Repeats(share=0.5, after=1),
    more=More(lead=2, most=5),
)
RULES = [
    ALL,
    ALL.model_copy(update={"more": None, "order": "added"}),
    ALL.model_copy(update={"more": More(lead=1, most=3), "once_in": [], "seed": 3}),
    ALL.model_copy(update={"quotas": None, "not_own": None, "priority": "urgency"}),
    Collection(answers_per_item=K, more=More(lead=2, most=4)),
]
ITEMS = [
    Item(f"i{n}", "text", {"thread": n // 2, "author": "ada" if n < 2 else "bob", "urgency": n % 3}) for n in range(6)
]
SAID = {"r-001": {"group": "en", "author": "ada"}, "r-002": {"group": "de"}, "r-003": {"group": "en"}}


class PowerCut(Exception):  # noqa: N818 - it is no mistake of anybody
    """What ends a transaction in its middle."""


@contextmanager
def cut_after(mine: sa.Connection, steps: int) -> Iterator[None]:
    """Within this the transaction may do so many statements more, and then no other."""
    left = count(steps, -1)
    run = Prepared._run

    def counted(self: Prepared, connection: sa.Connection, values: dict[str, object]) -> Any:
        if connection is mine and next(left) <= 0:
            raise PowerCut
        return run(self, connection, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prepared, "_run", counted)
        yield


class Assigning(RuleBasedStateMachine):
    """Everything at once, beside what the protocol says, worked out anew from the rows."""

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.folder = Clock(), tempfile.TemporaryDirectory()
        self.database = self.new_database()
        self.store = Store.open(self.database, self.clock)
        self.rules, self.keys, self.editions = ALL, 0, 0
        self.known: dict[int, tuple[int, Assignment]] = {}
        self.given: dict[int, list[str]] = defaultdict(list)
        self.store.write(items.add, ITEMS, K, ALL)
        self.raters = [self.store.write(people.add, f"R{n}", "rater", now=0.0).id for n in range(RATERS)]
        self.store.write(attributes.describe, SAID, ALL, who=None, now=0.0)
        self.adopt(ALL)

    def new_database(self) -> str:
        return new_database(Path(self.folder.name))

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        return self.store.read(lambda connection: list(connection.execute(query)))

    def adopt(self, rules: Collection) -> None:
        """What a project does when its protocol has changed."""
        before, self.rules, self.editions = self.rules, rules, self.editions + 1

        def change(connection: sa.Connection) -> None:
            editions.adopt_protocol(connection, f"hash {self.editions}", "", K, now=0.0)
            lending.set_places(connection, K, rules.more.most if rules.more else None)
            line.relay(connection, rules, before)
            if rules.more:
                redundancy.weigh_all(connection, "q", K, rules.more, now=0.0)

        self.store.write(change)

    @rule(which=st.sampled_from(range(len(RULES))))
    def the_protocol_changes(self, which: int) -> None:
        self.adopt(RULES[which])

    @rule(name=st.sampled_from([one.id for one in ITEMS]), priority=st.integers(-2, 2))
    def an_item_gets_another_priority(self, name: str, priority: int) -> None:
        self.store.write(line.prioritise, {name: priority}, who=None, now=self.clock())

    @rule(rater=st.integers(0, RATERS - 1), want=st.integers(1, 3))
    def ask(self, rater: int, want: int) -> None:
        before = {row.id for row in self.rows(sa.select(assignment.c.id).where(assignment.c.state == "lent"))}
        allowed = self.allowed(rater)
        lent = self.store.write(
            lending.lend, self.raters[rater], rounds=1, want=want, now=self.clock(), lease=LEASE, rules=self.rules
        )
        for one in lent:
            assert one.id not in self.given
            self.known[one.id] = (rater, one)
            if one.id not in before and one.round == 1:
                assert one.item.id in allowed | self.allowed_after_sweep(rater)
        if not lent:
            assert self.allowed(rater) == set(), "nothing is given only where there is nothing to give"

    def allowed_after_sweep(self, rater: int) -> set[str]:
        """What lapsed leases gave back was not free before."""
        return {one.item.id for _, one in self.known.values()} - self.met(rater, own=True)

    def met(self, rater: int, *, own: bool = False) -> set[str]:
        """Items that this rater answered, skipped or holds."""
        query = sa.select(item.c.id, assignment.c.state).join(item, item.c.seq == assignment.c.item)
        rows = self.rows(query.where(assignment.c.rater == self.raters[rater], assignment.c.round == 1))
        return {row.id for row in rows if row.state not in ({"expired", "lent"} if own else {"expired"})}

    def allowed(self, rater: int) -> set[str]:
        """What the protocol lets this rater be given now, worked out the long way."""
        had, mine = self.met(rater), self.raters[rater]
        rows = self.rows(sa.select(item.c.seq, item.c.id, item.c.places, item.c.taken))
        seen = {row.item for row in self.rows(sa.select(assignment.c.item).where(assignment.c.rater == mine))}
        named = {one.id: one for one in ITEMS}
        families = {
            one: {line.family("one:", name, named[one].fields[name]) for name in self.rules.once_in} for one in named
        }
        touched = {family for row in rows if row.seq in seen for family in families[row.id]}
        author = SAID.get(f"r-{rater + 1:03d}", {}).get("author")
        found = set()
        for row in rows:
            own = self.rules.not_own is not None and named[row.id].fields["author"] == author
            barred_ = row.seq not in seen and (bool(families[row.id] & touched) or own)
            if row.taken < row.places and row.id not in had and not barred_ and self.has_place(rater, row):
                found.add(row.id)
        return found

    def groups(self, seq: int) -> Counter[str]:
        """Places of an item taken by group."""
        query = (
            sa.select(attribute.c.value)
            .join(assignment, assignment.c.rater == attribute.c.person)
            .outerjoin(answer, answer.c.id == assignment.c.answer)
            .where(attribute.c.name == "group", assignment.c.item == seq, assignment.c.round == 1)
            .where(sa.or_(assignment.c.state == "lent", sa.and_(assignment.c.state == "done", ~answer.c.surplus)))
        )
        return Counter(row.value for row in self.rows(query))

    def has_place(self, rater: int, row: Any) -> bool:
        if self.rules.quotas is None:
            return True
        have, mine = self.groups(row.seq), SAID.get(f"r-{rater + 1:03d}", {}).get("group")
        kept = sum(max(0, n - have[group]) for group, n in self.rules.quotas.answers.items() if group != mine)
        return bool(row.places - row.taken > kept)

    @precondition(lambda self: self.known)
    @rule(data=st.data(), value=st.sampled_from(["yes", "no"]))
    def answer_or_correct_in_time_or_late(self, data: st.DataObject, value: str) -> None:
        rater, lent = self.known[data.draw(st.sampled_from(sorted(self.known)))]
        self.keys += 1
        sent = Submission(lent.id, value, f"key-{self.keys}")
        asked = Asked(1, f"hash {self.editions}", {"q": "[]"}, self.rules, "q")
        for repeated in (False, True):
            receipt = self.store.write(answers.record, self.raters[rater], sent, {"q": value}, asked, now=self.clock())
            assert receipt.repeated == repeated
        self.given[lent.id].append(value)
        assert receipt.revision == len(self.given[lent.id])

    @precondition(lambda self: self.known.keys() - self.given.keys())
    @rule(data=st.data())
    def skip(self, data: st.DataObject) -> None:
        rater, lent = self.known[data.draw(st.sampled_from(sorted(self.known.keys() - self.given.keys())))]
        self.store.write(lending.skip, self.raters[rater], lent.id, "because", now=self.clock())

    @rule(seconds=st.sampled_from([1.0, LEASE / 2 + 1, LEASE + 1, -3 * LEASE, 1e6]))
    def time_passes_or_the_clock_jumps(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def the_process_ends_and_another_begins(self) -> None:
        self.store.close()
        self.store = Store.open(self.database, self.clock)

    @rule(rater=st.integers(0, RATERS - 1), want=st.integers(1, 3), survives=st.booleans())
    def the_process_dies_before_it_has_said_what_it_lent(self, rater: int, want: int, survives: bool) -> None:
        """The reply is lost, whether or not what it would have said was kept."""
        whose, rules = self.raters[rater], self.rules

        def lend_and_die(connection: sa.Connection) -> None:
            lending.lend(connection, whose, rounds=1, want=want, now=self.clock(), lease=LEASE, rules=rules)
            if not survives:
                raise PowerCut

        with suppress(PowerCut):
            self.store.write(lend_and_die)
        self.the_process_ends_and_another_begins()

    @precondition(lambda self: self.known)
    @rule(data=st.data(), value=st.sampled_from(["yes", "no"]), steps=st.integers(0, 8))
    def a_write_fails_in_mid_transaction(self, data: st.DataObject, value: str, steps: int) -> None:
        """Nothing of it is kept; the rater sends it again, under the same key, now or never."""
        rater, lent = self.known[data.draw(st.sampled_from(sorted(self.known)))]
        self.keys += 1
        sent = Submission(lent.id, value, f"key-{self.keys}")
        asked = Asked(1, f"hash {self.editions}", {"q": "[]"}, self.rules, "q")
        before = self.everything()

        def fail(connection: sa.Connection) -> None:
            with cut_after(connection, steps):
                answers.record(connection, self.raters[rater], sent, {"q": value}, asked, now=self.clock())
                lending.lend(connection, self.raters[rater], rounds=1, want=3, now=self.clock(), lease=LEASE)
            raise PowerCut

        with suppress(PowerCut):
            self.store.write(fail)
        assert self.everything() == before
        if data.draw(st.booleans()):
            self.store.write(answers.record, self.raters[rater], sent, {"q": value}, asked, now=self.clock())
            self.given[lent.id].append(value)

    def everything(self) -> list[list[Any]]:
        return [self.rows(sa.select(table).order_by(*table.primary_key)) for table in (item, assignment, answer, event)]

    @invariant()
    def no_counter_is_adrift_and_the_log_is_whole(self) -> None:
        assert self.store.read(lambda connection: list(counts.adrift(connection))) == []
        assert self.store.read(events.verify).faults == ()

    @invariant()
    def every_answer_is_kept_once(self) -> None:
        stored = defaultdict(list)
        for row in self.rows(sa.select(answer.c.assignment, answer.c.value).order_by(answer.c.id)):
            stored[row.assignment].append(row.value)
        assert stored == self.given

    @invariant()
    def an_item_has_the_places_that_its_votes_ask_for(self) -> None:
        more = self.rules.more
        for row in self.rows(sa.select(item)):
            votes = Counter(row.value for row in self.rows(self.standing(row.seq)))
            first, second = [*(n for _, n in votes.most_common(2)), 0, 0][:2]
            disputed = more and K <= row.answered < more.most and first - second < more.lead
            wanted = max(K, row.answered + 1 if disputed else row.answered)
            assert row.places == max(wanted, row.taken)

    def standing(self, seq: int) -> sa.Select[Any]:
        return (
            sa.select(answer.c.value)
            .join(assignment, assignment.c.answer == answer.c.id)
            .where(assignment.c.item == seq, assignment.c.round == 1, ~answer.c.surplus)
        )

    @invariant()
    def the_line_has_one_place_for_each_item_and_keeps_to_the_priorities(self) -> None:
        lines = [row.line for row in self.rows(sa.select(item.c.line))]
        assert len(set(lines)) == len(ITEMS)
        assert all(abs(one // line.LEVEL) <= 3 for one in lines)

    @invariant()
    def a_repeat_is_of_what_the_rater_answered_and_takes_no_place(self) -> None:
        rows = self.rows(sa.select(assignment.c.rater, assignment.c.item, assignment.c.round))
        once = {(row.rater, row.item) for row in rows if row.round == 1}
        assert {(row.rater, row.item) for row in rows if row.round == 2} <= once
        assert max((row.round for row in rows), default=1) <= 2


N_EXAMPLES = pytest.mark.parametrize("n", [8, pytest.param(60, marks=pytest.mark.long)])


@N_EXAMPLES
def test_the_laws_of_assignment_hold_on_sqlite(n: int) -> None:
    run_state_machine_as_test(Assigning, settings=settings(max_examples=n, stateful_step_count=40, deadline=None))


@N_EXAMPLES
def test_the_laws_of_assignment_hold_on_postgresql(postgres: Postgres, n: int) -> None:
    class OnPostgres(Assigning):
        def new_database(self) -> str:
            return new_database(postgres)

    run_state_machine_as_test(OnPostgres, settings=settings(max_examples=n, stateful_step_count=30, deadline=None))
