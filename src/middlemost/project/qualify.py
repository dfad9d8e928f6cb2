"""`qualify`: raters go through training and a test before they are lent items; leads let them in or send them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from middlemost.core.nouns import Item, Person
from middlemost.core.qualifying import Attempt, Course, Exercise, Qualification, Stage, Test, course
from middlemost.errors import AccessError, InputError, MissingError, Place, StateError
from middlemost.project.answer import LONGEST_KEY, page_of
from middlemost.project.folder import Project
from middlemost.project.next import require_rater
from middlemost.store import exercises as stored
from middlemost.store import people
from middlemost.store.exercises import Tried
from middlemost.store.line import drawn
from middlemost.store.sql import hold

LONGEST_REASON = 500


@dataclass(frozen=True)
class Feedback:
    """What a rater is told of an answer in training: whether it was right, what is right, and why.

    `right` and `label` are None where no answer is right.
    """

    right: bool | None
    label: str | None
    why: str | None


@dataclass(frozen=True)
class Lesson:
    """Where a rater stands, and the exercise that comes next, None where none does.

    `feedback`: on the answer that was given just now; None in a test.
    """

    course: Course
    exercise: Exercise | None
    feedback: Feedback | None = None


@dataclass(frozen=True)
class Practice:
    """An answer to an exercise on its way in; `values` are answers by question. `key`: a retry repeats it."""

    exercise: int
    values: object
    key: str
    active_ms: int | None = None


@dataclass(frozen=True)
class Candidate:
    """Where a rater stands, since when they may be lent items, and why a lead let them in or sent them again."""

    rater: str
    course: Course
    turn: int
    admitted_at: float | None
    reason: str | None


def lesson(project: Project, person: Person) -> Lesson:
    """What `person` has to go through next. Where there is nothing left to go through, they are let in."""
    require_rater(person)
    asked = project.protocol.collection.qualification
    if asked is None:
        return Lesson(Course("admitted"), None)
    now = project.store.clock()
    found, next_up = project.store.read(_look, project, asked, person.id, now)
    if found.where == "admitted" and project.store.read(stored.turn_of, person.id)[1] is None:
        project.store.write(stored.admit, person.id, None, now=now)
    return Lesson(found, next_up)


def practise(project: Project, person: Person, sent: Practice) -> Lesson:
    """Keep an answer to an exercise; what comes next, in training with feedback. The same key again changes nothing.

    MissingError if it is none of the exercises that are to be answered now; InputError for an answer that cannot be.
    """
    require_rater(person)
    asked = project.protocol.collection.qualification
    if asked is None:
        raise StateError("There is nothing to go through in this project.", mend="Open the page /rate.")
    if not 1 <= len(sent.key) <= LONGEST_KEY:
        raise InputError(f"An idempotency key has 1 to {LONGEST_KEY} characters.", place=Place(column="key"))
    return project.store.write(_practise, project, asked, person, sent, project.store.clock())


def admit(project: Project, pseudonym: str, reason: str, *, by: Person | None = None) -> None:
    """Let a rater be lent items although they have not passed. MissingError if nobody is called so."""
    rater, reason = _called(project, pseudonym, reason, by)
    project.store.write(stored.admit, rater.id, reason, by=by.id if by else None, now=project.store.clock())


def send_again(project: Project, pseudonym: str, reason: str, *, by: Person | None = None) -> None:
    """Have a rater go through training and test once more, say because the guidelines have changed."""
    rater, reason = _called(project, pseudonym, reason, by)
    if project.protocol.collection.qualification is None:
        mend = "Declare `qualification` under `collection` in protocol.yaml."
        raise StateError("There is nothing to go through in this project.", mend=mend)
    project.store.write(stored.send_again, rater.id, reason, by=by.id if by else None, now=project.store.clock())


def candidates(project: Project) -> tuple[Candidate, ...]:
    """Where every rater stands; nobody where the protocol asks for nothing."""
    asked = project.protocol.collection.qualification
    if asked is None:
        return ()
    return project.store.read(_candidates, project, asked, project.store.clock())


def _candidates(connection: sa.Connection, project: Project, asked: Qualification, now: float) -> tuple[Candidate, ...]:
    rows = stored.overview(connection)
    return tuple(
        Candidate(name, _look(connection, project, asked, row.id, now)[0], row.turn or 1, row.admitted_at, row.reason)
        for name, row in rows.items()
    )


def _look(
    connection: sa.Connection, project: Project, asked: Qualification, rater: int, now: float
) -> tuple[Course, Exercise | None]:
    """Where a rater stands, and their next exercise."""
    turn, admitted_at = stored.turn_of(connection, rater)
    made, every = stored.attempts(connection, rater, turn), stored.every(connection)
    staged = {stage: [one.seq for one in every if one.stage == stage] for stage in ("training", "test")}
    found = course(asked, staged["training"], staged["test"], made, now)
    if admitted_at is not None:
        return replace(found, where="admitted", until=None), None
    left = _left(project, asked, rater, turn, found, staged, made)
    return found, next((one for one in every if left and one.seq == left[0]), None)


def _left(
    project: Project,
    asked: Qualification,
    rater: int,
    turn: int,
    found: Course,
    staged: dict[str, list[int]],
    made: Sequence[Attempt],
) -> list[int]:
    """The exercises of the stage that are still to be answered, in the order in which they come."""
    if found.where == "training":
        return _unanswered(staged["training"], "training", 1, made)
    if found.where == "test" and asked.test:
        by = f"{project.protocol.collection.seed} {rater} {turn} {found.number}"
        return _unanswered(_paper(staged["test"], asked.test, by), "test", found.number, made)
    return []


def _paper(test: list[int], asked: Test, by: str) -> list[int]:
    """The exercises of one try, drawn and mixed by `by`."""
    mixed = sorted(test, key=lambda seq: drawn(by, seq))
    return mixed[: asked.items]


def _unanswered(these: Sequence[int], stage: Stage, number: int, made: Sequence[Attempt]) -> list[int]:
    had = {one.exercise for one in made if (one.stage, one.number) == (stage, number)}
    return [seq for seq in these if seq not in had]


def _practise(
    connection: sa.Connection, project: Project, asked: Qualification, person: Person, sent: Practice, now: float
) -> Lesson:
    hold(connection, person.id)
    every = {one.seq: one for one in stored.every(connection)}
    exercise = every.get(sent.exercise)
    if exercise is None:
        raise MissingError("There is no such exercise.")
    page = page_of(project, sent.values, Item(exercise.id, exercise.text, exercise.fields))
    before = stored.tried(connection, sent.key)
    if before is None:
        _keep(connection, project, asked, person, sent, exercise, page, now)
    elif (before.person, before.exercise) != (person.id, exercise.seq):
        raise StateError("This idempotency key was used for another answer already.", mend="Make a new key for each.")
    found, next_up = _look(connection, project, asked, person.id, now)
    if found.where == "admitted":
        stored.admit(connection, person.id, None, now=now)
    return Lesson(found, next_up, _feedback(project, exercise, page) if exercise.stage == "training" else None)


def _keep(
    connection: sa.Connection,
    project: Project,
    asked: Qualification,
    person: Person,
    sent: Practice,
    exercise: Exercise,
    page: dict[str, str],
    now: float,
) -> None:
    found, next_up = _look(connection, project, asked, person.id, now)
    if next_up is None or next_up.seq != exercise.seq:
        raise MissingError("This is not the exercise that comes next.", mend="Load the page again.")
    turn, _ = stored.turn_of(connection, person.id)
    number = found.number if exercise.stage == "test" else 1
    under = project.asked_of(person)
    tried = Tried(
        person=person.id,
        exercise=exercise.seq,
        turn=turn,
        number=number,
        page=page,
        right=_feedback(project, exercise, page).right,
        key=sent.key,
        active_ms=sent.active_ms,
        guideline_version=under.guideline_version,
        protocol_hash=under.protocol_hash,
    )
    stored.keep(connection, tried, exercise.stage, now=now)


def _feedback(project: Project, exercise: Exercise, page: dict[str, str]) -> Feedback:
    main = project.protocol.main
    if exercise.label is None or main is None:
        return Feedback(None, None, exercise.why)
    return Feedback(page.get(main.id) == exercise.label, exercise.label, exercise.why)


def _called(project: Project, pseudonym: str, reason: str, by: Person | None) -> tuple[Person, str]:
    if by is not None and not by.may("invite"):
        raise AccessError("Only leads let raters in, or send them to training again.")
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InputError(f"Give a reason of up to {LONGEST_REASON} characters.", place=Place(column="reason"))
    person = project.store.read(people.named, pseudonym)
    if person.role != "rater":
        raise StateError(f"{pseudonym} is no rater.", mend="Only raters go through training and tests.")
    return person, reason


def words(one: Course) -> str:
    """Where a rater stands, in words."""
    marks = f", {one.last.right} of {one.last.of} right" if one.last else ""
    if one.where in ("training", "test"):
        return f"in {'training' if one.where == 'training' else 'the test'}, {one.done} of {one.total}{marks}"
    said = {"admitted": "admitted", "failed": "not passed", "waiting": "waits to try again", "unready": "no exercises"}
    return said[one.where] + marks
