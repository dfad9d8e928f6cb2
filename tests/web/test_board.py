"""The desk's figures follow what happens, and are not kept back by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event, Thread
from time import monotonic

import pytest

from middlemost.core.nouns import Item, Person, Submission
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments, skip
from middlemost.project.people import invite, join
from middlemost.project.standing import pulse
from middlemost.store import lending
from middlemost.web.board import Board
from middlemost.web.current import Current

PATIENCE = 60.0


@pytest.fixture
def board(project: Project) -> Iterator[Board]:
    board = Board(Current(project))
    board.start()
    yield board
    board.stop()


@pytest.fixture
def ada(project: Project) -> Person:
    return join(project, invite(project), "Ada").person


@contextmanager
def answering(project: Project, rater: Person) -> Iterator[None]:
    """Somebody who changes an answer again and again for as long as the block lasts."""
    stop = Event()
    lent = next_assignments(project, rater, 1)[0]

    def go() -> None:
        for n in count():
            if stop.is_set():
                return
            answer(project, rater, Submission(lent.id, ("kind", "rude")[n % 2], f"key-{n:08d}"))

    thread = Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_reader_gets_fresh_figures_while_answers_keep_coming(board: Board, project: Project, ada: Person) -> None:
    board.read(PATIENCE)
    with answering(project, ada):
        for n in range(3):
            add(project, [Item(f"new-{n}", "new")])
            asked = monotonic()
            snapshot = board.read(PATIENCE)
            assert monotonic() - asked < PATIENCE
            assert snapshot is not None
            assert snapshot.standing.progress.items == 7 + n


def test_figures_that_nothing_has_changed_are_not_worked_out_again(board: Board) -> None:
    first, again = board.read(PATIENCE), board.read(PATIENCE)
    assert first is not None
    assert again is not None
    assert first.standing is again.standing


def add_gold(project: Project, item: str, label: str) -> None:
    add(project, gold={item: label}, drawn="random")


@pytest.mark.parametrize(
    "change",
    [
        lambda project, _ada: add_gold(project, "i1", "kind"),
        lambda project, _ada: add_gold(project, "i4", "kind"),
        lambda project, ada: next_assignments(project, ada, 2),
        lambda project, ada: skip(project, ada, next_assignments(project, ada, 1)[0].id, "cut off"),
    ],
    ids=["gold for an earlier item", "another gold label", "a lease", "a skip"],
)
def test_the_figures_follow_gold_leases_and_skips(
    project: Project, ada: Person, change: Callable[[Project, Person], object]
) -> None:
    add_gold(project, "i4", "rude")
    next_assignments(project, ada, 1)
    before = pulse(project)
    change(project, ada)
    assert pulse(project) != before


def test_the_figures_follow_a_lapsed_lease(project: Project, ada: Person) -> None:
    next_assignments(project, ada, 1)
    before = pulse(project)
    assert project.store.write(lending.sweep, project.store.clock() + 1e6) == 1
    assert pulse(project) != before
