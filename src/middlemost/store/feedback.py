"""What raters are told of their own answers: of a round that was closed, of what a lead decided, or in words alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.errors import MissingError
from middlemost.store import events
from middlemost.store.schema import (
    STANDS,
    answer,
    assignment,
    calibration,
    calibration_item,
    content,
    decision,
    feedback,
    feedback_part,
    gold,
    item,
    person,
)
from middlemost.store.sql import Row, insert

_maker = person.alias("maker")


@dataclass(frozen=True)
class Message:
    """Feedback to the raters `to`: on a whole round (`calibration`), on items of one (`calibrated`), on `decided`.

    decided: (decision, the rater's answer) of each item.
    """

    to: Sequence[int]
    note: str | None = None
    calibration: int | None = None
    calibrated: Sequence[int] = ()
    decided: Sequence[tuple[int, int]] = ()


def send(connection: sa.Connection, message: Message, *, by: int | None, now: float) -> None:
    """Keep it for its raters to read."""
    for rater in message.to:
        row = {"person": rater, "calibration": message.calibration, "note": message.note, "made_by": by, "made_at": now}
        number = insert(connection, sa.insert(feedback), row)
        parts = [{"decision": made, "answer": given, "calibrated": None} for made, given in message.decided]
        parts += [{"decision": None, "answer": None, "calibrated": one} for one in message.calibrated]
        if parts:
            connection.execute(sa.insert(feedback_part), [part | {"feedback": number} for part in parts])
        about = {"feedback": number, "calibration": message.calibration, "parts": len(parts)}
        told = about | {"rater": _pseudonym(connection, rater), "digest": events.digest(message.note, parts)}
        events.note(connection, "gave feedback", told, who=by, now=now)


def _pseudonym(connection: sa.Connection, rater: int) -> str:
    return str(connection.execute(sa.select(person.c.pseudonym).where(person.c.id == rater)).scalar_one())


def of_rater(connection: sa.Connection, rater: int) -> list[Row]:
    """id, calibration, note, maker, made_at, read_at of all that a rater was told, newest first."""
    columns = (feedback.c[name] for name in ("id", "calibration", "note", "made_at", "read_at"))
    query = (
        sa.select(*columns, _maker.c.pseudonym.label("maker"))
        .outerjoin(_maker, _maker.c.id == feedback.c.made_by)
        .where(feedback.c.person == rater)
        .order_by(feedback.c.id.desc())
    )
    return list(connection.execute(query))


def parts(connection: sa.Connection, rater: int) -> list[Row]:
    """The parts of all that a rater was told: feedback, decision, assignment, answer, calibrated, calibration."""
    query = (
        sa.select(feedback_part.c.feedback, feedback_part.c.decision, feedback_part.c.answer)
        .add_columns(answer.c.assignment, answer.c.revision, feedback_part.c.calibrated, calibration_item.c.calibration)
        .join(feedback, feedback.c.id == feedback_part.c.feedback)
        .outerjoin(answer, answer.c.id == feedback_part.c.answer)
        .outerjoin(calibration_item, calibration_item.c.id == feedback_part.c.calibrated)
        .where(feedback.c.person == rater)
        .order_by(feedback_part.c.id)
    )
    return list(connection.execute(query))


def decided(connection: sa.Connection, decisions: Sequence[int]) -> dict[int, Row]:
    """Of each decision: name, text and fields of its item, label, reason."""
    query = (
        sa.select(decision.c.id, item.c.id.label("name"), content.c.text, content.c.fields)
        .add_columns(decision.c.label, decision.c.reason)
        .join(item, item.c.seq == decision.c.item)
        .join(content, content.c.item == item.c.seq)
        .where(decision.c.id.in_(decisions))
    )
    return {row.id: row for row in connection.execute(query)}


def page(connection: sa.Connection, assignment: int, revision: int) -> dict[str, str]:
    """What was stored of a revision of a page, by question."""
    mine = answer.c.assignment == assignment, answer.c.revision == revision
    rows = connection.execute(sa.select(answer.c.question, answer.c.value).where(*mine).order_by(answer.c.id))
    return {row.question: row.value for row in rows}


def unread(connection: sa.Connection, rater: int) -> int:
    """How much a rater was told and has not said to have read."""
    mine = feedback.c.person == rater, feedback.c.read_at.is_(None)
    return int(connection.execute(sa.select(sa.func.count()).where(*mine)).scalar_one())


def read(connection: sa.Connection, rater: int, number: int, *, now: float) -> None:
    """Note that the rater has read it; the first time counts. MissingError if it is not theirs."""
    mine = feedback.c.id == number, feedback.c.person == rater
    if connection.execute(sa.select(feedback.c.id).where(*mine)).first() is None:
        raise MissingError("There is no such feedback to you.")
    unseen = sa.update(feedback).where(*mine, feedback.c.read_at.is_(None)).values(read_at=now)
    if connection.execute(unseen).rowcount:
        events.note(connection, "read feedback", {"feedback": number}, who=rater, now=now)


def readers(connection: sa.Connection, number: int) -> dict[str, float | None]:
    """Who was told how a round went, and when they said to have read it."""
    query = (
        sa.select(person.c.pseudonym, feedback.c.read_at)
        .join(person, person.c.id == feedback.c.person)
        .join(calibration, calibration.c.id == feedback.c.calibration)
        .where(calibration.c.id == number, sa.not_(sa.exists().where(feedback_part.c.feedback == feedback.c.id)))
        .order_by(feedback.c.id)
    )
    return {row.pseudonym: row.read_at for row in connection.execute(query)}


_newer = decision.alias("newer")
_LAST = sa.not_(sa.exists().where(_newer.c.item == decision.c.item, _newer.c.id > decision.c.id))


def differing(connection: sa.Connection, rater: int, question: str, names: Sequence[str] | None = None) -> list[Row]:
    """The rater's answers that the newest decision on their item contradicts, newest decision first.

    With `names`: those to these items, right or wrong. Columns: item, text, decision, answer, said, label, reason.
    Control items and gold are not among them.
    """
    query = (
        sa.select(item.c.id.label("item"), content.c.text, decision.c.id.label("decision"), answer.c.id.label("answer"))
        .add_columns(answer.c.value.label("said"), decision.c.label, decision.c.reason)
        .select_from(decision)
        .join(item, item.c.seq == decision.c.item)
        .join(content, content.c.item == item.c.seq)
        .join(assignment, assignment.c.item == item.c.seq)
        .join(answer, STANDS)
        .where(_LAST, assignment.c.rater == rater, assignment.c.round == 1, answer.c.question == question)
        .where(item.c.control.is_(False), sa.not_(sa.exists().where(gold.c.item == item.c.seq)))
        .order_by(decision.c.id.desc())
    )
    which = answer.c.value != decision.c.label if names is None else item.c.id.in_(names)
    return list(connection.execute(query.where(which)))
