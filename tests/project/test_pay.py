"""What raters earn: for every page, once; for all their time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from middlemost.core.nouns import Item, Person, Submission
from middlemost.errors import ProtocolError, SettingError, StateError
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.pay import pay
from middlemost.project.people import invite, join

START = 1_800_000_000.0


class Work:
    """A project on a clock, and a rater who answers."""

    def __init__(self, folder: Path, declared: str) -> None:
        path = folder / "protocol.yaml"
        path.write_text(path.read_text() + declared)
        self.now = START
        self.project = Project.open(folder, clock=lambda: self.now)
        add(self.project, [Item(f"i{n}", f"text {n}") for n in range(4)])
        self.ada: Person = join(self.project, invite(self.project), "Ada").person

    def answer(self, key: str, milliseconds: int | None, assignment: int | None = None) -> int:
        lent = assignment or next_assignments(self.project, self.ada, 1)[0].id
        answer(self.project, self.ada, Submission(lent, "kind", key, active_ms=milliseconds))
        return lent


@pytest.fixture
def hourly(folder: Path) -> Iterator[Work]:
    work = Work(folder, "pay: {per_hour: 18, currency: EUR}\n")
    yield work
    work.project.close()


def test_an_hour_is_paid_with_the_time_of_corrections(hourly: Work) -> None:
    first = hourly.answer("a", 1_200_000)
    hourly.answer("a2", 600_000, first)
    hourly.answer("b", None)
    (earned,) = pay(hourly.project, until=START + 1)
    assert (earned.rater, earned.name, earned.items, earned.hours, earned.untimed) == ("r-001", "Ada", 2, 0.5, 1)
    assert (earned.amount, earned.currency) == (9.0, "EUR")


def test_only_what_was_sent_in_the_time_is_paid(hourly: Work) -> None:
    hourly.answer("a", 3_600_000)
    hourly.now += 86_400
    hourly.answer("b", 7_200_000)
    assert [one.hours for one in pay(hourly.project, START, START + 86_400)] == [1.0]
    assert [one.hours for one in pay(hourly.project, START + 86_400, START + 90_000)] == [2.0]
    with pytest.raises(SettingError, match="before"):
        pay(hourly.project, 2.0, 1.0)


def test_an_item_is_paid_once_however_often_it_is_corrected(folder: Path) -> None:
    work = Work(folder, "pay: {per_item: 0.25, currency: USD}\n")
    first = work.answer("a", None)
    work.answer("a2", None, first)
    work.answer("b", None)
    assert [(one.items, one.amount) for one in pay(work.project, until=START + 1)] == [(2, 0.5)]
    work.project.close()


def test_without_pay_in_the_protocol_there_is_none_to_tell(project: Project) -> None:
    with pytest.raises(StateError, match="does not say what raters earn"):
        pay(project)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("{currency: EUR}", "per_item"),
        ("{per_item: 1, per_hour: 2, currency: EUR}", "per_item"),
        ("{per_item: 1, currency: euro}", "has to be three capital letters"),
        ("{per_item: -1, currency: EUR}", "has to be more than 0"),
    ],
)
def test_pay_is_by_the_item_or_by_the_hour(folder: Path, declared: str, words: str) -> None:
    path = folder / "protocol.yaml"
    path.write_text(path.read_text() + f"pay: {declared}\n")
    with pytest.raises(ProtocolError, match=words):
        Project.open(folder)
