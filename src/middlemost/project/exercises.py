"""`exercises`: what raters are trained and tested with, and the control items that are mixed in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from middlemost.core.nouns import Item
from middlemost.core.protocol import Collection
from middlemost.core.qualifying import Exercise
from middlemost.errors import StateError
from middlemost.files.exercises import read_controls, read_exercises
from middlemost.project.add import require_shown
from middlemost.project.folder import Project
from middlemost.store import events
from middlemost.store import exercises as stored
from middlemost.store import items as stored_items


@dataclass(frozen=True)
class Exercises:
    """How many there are."""

    training: int
    test: int
    controls: int


def add_exercises(
    project: Project,
    *,
    training: str | Path | None = None,
    test: str | Path | None = None,
    controls: str | Path | None = None,
) -> Exercises:
    """Add what the files hold, all of it or nothing; how many there are then. Adding them again changes nothing.

    Their columns are those of items, and `label`: the right answer to the first choice; and `why`, which feedback in
    training says. InputError for a label that is missing or no option, and for an item that is there with another
    content. StateError for a test or control items in a descriptive project, or where no question is a choice.
    """
    if test or controls:
        _require_right_answers(project)
    options = project.options if project.protocol.paradigm == "prescriptive" else ()
    found: list[Exercise] = []
    if training is not None:
        found += read_exercises(Path(training), "training", options, needed=False)
    if test is not None:
        found += read_exercises(Path(test), "test", options, needed=True)
    known = read_controls(Path(controls), options) if controls is not None else []
    for shown in (*(Item(one.id, one.text, one.fields) for one in found), *(item for item, _ in known)):
        require_shown(project, shown)
    project.store.write(_add, found, known, project.protocol.collection, project.store.clock())
    return exercises(project)


def _require_right_answers(project: Project) -> None:
    if project.protocol.paradigm == "descriptive":
        raise StateError("In a descriptive project no answer is wrong: there is nothing to be tested.")
    if not project.options:
        raise StateError("A test asks for the right answer to a choice, and no question here is one.")


def _add(
    connection: sa.Connection, found: list[Exercise], known: list[tuple[Item, str]], rules: Collection, now: float
) -> None:
    stored.add(connection, found, now=now)
    if not known:
        return
    new = stored_items.add(connection, [item for item, _ in known], 0, rules, control=True)
    labels = {item.id: (label, "chosen") for item, label in known}
    stored_items.add_gold(connection, labels)
    about = {"controls": new, "digest": events.digest(sorted(labels.items()))}
    events.note(connection, "added exercises", about, now=now)


def exercises(project: Project) -> Exercises:
    """How many there are."""
    every = project.store.read(stored.every)
    n = {stage: sum(one.stage == stage for one in every) for stage in ("training", "test")}
    return Exercises(n["training"], n["test"], len(project.store.read(stored_items.controls)))
