"""Training and tests: the exercises, what raters answered, and who may be lent items."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from middlemost.core.canonical import canonical
from middlemost.core.qualifying import Attempt, Exercise, Stage
from middlemost.errors import InputError, NotAdmittedError, Place
from middlemost.store import events
from middlemost.store.schema import admission, attempt, exercise, person
from middlemost.store.sql import Prepared, Row, alone

_ADMITTED = Prepared(sa.select(admission.c.admitted_at).where(admission.c.person == sa.bindparam("whose")))


def require_admitted(connection: sa.Connection, rater: int) -> None:
    """NotAdmittedError for a rater who is still to go through training or a test."""
    row = _ADMITTED.one(connection, whose=rater)
    if row is None or row.admitted_at is None:
        message = "Before the first item there is something to go through."
        raise NotAdmittedError(message, mend="Open the page /training.")


def add(connection: sa.Connection, exercises: Sequence[Exercise], *, now: float) -> int:
    """Add those that are not there yet; how many are new. InputError for one that is there with other content."""
    alone(connection, "gold")
    known = {(one.stage, one.id): one for one in every(connection)}
    fresh = []
    for one in exercises:
        before = known.get((one.stage, one.id))
        if before is None:
            fresh.append(one)
        elif _content(before) != _content(one):
            message = f"This {one.stage} item is in the project already, with other content."
            raise InputError(message, place=Place(column="id", value=one.id), mend="Give the new one an id of its own.")
    if fresh:
        connection.execute(sa.insert(exercise), [_row(one) for one in fresh])
        about: dict[str, object] = dict(Counter(one.stage for one in fresh))
        events.note(connection, "added exercises", about, now=now)
    return len(fresh)


def _content(one: Exercise) -> tuple[object, ...]:
    return one.text, one.fields, one.label, one.why


def _row(one: Exercise) -> dict[str, object]:
    row = {name: getattr(one, name) for name in ("stage", "id", "text", "label", "why")}
    return row | {"fields": canonical(one.fields)}


def every(connection: sa.Connection) -> list[Exercise]:
    """All exercises, in the order in which they were added."""
    return [_exercise(row) for row in connection.execute(sa.select(exercise).order_by(exercise.c.seq))]


def _exercise(row: Row) -> Exercise:
    return Exercise(row.seq, row.stage, row.id, row.text, json.loads(row.fields), row.label, row.why)


def turn_of(connection: sa.Connection, rater: int) -> tuple[int, float | None]:
    """Which time the rater goes through it all, and since when they may be lent items."""
    row = connection.execute(sa.select(admission).where(admission.c.person == rater)).one_or_none()
    return (1, None) if row is None else (row.turn, row.admitted_at)


def attempts(connection: sa.Connection, rater: int, turn: int) -> list[Attempt]:
    """What the rater answered this time, oldest first."""
    query = (
        sa.select(attempt.c.exercise, exercise.c.stage, attempt.c.number, attempt.c.correct, attempt.c.submitted_at)
        .join(exercise, exercise.c.seq == attempt.c.exercise)
        .where(attempt.c.person == rater, attempt.c.turn == turn)
        .order_by(attempt.c.id)
    )
    return [Attempt(*row) for row in connection.execute(query)]


@dataclass(frozen=True)
class Tried:
    """An answer to an exercise, as it is kept. `page`: what is stored of it, by question."""

    person: int
    exercise: int
    turn: int
    number: int
    page: Mapping[str, str]
    right: bool | None
    key: str
    active_ms: int | None
    guideline_version: int
    protocol_hash: str


def tried(connection: sa.Connection, key: str) -> Row | None:
    """The attempt that was sent under this key, if there is one."""
    return connection.execute(sa.select(attempt).where(attempt.c.key == key)).one_or_none()


def keep(connection: sa.Connection, one: Tried, stage: Stage, *, now: float) -> None:
    """Append an attempt."""
    said = canonical(dict(one.page))
    row = vars(one) | {"value": said, "correct": one.right, "submitted_at": now}
    del row["page"], row["right"]
    connection.execute(sa.insert(attempt), row)
    about = {"exercise": one.exercise, "number": one.number, "turn": one.turn}
    digest = events.digest_of_page(one.page, one.key)
    events.note(connection, f"answered in {stage}", about | {"digest": digest}, who=one.person, now=now)


def admit(connection: sa.Connection, rater: int, reason: str | None, *, by: int | None = None, now: float) -> None:
    """Let a rater be lent items from now on. `by`: the lead who did so, None where they passed."""
    turn, since = turn_of(connection, rater)
    if since is not None:
        return
    _set(connection, rater, {"turn": turn, "admitted_at": now, "reason": reason})
    _note(connection, "admitted", rater, reason, by, now)


def send_again(connection: sa.Connection, rater: int, reason: str, *, by: int | None = None, now: float) -> None:
    """Have a rater go through training and test once more, before the next item."""
    turn, _ = turn_of(connection, rater)
    _set(connection, rater, {"turn": turn + 1, "admitted_at": None, "reason": reason})
    _note(connection, "sent to training", rater, reason, by, now)


def _set(connection: sa.Connection, rater: int, values: dict[str, Any]) -> None:
    mine = admission.c.person == rater
    if connection.execute(sa.update(admission).where(mine).values(values)).rowcount == 0:
        connection.execute(sa.insert(admission), {"person": rater} | values)


def _note(connection: sa.Connection, did: str, rater: int, reason: str | None, by: int | None, now: float) -> None:
    whose = connection.execute(sa.select(person.c.pseudonym).where(person.c.id == rater)).scalar_one()
    about = {"rater": whose, "reason": None if reason is None else events.digest(reason)}
    if by is None and reason is None:
        events.note(connection, did, about, who=rater, now=now)
    else:
        events.note(connection, did, about, who=by, now=now)


def overview(connection: sa.Connection) -> dict[str, Row]:
    """Of every rater, by pseudonym: id, turn, admitted_at, reason."""
    query = (
        sa.select(person.c.id, person.c.pseudonym, admission.c.turn, admission.c.admitted_at, admission.c.reason)
        .outerjoin(admission, admission.c.person == person.c.id)
        .where(person.c.role == "rater")
        .order_by(person.c.id)
    )
    return {row.pseudonym: row for row in connection.execute(query)}


def every_attempt(connection: sa.Connection) -> list[Row]:
    """All that raters answered in training and tests, for the release."""
    query = (
        sa.select(
            person.c.pseudonym.label("rater"), exercise.c.stage, exercise.c.id.label("exercise"), attempt.c.turn,
            attempt.c.number, attempt.c.value.label("answer"), attempt.c.correct, attempt.c.submitted_at,
            attempt.c.active_ms, attempt.c.guideline_version, attempt.c.protocol_hash,
        )
        .join(person, person.c.id == attempt.c.person)
        .join(exercise, exercise.c.seq == attempt.c.exercise)
        .order_by(attempt.c.id)
    )  # fmt: skip
    return list(connection.execute(query))
