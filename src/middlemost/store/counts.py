"""How far a project has come, in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from middlemost.store.schema import (
    OPEN,
    about,
    answer,
    assignment,
    decision,
    draw,
    flag,
    gold,
    in_state,
    item,
    person,
    protocol,
)

_count = sa.func.count()


def _scalar(query: sa.Select[Any]) -> sa.ScalarSelect[Any]:
    return query.scalar_subquery()


_ITEMS = sa.select(
    _count.label("items"),
    sa.func.coalesce(sa.func.sum(item.c.places), 0).label("wanted"),
    sa.func.coalesce(sa.func.sum(item.c.answered), 0).label("answers"),
    sa.func.coalesce(sa.func.sum(sa.case((item.c.answered >= item.c.places, 1), else_=0)), 0).label("complete"),
).where(item.c.control.is_(False))
_REST = sa.select(
    _scalar(sa.select(_count).select_from(assignment).where(in_state("lent"))).label("lent"),
    _scalar(sa.select(_count).select_from(assignment).where(in_state("skipped"))).label("skipped"),
    _scalar(
        sa.select(_count)
        .select_from(assignment)
        .join(answer, answer.c.id == assignment.c.answer)
        .where(answer.c.surplus.is_(True))
    ).label("surplus"),
    _scalar(sa.select(_count).where(person.c.role == "rater")).label("raters"),
    _scalar(sa.select(answer.c.submitted_at).order_by(answer.c.id.desc()).limit(1)).label("last_answer_at"),
)


def of_project(connection: sa.Connection) -> dict[str, Any]:
    """items, wanted, answers, complete, lent, skipped, surplus, raters, last_answer_at."""
    return dict(connection.execute(_ITEMS).one()._mapping) | dict(connection.execute(_REST).one()._mapping)


_MINE = sa.and_(assignment.c.rater == sa.bindparam("rater"), assignment.c.round == sa.bindparam("round"))
_ENDED = sa.select(_count).select_from(assignment).where(_MINE)
_DONE = _ENDED.where(in_state("done"))
_DROPPED = _ENDED.where(in_state("skipped"))
_HELD = _ENDED.where(in_state("lent"))
_FREE = sa.select(_count).select_from(item).where(OPEN)
_FREE_BUT_HAD = (
    sa.select(_count)
    .select_from(assignment)
    .join(item, item.c.seq == assignment.c.item)
    .where(_MINE, OPEN, sa.not_(in_state("expired")))
)


def of_rater(connection: sa.Connection, rater: int, rounds: int) -> tuple[int, int]:
    """(answered, left to answer) of one rater now, over all rounds; what they hold is left to answer."""

    def number(query: sa.Select[Any], round: int = 1) -> int:
        return int(connection.execute(query, {"rater": rater, "round": round}).scalar_one())

    done = number(_DONE)
    left = number(_FREE) - number(_FREE_BUT_HAD) + number(_HELD)
    repeated = [number(_DONE, later) for later in range(2, rounds + 1)]
    dropped = sum(number(_DROPPED, later) for later in range(2, rounds + 1))
    again = max(0, (rounds - 1) * (done + left) - sum(repeated) - dropped)
    # Control items count like any other, that nobody can tell them by it.
    return number(_DONE, 0) + done + sum(repeated), number(_HELD, 0) + left + again


_NEWEST = (
    (answer, "id"), (decision, "id"), (flag, "id"), (item, "seq"), (person, "id"), (assignment, "id"),
    (protocol, "number"), (draw, "id"),
)  # fmt: skip
_SAME_WHERE = (
    (assignment, in_state("lent")), (assignment, in_state("expired")), (person, person.c.closed_at.is_not(None)),
)  # fmt: skip
_PULSE = sa.select(
    *(_scalar(sa.select(sa.func.coalesce(sa.func.max(table.c[key]), 0))) for table, key in _NEWEST),
    # A lease that ends, one taken again, and access taken away leave no new row. Both states of a lease have small
    # indexes that hold all it needs.
    *(_scalar(sa.select(_count).select_from(table).where(state)) for table, state in _SAME_WHERE),
    *(_scalar(sa.select(sa.func.coalesce(sa.func.sum(table.c.id), 0)).where(state)) for table, state in _SAME_WHERE),
)
# Rows of it go, and come again: the newest of what is left is told to the thousandth of a second.
_NEWEST_ABOUT = sa.cast(sa.func.coalesce(sa.func.max(about.c.given_at), 0) * 1000, sa.BigInteger)
_ABOUT = sa.select(_count, _NEWEST_ABOUT).select_from(about)
_GOLD = sa.select(sa.func.coalesce(sa.func.max(gold.c.entry), 0), _count).select_from(gold)  # replaced in place


def pulse(connection: sa.Connection) -> tuple[int, ...]:
    """Numbers that change with everything that figures are made of. Reads no big table.

    That is every answer, decision, item, person, gold label, lease and skip, whose access was taken away, and what
    raters say of themselves.
    """
    return tuple(number for query in (_PULSE, _GOLD, _ABOUT) for number in connection.execute(query).one())


_COUNTED = (
    sa.select(_count)
    .select_from(assignment)
    .join(answer, answer.c.id == assignment.c.answer)
    .where(assignment.c.item == item.c.seq, assignment.c.round == 1, answer.c.surplus.is_(False))
)
_OUT = sa.select(_count).where(assignment.c.item == item.c.seq, assignment.c.round == 1, in_state("lent"))
_other = answer.alias("other")
_LAST_REVISION = sa.select(sa.func.max(_other.c.revision)).where(_other.c.assignment == assignment.c.id)
_NEWEST_PAGE = sa.select(sa.func.min(answer.c.id)).where(
    answer.c.assignment == assignment.c.id, answer.c.revision == _LAST_REVISION.correlate(assignment).scalar_subquery()
)


def adrift(connection: sa.Connection) -> Iterator[str]:
    """The items whose counters are not what their answers and leases say, and assignments that were half done."""
    counted, out = _scalar(_COUNTED), _scalar(_OUT)
    wrong = sa.or_(item.c.answered != counted, item.c.taken != counted + out, item.c.taken > item.c.places)
    query = sa.select(item.c.id, item.c.taken, item.c.answered, counted, out).where(wrong).order_by(item.c.seq)
    for name, taken, answered, have, lent in connection.execute(query):
        yield f"item {name!r}: it counts {answered} answers and {taken} places taken; it has {have}, and {lent} lent"
    newest = _NEWEST_PAGE.correlate(assignment).scalar_subquery()
    half = sa.or_((assignment.c.state == "done") != newest.is_not(None), assignment.c.answer != newest)
    for number in connection.execute(sa.select(assignment.c.id).where(half).order_by(assignment.c.id)).scalars():
        yield f"assignment {number}: what it says of its answer is not what there is"


def by_rater(connection: sa.Connection, question: str) -> dict[str, dict[str, Any]]:
    """Of every rater by pseudonym: pages, skipped, when they last answered; gold answered and right at `question`."""
    said = answer.alias("said")
    here = said.c.assignment == assignment.c.id, said.c.id >= assignment.c.answer, said.c.question == question
    right = sa.case((gold.c.label == said.c.value, 1), else_=0)
    query = (
        sa.select(
            person.c.pseudonym,
            person.c.name,
            sa.func.count(answer.c.id).label("n_answers"),
            sa.func.coalesce(sa.func.sum(sa.case((in_state("skipped"), 1), else_=0)), 0).label("skipped"),
            sa.func.count(sa.case((said.c.id.is_not(None), gold.c.item))).label("gold_answered"),
            sa.func.coalesce(sa.func.sum(right), 0).label("gold_right"),
            sa.func.max(answer.c.submitted_at).label("last_answer_at"),
        )
        .select_from(person)
        .outerjoin(assignment, assignment.c.rater == person.c.id)
        .outerjoin(answer, answer.c.id == assignment.c.answer)
        .outerjoin(said, sa.and_(*here))
        .outerjoin(gold, gold.c.item == assignment.c.item)
        .where(person.c.role == "rater")
        .group_by(person.c.id)
        .order_by(person.c.id)
    )
    return {row.pseudonym: dict(row._mapping) for row in connection.execute(query)}
