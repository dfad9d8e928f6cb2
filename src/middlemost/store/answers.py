"""Answers. They are appended, never changed: a correction is a new revision of the rater's answer."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.nouns import Assignment, Item, Kept, Receipt, Submission
from middlemost.errors import MissingError, StateError
from middlemost.store import events
from middlemost.store.schema import answer, assignment, content, gold, item, person, protocol
from middlemost.store.sql import Made, Prepared, Row, hold, repeatable, together


@dataclass(frozen=True)
class Asked:
    """Under what an answer was given; stored with each."""

    question: str
    guideline_version: int
    protocol_hash: str
    shown_order: str


_SAME_KEY = Prepared(
    sa.select(answer.c.id, answer.c.assignment, answer.c.value, answer.c.revision, answer.c.surplus, assignment.c.rater)
    .join(assignment, assignment.c.id == answer.c.assignment)
    .where(answer.c.key == sa.bindparam("key"))
)
_in_force = sa.select(protocol.c.hash).order_by(protocol.c.number.desc()).limit(1).scalar_subquery()
_seen = sa.select(answer.c.id).where(answer.c.key == sa.bindparam("key")).scalar_subquery()
_FIND = Prepared(
    sa.select(
        assignment.c.item, assignment.c.rater, assignment.c.round, assignment.c.state,
        answer.c.revision, answer.c.surplus, _in_force.label("in_force"), _seen.label("seen"),
    )
    .outerjoin(answer, answer.c.id == assignment.c.answer)
    .where(assignment.c.id == sa.bindparam("id"))
    .with_for_update(of=assignment)
)  # fmt: skip
_FILLED = ("revision", "question", "value", "key", "surplus", "started_at", "submitted_at", "active_ms")
_UNDER = ("guideline_version", "protocol_hash", "shown_order")
_APPEND = Prepared(
    sa.insert(answer)
    .values({name: sa.bindparam(f"its_{name}") for name in (*_FILLED, *_UNDER)})
    .values(assignment=sa.bindparam("to"))
    .returning(answer.c.id)
)
_DONE = Prepared(sa.update(assignment).where(assignment.c.id == sa.bindparam("to")).values(state="done", answer=Made()))
_HAVE = Prepared(sa.update(item).where(item.c.seq == sa.bindparam("seq")).values(answered=item.c.answered + 1))
_HAVE_LATE = Prepared(
    sa.update(item)
    .where(item.c.seq == sa.bindparam("seq"), item.c.taken < item.c.places)
    .values(
        taken=item.c.taken + 1,
        answered=item.c.answered + 1,
        returned=sa.and_(item.c.returned, item.c.taken + 1 < item.c.places),
    )
    .returning(item.c.seq)
)
_SENT = (
    sa.select(assignment.c.id.label("assignment"), assignment.c.round, assignment.c.expires_at, answer.c.value)
    .add_columns(item.c.id, content.c.text, content.c.fields)
    .join(answer, answer.c.id == assignment.c.answer)
    .join(item, item.c.seq == assignment.c.item)
    .join(content, content.c.item == item.c.seq)
    .where(assignment.c.rater == sa.bindparam("rater"), assignment.c.answer.is_not(None))
    .order_by(assignment.c.answer.desc())
    .limit(1)
)
_later = assignment.alias("later")
_SENT_BEFORE = _SENT.where(
    assignment.c.answer
    < sa.select(_later.c.answer)
    .where(_later.c.id == sa.bindparam("before"), _later.c.rater == sa.bindparam("rater"))
    .scalar_subquery()
)


@repeatable
def record(connection: sa.Connection, rater: int, sent: Submission, asked: Asked, *, now: float) -> Receipt:
    """Append an answer. The same key again gives the first receipt again.

    An answer to a lapsed or skipped assignment takes a free place of the item if there is one, else it is kept as
    surplus. MissingError if the assignment is not this rater's; StateError if the key was used for something else, or
    if another protocol has come into force than the one the answer was asked under.
    """
    hold(connection, rater)
    row = _FIND.one(connection, id=sent.assignment, key=sent.key)
    if (row is None or row.seen) and (before := _SAME_KEY.one(connection, key=sent.key)) is not None:
        return _repeated(before, rater, sent)
    if row is None or row.rater != rater:
        raise MissingError("There is no such assignment of yours.")
    _require_in_force(row.in_force, asked)
    surplus = _place(connection, row)
    revision = (row.revision or 0) + 1
    values = {"to": sent.assignment, "seq": row.item} | _row(sent, asked, revision, surplus, now)
    # A live lease has taken its place still, even where it has lapsed and nobody has swept yet.
    also = (_HAVE,) if row.state == "lent" and row.round == 1 else ()
    told = _told(rater, sent, asked, revision, now)
    number = together(connection, _APPEND, _DONE, *also, events.NOTE, values=values | told)
    return Receipt(number, _kept(surplus), revision, repeated=False)


def _require_in_force(in_force: str | None, asked: Asked) -> None:
    """The options of a protocol that is no longer in force may be gone."""
    if in_force not in {None, asked.protocol_hash}:
        raise StateError(
            "The protocol has changed since the server was started: this answer was not saved.",
            mend="Restart the server.",
        )


def _repeated(before: Row, rater: int, sent: Submission) -> Receipt:
    if (before.rater, before.assignment, before.value) != (rater, sent.assignment, sent.value):
        raise StateError(
            "This idempotency key was used for another answer already.", mend="Make a new key for each answer."
        )
    return Receipt(before.id, _kept(before.surplus), before.revision, repeated=True)


def _kept(surplus: bool) -> Kept:
    return "surplus" if surplus else "counted"


def _place(connection: sa.Connection, row: Row) -> bool:
    """Find the answer a place among the item's where it has none; whether there was none."""
    if row.state == "done":
        return bool(row.surplus)
    if row.round > 1 or row.state == "lent":
        return False
    return _HAVE_LATE.one(connection, seq=row.item) is None


