"""What raters have done, for their pay."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from middlemost.store.schema import CONTROL, answer, assignment, in_state, item, person

# Every page counts once, in all rounds, also where it came too late for a place; of a corrected one all time counts.
_TIMES = (
    sa.select(
        answer.c.assignment,
        answer.c.revision,
        sa.func.max(answer.c.active_ms).label("active_ms"),
        sa.func.min(answer.c.submitted_at).label("at"),
    )
    .group_by(answer.c.assignment, answer.c.revision)
    .subquery("times")
)


def done(connection: sa.Connection, since: float, until: float) -> list[Any]:
    """(pseudonym, name, pages, active_ms, untimed) of raters with pages first sent from `since` up to before `until`.

    `untimed`: revisions whose active time nobody knows.
    """
    within = sa.and_(_TIMES.c.at >= since, _TIMES.c.at < until)
    query = (
        sa.select(
            person.c.pseudonym,
            person.c.name,
            sa.func.sum(sa.case((_TIMES.c.revision == 1, 1), else_=0)).label("pages"),
            sa.func.coalesce(sa.func.sum(_TIMES.c.active_ms), 0).label("active_ms"),
            sa.func.sum(sa.case((_TIMES.c.active_ms.is_(None), 1), else_=0)).label("untimed"),
        )
        .select_from(_TIMES)
        .join(assignment, assignment.c.id == _TIMES.c.assignment)
        .join(person, person.c.id == assignment.c.rater)
        .where(within)
        .group_by(person.c.id, person.c.pseudonym, person.c.name)
        .order_by(person.c.id)
    )
    return list(connection.execute(query))


def rounds(connection: sa.Connection) -> list[Any]:
    """Of each rater: how often they see an item, and their pages: the first of an item, those again, control items."""
    return list(connection.execute(_ROUNDS))


def _of(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(in_state("done"), which), 1), else_=0)), 0)


_ROUNDS = (
    sa.select(
        person.c.rounds,
        _of(assignment.c.round == 1).label("first"),
        _of(assignment.c.round > 1).label("again"),
        _of(assignment.c.round == 0).label("controls"),
    )
    .outerjoin(assignment, assignment.c.rater == person.c.id)
    .where(person.c.role == "rater")
    .group_by(person.c.id, person.c.rounds)
    .order_by(person.c.id)
)


def controls(connection: sa.Connection) -> int:
    """How many control items there are."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(item).where(CONTROL)).scalar_one())
