"""The server's clock goes an hour, a day or a year back and forth while raters work: nobody loses by it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from middlemost.core.nouns import Item, Person, Submission
from middlemost.project.add import add
from middlemost.project.answer import answer, take_back
from middlemost.project.doctor import doctor
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments, reached_limit
from middlemost.project.people import invite, join
from middlemost.project.progress import progress
from middlemost.project.standing import standing
from middlemost.store import answers
from middlemost.store import schema as tables
from middlemost.web.serve import serving

from .signed import Signed, sign_in

MINUTE, HOUR, DAY, YEAR = 60.0, 3600.0, 86_400.0, 365 * 86_400.0
NOON = 20_000 * DAY + 12 * HOUR
PLACES, N_ITEMS = 2, 60
PROTOCOL = """\
name: Clock
paradigm: prescriptive
questions:
  - {id: tone, ask: "Which?", options: [{id: a}, {id: b}]}
collection:
  answers_per_item: 2
  lease_minutes: 30
"""


class Clock:
    now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rules() -> str:
    return ""


@pytest.fixture
def project(tmp_path: Path, database: str, clock: Clock, rules: str) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL + rules)
    (tmp_path / "guidelines.md").write_text("Listen.\n")
    with Project.open(tmp_path, database=database, clock=clock) as opened:
        add(opened, [Item(f"i{n}", f"text {n}") for n in range(N_ITEMS)])
        yield opened


@pytest.fixture
def ada(project: Project) -> Person:
    return person(project, "Ada")


def person(project: Project, name: str) -> Person:
    return join(project, invite(project), name).person


def work(project: Project, rater: Person, n: int) -> int:
    """Answer up to `n` items; how many there were."""
    for done in range(n):
        lent = next_assignments(project, rater, 1)
        if not lent:
            return done
        answer(project, rater, Submission(lent[0].id, "a", uuid4().hex))
    return n


def over_assigned(project: Project) -> list[str]:
    """Items with more counted answers than places."""
    by_item = (
        sa.select(tables.item.c.id)
        .join(tables.assignment, tables.assignment.c.item == tables.item.c.seq)
        .join(tables.answer, tables.answer.c.assignment == tables.assignment.c.id)
        .where(~tables.answer.c.surplus)
        .group_by(tables.item.c.id)
        .having(sa.func.count() > PLACES)
    )
    return project.store.read(lambda connection: list(connection.execute(by_item).scalars()))


def test_whatever_the_clock_does_every_answer_is_kept_and_no_item_has_too_many(
    project: Project, clock: Clock, tmp_path: Path, database: str
) -> None:
    dice, sent = random.Random(20261123), 0
    raters = [person(project, f"R{n}") for n in range(4)]
    held: list[tuple[Person, int]] = []
    for _ in range(150):
        clock.now += dice.choice([MINUTE, MINUTE, MINUTE, HOUR, -HOUR, DAY, -DAY, -YEAR, YEAR])
        rater = dice.choice(raters)
        held += [(rater, one.id) for one in next_assignments(project, rater, 3) if (rater, one.id) not in held]
        while held and dice.random() < 0.6:  # also those whose leases lapsed long ago, or never will
            whose, which = held.pop(dice.randrange(len(held)))
            answer(project, whose, Submission(which, dice.choice("ab"), uuid4().hex))
            sent += 1
    while sum(work(project, rater, N_ITEMS) for rater in raters):
        clock.now += YEAR
    rows = project.store.read(answers.every)
    assert len(rows) >= sent > 80
    assert over_assigned(project) == []
    found = progress(project)
    assert found.answers == PLACES * N_ITEMS
    assert standing(project).progress == found
    project.store.seal()
    assert doctor(tmp_path, database=database).faults == ()


def test_an_item_lent_while_the_clock_was_ahead_is_free_again_when_it_is_right(
    project: Project, clock: Clock, ada: Person
) -> None:
    clock.now += YEAR
    gone = [next_assignments(project, one, N_ITEMS // 3) for one in (ada, person(project, "Bob"))]
    assert [one.item.id for one in gone[0]] == [one.item.id for one in gone[1]]
    clock.now -= YEAR
    eve = person(project, "Eve")
    assert {one.item.id for one in next_assignments(project, eve, 20)}.isdisjoint(one.item.id for one in gone[0])
    clock.now += 31 * MINUTE
    assert {one.item.id for one in gone[0]} & {
        one.item.id for one in next_assignments(project, person(project, "Kim"), 20)
    }
    late = answer(project, ada, Submission(gone[0][0].id, "a", uuid4().hex))
    assert late.kept in {"counted", "surplus"}
    assert over_assigned(project) == []


@pytest.mark.parametrize("rules", ["  limits: {a_day: 5}\n"])
def test_an_hour_back_gives_nobody_another_day(project: Project, clock: Clock, ada: Person) -> None:
    assert work(project, ada, 9) == 5
    clock.now -= HOUR
    assert work(project, ada, 9) == 0
    limit = reached_limit(project, ada)
    assert limit is not None
    assert (limit.what, limit.until) == ("a_day", NOON + 12 * HOUR)
    clock.now += DAY
    assert work(project, ada, 9) == 5


@pytest.mark.parametrize("rules", ["  limits: {a_session: 5, pause_minutes: 30}\n"])
def test_a_session_of_a_clock_that_was_a_day_ahead_keeps_nobody_waiting_for_a_day(
    project: Project, clock: Clock, ada: Person
) -> None:
    clock.now += DAY
    assert work(project, ada, 9) == 5
    clock.now -= DAY
    assert work(project, ada, 9) == 5
    clock.now -= 5 * MINUTE
    assert work(project, ada, 9) == 0, "five minutes are no pause, whichever way they go"
    limit = reached_limit(project, ada)
    assert limit is not None
    assert limit.until is not None
    assert limit.until - clock.now <= 35 * MINUTE


def test_answers_stay_in_the_order_in_which_they_came(project: Project, clock: Clock, ada: Person) -> None:
    lent = next_assignments(project, ada, 3)
    for one in lent:
        clock.now -= HOUR
        answer(project, ada, Submission(one.id, "a", uuid4().hex))
    answer(project, ada, Submission(lent[0].id, "b", uuid4().hex))
    last = take_back(project, ada)
    assert last is not None
    assert (last.id, last.given) == (lent[0].id, {"tone": "b"}), "a correction stands, though the clock is behind"
    before = take_back(project, ada, before=last.id)
    assert before is not None
    assert before.id == lent[2].id


def post(rater: Signed, path: str, body: dict) -> httpx.Response:
    return rater.client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})


def test_raters_on_their_pages_work_on_through_every_jump(
    project: Project, clock: Clock, tmp_path: Path, database: str
) -> None:
    """Over HTTP: nobody is signed out by a day, and who is by a year is told so, and loses nothing."""
    with serving(project) as address, sign_in(address, f"/join/{invite(project)}", "Ada") as rater:
        n = 0
        for jump in (HOUR, -HOUR, DAY, -DAY, -YEAR, YEAR):
            clock.now += jump
            for lent in post(rater, "/api/next", {"want": 3}).json()["assignments"]:
                assert 0 < lent["expires_in"] <= 60 * MINUTE
                assert post(rater, "/api/answers", {"assignment": lent["id"], "value": "a"}).status_code == 201
                n += 1
        (held,) = post(rater, "/api/next", {"want": 1}).json()["assignments"]
        clock.now += YEAR
        with serving(project) as other:  # a server that does not remember who is signed in
            rater.client.base_url = httpx.URL(other)
            refused = post(rater, "/api/answers", {"assignment": held["id"], "value": "a"})
            assert refused.status_code == 401
            assert refused.json()["mend"] == "Sign in, or open the link that you were given once more."
            clock.now -= YEAR
            assert post(rater, "/api/answers", {"assignment": held["id"], "value": "a"}).status_code == 201
    assert progress(project).answers == n + 1 == 19
    project.store.seal()
    assert doctor(tmp_path, database=database).faults == ()
