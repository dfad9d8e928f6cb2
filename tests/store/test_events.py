"""The audit log: everything that changes something is told, and whoever changes what was told is found out."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from middlemost.core.nouns import Item, Submission
from middlemost.store import answers, decisions, editions, events, flags, items, lending, people
from middlemost.store.answers import Asked
from middlemost.store.people import Invitation
from middlemost.store.schema import answer, event, seal
from middlemost.store.store import Store

from .conftest import Clock

ASKED = Asked(1, "hash", {"q": "[]", "why": "[]"})
PAGE = {"q": "yes", "why": "so"}


def told(store: Store) -> list[tuple[str, str, dict[str, object]]]:
    query = sa.select(event.c.actor, event.c.did, event.c.detail).order_by(event.c.id)
    rows = store.read(lambda connection: list(connection.execute(query)))
    return [(row.actor, row.did, json.loads(row.detail)) for row in rows]


def faults(store: Store) -> dict[str, str]:
    store.seal()
    return {fault.where: fault.what for fault in store.read(events.verify).faults}


def change(store: Store, statement: sa.UpdateBase) -> None:
    store.write(lambda connection: connection.execute(statement))


@pytest.fixture
def worked(store: Store) -> Store:
    """Ada has answered three items, two questions each, each page under a seal of its own."""
    store.write(editions.adopt_guidelines, "Listen.", now=1.0)
    store.write(editions.adopt_protocol, "hash", "name: x", 1, now=1.0)
    store.write(items.add, [Item(f"i{n}", f"text {n}") for n in range(5)], 1)
    ada = store.write(people.add, "Ada", "rater", now=1.0).id
    for n in range(3):
        (lent,) = store.write(lending.lend, ada, rounds=1, want=1, now=2.0 + n, lease=600.0)
        store.write(answers.record, ada, Submission(lent.id, PAGE, f"key-{n}"), PAGE, ASKED, now=2.5 + n)
        store.seal()
    return store


def test_whoever_does_something_is_told_by_pseudonym_with_what_was_in_force(worked: Store) -> None:
    query = sa.select(event).where(event.c.did == "answered").order_by(event.c.id)
    first = worked.read(lambda connection: connection.execute(query).first())
    assert (first.at, first.actor, first.guideline_version, first.protocol_hash) == (2.5, "r-001", 1, "hash")
    assert json.loads(first.detail) == {"assignment": 1, "digest": events.digest_of_page(PAGE, "key-0"), "revision": 1}
    assert [did for _, did, _ in told(worked)].count("answered") == 3  # an entry a page
    assert "Ada" not in str(told(worked))


def test_every_change_is_told(worked: Store, clock: Clock) -> None:
    before = len(told(worked))
    worked.write(people.add_invite, "token", Invitation("rater", uses=2), now=5.0)
    grace = worked.write(people.join, "token", "Grace", now=6.0)
    worked.write(people.start_session, "session", grace.id, now=6.0, lasts=60.0)
    one, two = worked.write(lending.lend, grace.id, rounds=1, want=2, now=7.0, lease=10.0)
    worked.write(lending.lend, grace.id, rounds=1, want=2, now=13.0, lease=10.0)
    for _ in range(2):
        worked.write(flags.add, grace.id, one.id, "a note to the lead", "flag-1", now=13.5)
    worked.write(lending.skip, grace.id, one.id, "I know the author", now=14.0)
    worked.write(lending.sweep, now=99.0)
    worked.write(decisions.add, 1, "no", "a reason", None, scripted=False, now=100.0)
    worked.write(editions.adopt_guidelines, "Listen well.", now=101.0)
    worked.write(editions.adopt_protocol, "newer", "name: y", 2, now=102.0)
    worked.write(people.end_session, "session", now=103.0)
    news = told(worked)[before:]
    assert [(actor, did) for actor, did, _ in news] == [
        ("command line", "invited"),
        ("r-002", "joined"),
        ("r-002", "lent"),
        ("r-002", "lent"),
        ("r-002", "renewed"),
        ("r-002", "flagged"),
        ("r-002", "skipped"),
        ("server", "lapsed"),
        ("command line", "decided"),
        ("command line", "changed the guidelines"),
        ("command line", "changed the protocol"),
        ("r-002", "signed out"),
    ]
    assert news[7][2] == {"assignments": [two.id]}
    assert not [
        secret for secret in ("token", "Grace", "author", "reason", "a note") if f'"{secret}' in json.dumps(news)
    ]
    assert faults(worked) == {}


def test_an_operation_that_failed_left_nothing_in_the_log(worked: Store) -> None:
    before = told(worked)

    def fail(connection: sa.Connection) -> None:
        events.note(connection, "failed", {}, now=9.0)
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        worked.write(fail)
    assert told(worked) == before


def number(store: Store, did: str, nth: int = 0) -> int:
    query = sa.select(event.c.id).where(event.c.did == did).order_by(event.c.id).offset(nth).limit(1)
    return store.read(lambda connection: connection.execute(query).scalar_one())


def of(store: Store, did: str, nth: int = 0) -> tuple[int, sa.ColumnElement[bool]]:
    which = number(store, did, nth)
    return which, event.c.id == which


def changed(did: str, **values: object) -> Callable[[Store], tuple[int, sa.UpdateBase]]:
    return lambda store: (of(store, did)[0], sa.update(event).where(of(store, did)[1]).values(values))


TAMPERS: dict[str, Callable[[Store], tuple[int, sa.UpdateBase]]] = {
    "another actor": changed("answered", actor="r-9"),
    "another time": changed("lent", at=1.5),
    "another detail": changed("lent", detail="{}"),
    "another protocol": changed("answered", protocol_hash="other"),
    "a row less": lambda store: (of(store, "lent", 1)[0], sa.delete(event).where(of(store, "lent", 1)[1])),
}


@pytest.mark.parametrize("name", TAMPERS)
def test_a_changed_or_deleted_event_is_found_and_its_seal_named(worked: Store, name: str) -> None:
    assert faults(worked) == {}
    which, tamper = TAMPERS[name](worked)
    change(worked, tamper)
    (where,) = faults(worked)
    low, high = (int(part) for part in where.partition("events ")[2].rstrip(")").split(" to "))
    assert low <= which <= high


def test_events_in_another_order_are_found(worked: Store) -> None:
    first, second = number(worked, "lent"), number(worked, "lent", 1)

    def swap(connection: sa.Connection) -> None:
        for before, after in ((first, -1), (second, first), (-1, second)):
            connection.execute(sa.update(event).where(event.c.id == before).values(id=after))

    worked.write(swap)
    assert list(faults(worked).values()) == ["an event under it, or the seal itself, was changed"] * 2


def test_an_event_in_place_of_another_is_found(worked: Store) -> None:
    row = {"at": 3.5, "actor": "r-001", "did": "answered", "detail": "{}"}
    change(worked, sa.update(event).where(event.c.id == number(worked, "answered", 1)).values(row))
    found = faults(worked)
    assert found.pop("answer 3") == "the log does not know it"
    assert found.pop("revision None of the answer to assignment None") == "it is in the log alone"
    assert list(found.values()) == ["an event under it, or the seal itself, was changed"]


def test_seals_made_anew_over_a_changed_event_no_longer_are_what_others_were_told(worked: Store) -> None:
    worked.seal()
    noted = worked.read(events.newest_seal)
    change(worked, sa.update(event).where(event.c.id == number(worked, "lent")).values(at=1.5))
    change(worked, sa.delete(seal))
    assert faults(worked) == {}  # whoever may write everything can write another log
    assert not worked.read(events.knows, noted)  # but not the seal that somebody wrote down


def test_a_log_cut_short_is_found_by_the_answers_it_does_not_know(worked: Store) -> None:
    cut = number(worked, "answered", 2)
    change(worked, sa.delete(event).where(event.c.id >= cut))
    change(worked, sa.delete(seal).where(seal.c.upto >= cut))
    assert faults(worked) == {"answer 5": "the log does not know it"}


def test_an_answer_that_was_changed_or_removed_is_found(worked: Store) -> None:
    change(worked, sa.update(answer).where(answer.c.id == 2).values(value="no"))
    change(worked, sa.delete(answer).where(answer.c.id == 4))
    change(worked, sa.delete(answer).where(answer.c.id > 4))
    assert faults(worked) == {
        "answer 1": "the log says it was another",
        "answer 3": "the log says it was another",
        "revision 1 of the answer to assignment 3": "it is in the log alone",
    }


@pytest.mark.parametrize(
    "values", [{"question": "other"}, {"key": "other"}, {"revision": 2}, {"assignment": 2, "question": "o"}]
)
def test_an_answer_that_was_moved_to_another_page_or_question_is_found(
    worked: Store, values: dict[str, object]
) -> None:
    change(worked, sa.update(answer).where(answer.c.id == 2).values(values))
    assert faults(worked)


def test_a_seal_that_is_gone_is_found(worked: Store) -> None:
    change(worked, sa.delete(seal).where(seal.c.number == 2))
    worked.seal()
    assert "seal 2 is missing before it" in [fault.what for fault in worked.read(events.verify).faults]
