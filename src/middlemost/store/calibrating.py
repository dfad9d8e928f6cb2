"""Calibration rounds: their items, who is asked, what was answered, and what a lead says of an item.

What is answered here is no answer of the collection: it has tables of its own, and counts in no redundancy, agreement
or label.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.calibrating import Calibration, Summons
from middlemost.core.canonical import canonical
from middlemost.core.qualifying import Exercise
from middlemost.errors import MissingError, StateError
from middlemost.store import events
from middlemost.store.schema import (
    assignment,
    calibration,
    calibration_answer,
    calibration_item,
    calibration_note,
    calibration_rater,
    content,
    gold,
    in_state,
    item,
    person,
)
from middlemost.store.schema import feedback as told
from middlemost.store.sql import Row, alone, insert

_OPEN = calibration.c.closed_at.is_(None)
_OF_ROUND = calibration_item.c.calibration == calibration.c.id
_IS_ASKED = sa.and_(
    calibration_rater.c.calibration == calibration.c.id, calibration_rater.c.person == sa.bindparam("rater")
)
_IS_ANSWERED = sa.exists().where(
    calibration_answer.c.item == calibration_item.c.id, calibration_answer.c.person == sa.bindparam("rater")
)
# Whether a rater is to answer items of an open round before they are lent others.
COMES_FIRST = sa.exists().where(
    _OPEN, calibration.c.first.is_(True), _IS_ASKED, sa.exists().where(_OF_ROUND, sa.not_(_IS_ANSWERED))
)
_beginner, _closer = person.alias("beginner"), person.alias("closer")
_EVERY = (
    sa.select(
        calibration.c.id, calibration.c.name, calibration.c.purpose, calibration.c.first,
        _beginner.c.pseudonym.label("beginner"), calibration.c.begun_at, _closer.c.pseudonym.label("closer"),
        calibration.c.closed_at, calibration.c.feedback,
    )
    .outerjoin(_beginner, _beginner.c.id == calibration.c.begun_by)
    .outerjoin(_closer, _closer.c.id == calibration.c.closed_by)
    .order_by(calibration.c.id)
)  # fmt: skip


@dataclass(frozen=True)
class Copied:
    """An item for a round; `seq`: of the project's item that it is a copy of, None for one from a file."""

    seq: int | None
    exercise: Exercise


@dataclass(frozen=True)
class Plan:
    """A round to begin: `raters` are the numbers of those who are asked."""

    name: str
    purpose: str
    first: bool
    items: Sequence[Copied]
    raters: Sequence[int]


def begin(connection: sa.Connection, plan: Plan, *, by: int | None, now: float) -> int:
    """Begin a round; its number. StateError for a name that is taken, or a rater who is in an open one."""
    alone(connection, "gold")
    _require_free(connection, plan)
    row = {"name": plan.name, "purpose": plan.purpose, "first": plan.first, "begun_by": by, "begun_at": now}
    number = insert(connection, sa.insert(calibration), row)
    called = [{"calibration": number, "person": one} for one in plan.raters]
    connection.execute(sa.insert(calibration_rater), called)
    rows = [_row(number, one) for one in plan.items]
    connection.execute(sa.insert(calibration_item), rows)
    about = {"calibration": number, "items": len(rows), "raters": len(called), "first": plan.first}
    digest = events.digest(plan.name, plan.purpose, [[row["name"], row["label"], row["why"]] for row in rows])
    events.note(connection, "began a calibration round", about | {"digest": digest}, who=by, now=now)
    return number


def _require_free(connection: sa.Connection, plan: Plan) -> None:
    if connection.execute(sa.select(calibration.c.id).where(calibration.c.name == plan.name)).first():
        raise StateError(f"There is a round {plan.name!r} already.", mend="Give this one another name.")
    query = (
        sa.select(person.c.pseudonym, calibration.c.name)
        .join(calibration_rater, calibration_rater.c.person == person.c.id)
        .join(calibration, calibration.c.id == calibration_rater.c.calibration)
        .where(_OPEN, person.c.id.in_(plan.raters))
        .order_by(person.c.id)
    )
    if busy := connection.execute(query).first():
        message = f"{busy.pseudonym} is in the round {busy.name!r}, which is open."
        raise StateError(message, mend="A rater is in one round at a time: close it, or name other raters.")


def _row(number: int, one: Copied) -> dict[str, object]:
    given = one.exercise
    fields = canonical(given.fields)
    row = {"calibration": number, "name": given.id, "item": one.seq, "text": given.text, "fields": fields}
    return row | {"label": given.label, "why": given.why}


def every(connection: sa.Connection) -> list[Calibration]:
    """All rounds, oldest first."""
    return [Calibration(*row) for row in connection.execute(_EVERY)]


def one(connection: sa.Connection, number: int) -> Calibration:
    """The round of this number. MissingError if there is none."""
    row = connection.execute(_EVERY.where(calibration.c.id == number)).one_or_none()
    if row is None:
        raise MissingError(f"There is no calibration round {number}.")
    return Calibration(*row)


