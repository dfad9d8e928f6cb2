"""Draws: at random, without replacement, closed to raters, and gold only when a whole draw is decided blind."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from middlemost.core.assigning import More
from middlemost.core.nouns import Item, Submission
from middlemost.core.protocol import Collection
from middlemost.errors import StateError
from middlemost.project.sample import chosen
from middlemost.store import answers, counts, decisions, editions, items, lending, people, samples
from middlemost.store.answers import Asked
from middlemost.store.schema import event
from middlemost.store.store import Store

from .conftest import Clock

ASKED = Asked(1, "hash", {"q": "[]"})
N = 12


@pytest.fixture
def answered(store: Store) -> Store:
    """Twelve items of three places; Ada and Bo have answered ten of them, two of which are a control item and gold."""
    store.write(editions.adopt_guidelines, "Listen.", now=1.0)
    store.write(editions.adopt_protocol, "hash", "name: x", 3, now=1.0)
    store.write(items.add, [Item(f"i{n:02d}", f"text {n}") for n in range(N)], 3)
    store.write(items.add_gold, {"i00": ("yes", "chosen")})
    for name in ("Ada", "Bo"):
        answer(store, store.write(people.add, name, "rater", now=1.0).id, 10)
    return store


def answer(store: Store, who: int, n: int, asked: Asked = ASKED, value: str = "yes") -> list[str]:
    lent = store.write(lending.lend, who, rounds=1, want=n, now=2.0, lease=600.0)
    for one in lent:
        store.write(answers.record, who, Submission(one.id, value, f"{who}-{one.id}"), {"q": value}, asked, now=3.0)
    return [one.item.id for one in lent]


def draw(store: Store, n: int, seed: int = 0) -> list[str]:
    number = store.write(samples.add, n, seed, chosen, None, now=4.0)
    return next([item.item for item in one.items] for one in store.read(samples.every) if one.id == number)


def decide(store: Store, item: str, blind: str | None, label: str = "no", *, scripted: bool = False) -> None:
    seq, *_ = store.read(items.one, item)
    store.write(decisions.add, seq, label, "so", None, scripted=scripted, blind=blind, now=5.0)


def gold(store: Store) -> dict[str, tuple[str, str, str]]:
    return {item: (label, how, source) for item, label, how, source in store.read(samples.known_labels)}


GIVEN = {"i00": ("yes", "chosen", "given")}


def test_items_are_drawn_from_those_with_answers_and_without_a_known_label(answered: Store) -> None:
    drawn = draw(answered, 9)
    assert sorted(drawn) == [f"i{n:02d}" for n in range(1, 10)]
    assert drawn != sorted(drawn)
    with pytest.raises(StateError, match="0 items to draw from"):
        draw(answered, 1)


def test_the_same_seed_draws_the_same_and_the_draw_is_logged(answered: Store) -> None:
    assert draw(answered, 4, seed=7) == [f"i{n + 1:02d}" for n in chosen(range(9), 4, 7)]
    query = sa.select(event.c.detail).where(event.c.did == "drew a sample")
    about = json.loads(answered.read(lambda connection: connection.execute(query).scalar_one()))
    assert (about["seed"], about["frame"], about["n"]) == (7, 9, 4)


def test_a_drawn_item_is_lent_no_more_whatever_comes_back(answered: Store, clock: Clock) -> None:
    cyd = answered.write(people.add, "Cyd", "rater", now=1.0).id
    held = answered.write(lending.lend, cyd, rounds=1, want=5, now=2.0, lease=600.0)
    drawn = set(draw(answered, 9))
    answered.write(lending.skip, cyd, held[1].id, "cut off", now=3.0)
    answered.write(lending.sweep, 1e6)
    answered.write(lending.set_places, 5)
    dan = answered.write(people.add, "Dan", "rater", now=1.0).id
    offered = {one.item.id for one in answered.write(lending.lend, dan, rounds=1, want=20, now=1e6, lease=600.0)}
    assert offered == {f"i{n:02d}" for n in range(N)} - drawn
    assert answered.read(lambda connection: list(counts.adrift(connection))) == []


def test_no_more_answers_are_asked_to_a_drawn_item_where_raters_disagree(answered: Store) -> None:
    cyd = answered.write(people.add, "Cyd", "rater", now=1.0).id
    held = answered.write(lending.lend, cyd, rounds=1, want=10, now=2.0, lease=600.0)
    drawn = set(draw(answered, 4))
    asked = Asked(1, "hash", {"q": "[]"}, Collection(answers_per_item=3, more=More(lead=2, most=5)), "q")
    for one in held:
        answered.write(answers.record, cyd, Submission(one.id, "no", f"c-{one.id}"), {"q": "no"}, asked, now=3.0)
    more = {name for name in (one.item.id for one in held) if answered.read(items.one, name)[2] > 3}
    assert more == {one.item.id for one in held} - drawn


def test_a_draw_that_is_decided_in_part_changes_nothing(answered: Store) -> None:
    drawn = draw(answered, 3)
    for item in drawn[:2]:
        decide(answered, item, "no")
    assert gold(answered) == GIVEN
    assert answered.read(samples.awaiting) == drawn[2:]
    decide(answered, drawn[2], "yes")
    assert gold(answered) == GIVEN | dict.fromkeys(drawn[:2], ("no", "random", "review")) | {
        drawn[2]: ("yes", "random", "review")
    }


def test_decisions_on_items_that_were_not_drawn_never_are_gold(answered: Store) -> None:
    for n in range(1, 10):
        decide(answered, f"i{n:02d}", "no")
    assert gold(answered) == GIVEN


def test_a_decision_that_was_not_blind_or_made_by_a_script_does_not_count(answered: Store) -> None:
    (item,) = draw(answered, 1)
    decide(answered, item, None)
    decide(answered, item, "no", scripted=True)
    assert gold(answered) == GIVEN
    decide(answered, item, "no", label="yes")
    decide(answered, item, "yes", label="yes")  # a second time nobody is blind any more
    assert gold(answered)[item] == ("no", "random", "review")


def test_a_later_draw_from_the_same_items_adds_to_the_sample(answered: Store) -> None:
    first = draw(answered, 3)
    for item in first:
        decide(answered, item, "no")
    second = draw(answered, 4, seed=5)
    assert not set(first) & set(second)
    assert set(gold(answered)) == {"i00", *first}
    for item in second:
        decide(answered, item, "no")
    assert set(gold(answered)) == {"i00", *first, *second}


def test_a_draw_from_other_items_takes_the_place_of_those_before_once_it_is_decided(answered: Store) -> None:
    first = draw(answered, 5)
    for item in first:
        decide(answered, item, "no")
    answer(answered, answered.write(people.add, "Cyd", "rater", now=1.0).id, 20)
    second = draw(answered, 11, seed=5)
    assert set(first) < set(second)  # afresh, from all of them
    assert set(answered.read(samples.awaiting)) == set(second) - set(first)  # what was said blind counts at once
    assert set(gold(answered)) == {"i00", *first}
    for item in answered.read(samples.awaiting):
        decide(answered, item, "yes")
    assert set(gold(answered)) == {"i00", *second}


def test_a_label_that_is_given_later_goes_before_what_was_said_and_its_item_stays_drawn_at_random(
    answered: Store,
) -> None:
    first, second = draw(answered, 2)
    answered.write(items.add_gold, {first: ("yes", "chosen")})
    decide(answered, first, "no")
    decide(answered, second, "no")
    assert gold(answered)[first] == ("yes", "random", "given")
    assert gold(answered)[second] == ("no", "random", "review")


def test_control_items_are_not_drawn(answered: Store) -> None:
    answered.write(items.add, [Item("c", "control")], 0, control=True)
    assert len(answered.read(samples.population)) == 9