def _row(sent: Submission, asked: Asked, revision: int, surplus: bool, now: float) -> dict[str, object]:
    row = {
        "revision": revision,
        "value": sent.value,
        "key": sent.key,
        "surplus": surplus,
        "started_at": sent.started_at,
        "submitted_at": now,
        "active_ms": sent.active_ms,
        **vars(asked),
    }
    return {f"its_{name}": value for name, value in row.items()}


def _told(rater: int, sent: Submission, asked: Asked, revision: int, now: float) -> dict[str, object]:
    about = {"assignment": sent.assignment, "revision": revision, "digest": events.digest(sent.value, sent.key)}
    version, protocol = asked.guideline_version, asked.protocol_hash
    return events.told("answered", about, who=rater, now=now, version=version, protocol=protocol)


def last_sent(connection: sa.Connection, rater: int, before: int | None = None) -> Assignment | None:
    """The assignment that `rater` answered last, or last before they answered assignment `before`."""
    query, values = (_SENT, {"rater": rater}) if before is None else (_SENT_BEFORE, {"rater": rater, "before": before})
    row = connection.execute(query, values).one_or_none()
    if row is None:
        return None
    it = Item(row.id, row.text, json.loads(row.fields))
    return Assignment(row.assignment, it, row.round, row.expires_at, given=row.value)


def of_item(connection: sa.Connection, seq: int) -> list[Row]:
    """Every revision of every answer to one item, by rater, round and revision."""
    query = (
        sa.select(person.c.pseudonym, assignment.c.round, (answer.c.id == assignment.c.answer).label("latest"), *_GIVEN)
        .join(assignment, assignment.c.id == answer.c.assignment)
        .join(person, person.c.id == assignment.c.rater)
        .where(assignment.c.item == seq)
        .order_by(person.c.pseudonym, assignment.c.round, answer.c.revision)
    )
    return list(connection.execute(query))


_GIVEN = (
    answer.c.value,
    answer.c.revision,
    answer.c.surplus,
    answer.c.submitted_at,
    answer.c.active_ms,
    answer.c.guideline_version,
)


def latest(connection: sa.Connection) -> list[Row]:
    """(item, rater, answer, round, time, seconds) of the newest revision of every counted answer, by item and rater."""
    query = (
        sa.select(
            item.c.id, person.c.pseudonym, answer.c.value, assignment.c.round, answer.c.submitted_at,
            sa.cast(answer.c.active_ms, sa.Double) / 1000.0,
        )
        .select_from(assignment)
        .join(answer, answer.c.id == assignment.c.answer)
        .join(item, item.c.seq == assignment.c.item)
        .join(person, person.c.id == assignment.c.rater)
        .where(answer.c.surplus.is_(False))
        .order_by(item.c.id, person.c.pseudonym, assignment.c.round)
    )  # fmt: skip
    return list(connection.execute(query))


def every(connection: sa.Connection) -> list[Row]:
    """Every revision of every answer with all that is known of it, by item, rater, round and revision."""
    query = (
        sa.select(
            item.c.id.label("item"), person.c.pseudonym.label("rater"), answer.c.question,
            answer.c.value.label("answer"), assignment.c.round, answer.c.revision, answer.c.started_at,
            answer.c.submitted_at, answer.c.active_ms, answer.c.guideline_version, answer.c.protocol_hash,
            gold.c.item.is_not(None).label("is_gold"), answer.c.shown_order, answer.c.surplus,
            (answer.c.id == assignment.c.answer).label("stands"),
        )
        .join(assignment, assignment.c.id == answer.c.assignment)
        .join(item, item.c.seq == assignment.c.item)
        .join(person, person.c.id == assignment.c.rater)
        .outerjoin(gold, gold.c.item == item.c.seq)
        .order_by(item.c.id, person.c.pseudonym, assignment.c.round, answer.c.revision)
    )  # fmt: skip
    return list(connection.execute(query))


def any_given(connection: sa.Connection) -> bool:
    """Whether there is any answer at all."""
    return bool(connection.execute(sa.select(sa.exists().select_from(answer))).scalar_one())


def strays(connection: sa.Connection, question: str, options: Collection[str]) -> dict[tuple[str, str], int]:
    """How many answers, all revisions, were given to another question or with none of its options, by both."""
    query = (
        sa.select(answer.c.question, answer.c.value, sa.func.count())
        .where(sa.or_(answer.c.question != question, answer.c.value.not_in(options)))
        .group_by(answer.c.question, answer.c.value)
    )
    return {(asked, value): n for asked, value, n in connection.execute(query)}