def raters(connection: sa.Connection, number: int) -> dict[int, str]:
    """Who is asked: pseudonyms by the number of the person."""
    query = (
        sa.select(person.c.id, person.c.pseudonym)
        .join(calibration_rater, calibration_rater.c.person == person.c.id)
        .where(calibration_rater.c.calibration == number)
        .order_by(person.c.id)
    )
    return {row.id: row.pseudonym for row in connection.execute(query)}


def items(connection: sa.Connection, number: int) -> list[Exercise]:
    """The items of a round in their order, with what was known of them when it began."""
    mine = calibration_item.c.calibration == number
    query = sa.select(calibration_item).where(mine).order_by(calibration_item.c.id)
    return [_exercise(row) for row in connection.execute(query)]


def _exercise(row: Row) -> Exercise:
    return Exercise(row.id, "calibration", row.name, row.text, json.loads(row.fields), row.label, row.why)


def waiting(connection: sa.Connection, rater: int) -> Summons | None:
    """The open round that a rater is in, answered or not; None where there is none."""
    many = sa.select(sa.func.count()).select_from(calibration_item).where(_OF_ROUND)
    columns = (calibration.c.id, calibration.c.name, calibration.c.purpose, calibration.c.first)
    done, total = many.where(_IS_ANSWERED).scalar_subquery(), many.scalar_subquery()
    query = sa.select(*columns, done, total).join(calibration_rater, _IS_ASKED).where(_OPEN)
    row = connection.execute(query.order_by(calibration.c.id), {"rater": rater}).first()
    return None if row is None else Summons(*row)


def unanswered(connection: sa.Connection, number: int, rater: int) -> Exercise | None:
    """The next item of a round that a rater has not answered."""
    query = (
        sa.select(calibration_item)
        .where(calibration_item.c.calibration == number, sa.not_(_IS_ANSWERED))
        .order_by(calibration_item.c.id)
        .limit(1)
    )
    row = connection.execute(query, {"rater": rater}).one_or_none()
    return None if row is None else _exercise(row)


def asked(connection: sa.Connection, id: int, rater: int) -> tuple[Exercise, Calibration]:
    """An item, and the round that it is of. MissingError where this rater is not asked about it."""
    query = (
        sa.select(calibration_item)
        .join(calibration, _OF_ROUND)
        .join(calibration_rater, _IS_ASKED)
        .where(calibration_item.c.id == id)
    )
    row = connection.execute(query, {"rater": rater}).one_or_none()
    if row is None:
        raise MissingError("There is no such exercise.")
    return _exercise(row), one(connection, row.calibration)


@dataclass(frozen=True)
class Judged:
    """An answer to an item of a round, as it is kept. `page`: what is stored of it, by question."""

    item: int
    person: int
    page: Mapping[str, str]
    key: str
    active_ms: int | None
    guideline_version: int
    protocol_hash: str


def known(connection: sa.Connection, key: str) -> Row | None:
    """The answer that was sent under this key, if there is one."""
    return connection.execute(sa.select(calibration_answer).where(calibration_answer.c.key == key)).one_or_none()


def keep(connection: sa.Connection, given: Judged, number: int, *, now: float) -> bool:
    """Append an answer; whether it is late, its round closed. StateError if this rater has answered the item before."""
    table, mine = calibration_answer.c, calibration.c.id == number
    # Whoever closes the round waits for those who are answering, and they see that it is closed.
    closed = connection.execute(sa.select(calibration.c.closed_at).where(mine).with_for_update(read=True)).scalar_one()
    before = sa.exists().where(table.item == given.item, table.person == given.person)
    if connection.execute(sa.select(before)).scalar_one():
        raise StateError("You have answered this one already.", mend="Load the page again.")
    said = canonical(dict(given.page))
    row = vars(given) | {"value": said, "submitted_at": now, "late": closed is not None}
    del row["page"]
    connection.execute(sa.insert(calibration_answer), row)
    about: dict[str, object] = {"calibration": number, "item": given.item, "late": closed is not None}
    digest = events.digest_of_page(given.page, given.key)
    about |= {"digest": digest}
    events.note(connection, "answered in a calibration round", about, who=given.person, now=now)
    return closed is not None


def answers(connection: sa.Connection, number: int | None = None) -> list[Row]:
    """What was answered in a round (None: in all): calibration, item (its row), name, rater, value, late, times."""
    columns = ("value", "late", "submitted_at", "active_ms", "guideline_version", "protocol_hash")
    query = (
        sa.select(calibration_item.c.calibration, calibration_item.c.id.label("item"), calibration_item.c.name)
        .add_columns(person.c.pseudonym.label("rater"), *(calibration_answer.c[name] for name in columns))
        .join(calibration_item, calibration_item.c.id == calibration_answer.c.item)
        .join(person, person.c.id == calibration_answer.c.person)
        .order_by(calibration_item.c.id, person.c.id)
    )
    return list(connection.execute(query if number is None else query.where(calibration_item.c.calibration == number)))


