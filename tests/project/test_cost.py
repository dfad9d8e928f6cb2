"""What a collection has cost, and what the rest of it will."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from middlemost.core.nouns import Item, Person, Submission
from middlemost.core.protocol import Pay
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.cost import Cost, cost
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.pay import pay
from middlemost.project.people import invite, join
from middlemost.project.standing import standing
from middlemost.store import items

N = 40


@contextmanager
def paid(folder: Path, declared: str, collection: str = "") -> Iterator[Project]:
    path = folder / "protocol.yaml"
    path.write_text(f"{path.read_text()}{collection}pay: {declared}\n")
    with Project.open(folder) as project:
        add(project, [Item(f"i{n:02d}", f"text {n}") for n in range(N)])
        yield project


def work(project: Project, person: Person, pages: int, seconds: Callable[[int], float]) -> None:
    for n in range(pages):
        (lent,) = next_assignments(project, person, 1)
        key = f"{person.id}-{n:06d}"
        answer(project, person, Submission(lent.id, "kind", key, active_ms=round(1000 * seconds(n))))


def people(project: Project, n: int, **settings: object) -> list[Person]:
    return [join(project, invite(project, **settings), f"Rater {number}").person for number in range(n)]


def known(project: Project) -> Cost:
    found = cost(project)
    assert found is not None
    return found


def test_by_the_item_the_rest_is_exact(folder: Path) -> None:
    with paid(folder, "{per_item: 0.25, currency: EUR}") as project:
        assert known(project) == Cost("EUR", "item", 0.0, 80, 20.0, 20.0, 20.0)
        work(project, people(project, 1)[0], 10, lambda _: 5)
        found = known(project)
        assert (found.earned, found.pages, found.left, found.exact) == (2.5, 70, 17.5, True)


def test_by_the_hour_the_interval_is_of_how_raters_differ(folder: Path) -> None:
    with paid(folder, "{per_hour: 18, currency: EUR}") as project:
        assert (known(project).left, known(project).note) == (None, "nobody knows yet how long an answer takes")
        slow, quick = people(project, 2)
        work(project, slow, 10, lambda _: 20)
        assert (known(project).left, known(project).low) == (7.0, None)
        work(project, quick, 10, lambda _: 10)
        found = known(project)
        assert found.earned == pytest.approx(sum(one.amount for one in pay(project))) == 1.5
        assert found.left == 60 * 15 * 18 / 3600
        assert found.low < found.left < found.high
        assert standing(project).cost == found


def test_raters_who_have_nothing_in_common_give_no_interval(folder: Path) -> None:
    with paid(folder, "{per_hour: 18, currency: EUR}") as project:
        one, other = people(project, 2)
        work(project, one, 30, lambda _: 0.1)
        work(project, other, 1, lambda _: 3000)
        found = known(project)
        assert found.left is not None
        assert (found.low, found.high) == (None, None)
        assert "too far apart" in found.note


def test_when_all_is_there_nothing_is_left_to_pay(folder: Path) -> None:
    for_all = "{per_hour: 18, currency: EUR}"
    with paid(folder, for_all) as project:
        for person in people(project, 2):
            work(project, person, N, lambda _: 10)
        assert (known(project).pages, known(project).left, known(project).exact) == (0, 0.0, True)


def test_repeats_and_control_items_are_paid_too(folder: Path) -> None:
    rules = "  repeats: {share: 0.25, after: 1}\n  controls: {share: 0.2}\n"
    with paid(folder, "{per_item: 1, currency: EUR}", rules) as project:
        assert known(project).left == 80 * 1.25  # no control items are there yet, nor raters
        project.store.write(items.add, [Item(f"c{n}", "control") for n in range(50)], 0, control=True)
        people(project, 1)
        found = known(project)
        assert found.left == 80 * (1 + 0.25 + 0.25)  # a fifth of all that a rater is given
        assert found.low < found.left < found.high


def test_raters_who_see_each_item_again_are_paid_again(folder: Path) -> None:
    with paid(folder, "{per_item: 1, currency: EUR}") as project:
        (ada,) = people(project, 1, rounds=2)
        work(project, ada, 10, lambda _: 5)
        assert known(project).left == 70 * 2 + 10  # what is left, twice; and the second time of those ten
        assert known(project).exact


def test_without_pay_in_the_protocol_nothing_is_said(project: Project) -> None:
    assert cost(project) is None
    assert standing(project).cost is None


def test_the_interval_holds_what_the_rest_costs(folder: Path) -> None:
    """Raters at paces of their own, eight of them so far; 90 % within the error of so many runs."""
    from middlemost.project.cost import _by_the_hour, _Pages, _priced  # the clock of a whole collection takes too long

    rng, held, runs = np.random.default_rng(2), 0, 400
    for _ in range(runs):
        pace = rng.lognormal(3, 0.4, size=8)
        given = rng.integers(20, 60, size=8)
        rows = [Row(int(n), 1000 * float(rng.gamma(4, pace[rater] / 4, size=n).sum())) for rater, n in enumerate(given)]
        price = _by_the_hour(18.0, rows)
        found = _priced(Cost("EUR", "hour", 0.0, 1000, None, None, None), _Pages(1000, 0.0), price)
        truth = 1000 * np.exp(3 + 0.4**2 / 2) * 18 / 3600
        held += found.low <= truth <= found.high
    assert 0.86 <= held / runs <= 0.94


class Row:
    def __init__(self, pages: int, active_ms: float) -> None:
        self.pages, self.active_ms = pages, active_ms


def test_pay_declares_what_a_page_and_an_hour_are_worth() -> None:
    assert Pay(per_item=0.2, currency="EUR").earned(3, 1e6) == pytest.approx(0.6)
