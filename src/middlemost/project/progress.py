"""How far a project has come, and each rater in it."""

from __future__ import annotations

from dataclasses import dataclass

from middlemost.core.nouns import Person
from middlemost.project.folder import Project
from middlemost.store import counts, limits


@dataclass(frozen=True)
class Progress:
    """`wanted` answers in all, of which `answers` are there; `complete` items have all of theirs.

    `surplus` answers came too late for a place, `lent` assignments are out, `skipped` ones were given back.
    """

    items: int
    complete: int
    answers: int
    wanted: int
    surplus: int
    lent: int
    skipped: int
    raters: int
    last_answer_at: float | None


@dataclass(frozen=True)
class RaterProgress:
    """What a rater has answered, and what is left for them now, with what they hold and with repeats."""

    done: int
    left: int


def progress(project: Project) -> Progress:
    """How far the project has come."""
    return Progress(**project.store.read(counts.of_project))


def rater_progress(project: Project, person: Person) -> RaterProgress:
    """How far one rater has come. What is left is what is free, no more than their limits allow."""
    done, left = project.store.read(counts.of_rater, person.id, person.rounds)
    most = project.store.read(limits.room, person.id, project.protocol.collection.limits, project.store.clock())
    return RaterProgress(done, min(left, most))