def say(
    connection: sa.Connection, number: int, name: str, label: str | None, why: str | None, *, by: int | None, now: float
) -> None:
    """Say of an item what is right, and why. StateError once the round is closed: raters may have read it."""
    mine = sa.and_(calibration_item.c.calibration == number, calibration_item.c.name == name)
    row = connection.execute(sa.select(calibration_item.c.id).where(mine)).one_or_none()
    if row is None:
        raise MissingError(f"There is no item {name!r} in this round.")
    _require_open(connection, number)
    values = {"item": row.id, "label": label, "why": why, "made_by": by, "made_at": now}
    connection.execute(sa.insert(calibration_note), values)
    about = {"calibration": number, "item": row.id, "label": label, "digest": events.digest(why)}
    events.note(connection, "said of a calibration item", about, who=by, now=now)


def said(connection: sa.Connection, number: int | None = None) -> dict[int, tuple[str | None, str | None]]:
    """What is right of each item of a round (None: of all rounds), and why: what was said last, else known at first."""
    query = sa.select(calibration_item.c.id, calibration_item.c.label, calibration_item.c.why)
    notes = sa.select(calibration_note.c.item, calibration_note.c.label, calibration_note.c.why)
    notes = notes.join(calibration_item, calibration_item.c.id == calibration_note.c.item)
    if number is not None:
        mine = calibration_item.c.calibration == number
        query, notes = query.where(mine), notes.where(mine)
    rows = [*connection.execute(query), *connection.execute(notes.order_by(calibration_note.c.id))]
    return {row[0]: (row.label, row.why) for row in rows}


def close(connection: sa.Connection, number: int, feedback: bool, *, by: int | None, now: float) -> None:
    """Close a round: answers that come later do not count. StateError if it is closed already."""
    _require_open(connection, number)
    ended = {"closed_at": now, "closed_by": by, "feedback": feedback}
    connection.execute(sa.update(calibration).where(calibration.c.id == number).values(ended))
    about = {"calibration": number, "feedback": feedback}
    events.note(connection, "closed a calibration round", about, who=by, now=now)


def _require_open(connection: sa.Connection, number: int) -> None:
    mine = calibration.c.id == number
    row = connection.execute(sa.select(calibration.c.closed_at).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise MissingError(f"There is no calibration round {number}.")
    if row.closed_at is not None:
        raise StateError("This round is closed.", mend="Begin another one.")


def pulse(connection: sa.Connection, number: int) -> tuple[int, ...]:
    """Numbers that change whenever a round does, or what its raters have read of it."""
    newest = (sa.select(sa.func.coalesce(sa.func.max(one.c.id), 0)) for one in (calibration_answer, calibration_note))
    closed = sa.select(sa.func.count(calibration.c.closed_at)).where(calibration.c.id == number)
    seen = sa.select(sa.func.count(told.c.read_at)).where(told.c.calibration == number)
    return tuple(connection.execute(sa.select(*(one.scalar_subquery() for one in (*newest, closed, seen)))).one())


def to_draw_from(connection: sa.Connection, raters: Sequence[int]) -> list[tuple[int, int]]:
    """Every item that can be in a round, by number, and how many of these raters were lent it.

    Control items and gold are left out: to speak of them would give them away.
    """
    lent = (
        sa.select(assignment.c.item, sa.func.count().label("n"))
        .where(assignment.c.rater.in_(raters), sa.or_(in_state("done"), in_state("lent")))
        .group_by(assignment.c.item)
        .subquery("theirs")
    )
    query = sa.select(item.c.seq, sa.func.coalesce(lent.c.n, 0)).outerjoin(lent, lent.c.item == item.c.seq)
    return [(row[0], row[1]) for row in connection.execute(query.where(_speakable()).order_by(item.c.seq))]


def copies(connection: sa.Connection, seqs: Sequence[int] = (), names: Sequence[str] = ()) -> list[Copied]:
    """Copies of items, by number or by id, in that order; of control items and gold none."""
    query = sa.select(item.c.seq, item.c.id, content.c.text, content.c.fields).join(
        content, content.c.item == item.c.seq
    )
    mine = sa.or_(item.c.seq.in_(seqs), item.c.id.in_(names))
    rows = list(connection.execute(query.where(mine, _speakable())))
    place = {one: number for number, one in enumerate([*seqs, *names])}
    rows.sort(key=lambda row: place[row.seq] if row.seq in place else place[row.id])
    return [
        Copied(row.seq, Exercise(0, "calibration", row.id, row.text, json.loads(row.fields), None, None))
        for row in rows
    ]


def _speakable() -> sa.ColumnElement[bool]:
    """Items that raters may be told about."""
    return sa.and_(item.c.control.is_(False), sa.not_(sa.exists().where(gold.c.item == item.c.seq)))
