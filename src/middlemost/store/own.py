"""A rater's own answers, newest first, and the guidelines that they last answered under."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa

from middlemost.store.schema import STANDS, answer, assignment, content, guideline, item
from middlemost.store.sql import Row

_SENT = (
    sa.select(assignment.c.id, assignment.c.answer, item.c.id.label("item"), content.c.text, content.c.fields)
    .add_columns(answer.c.submitted_at, answer.c.revision)
    .join(item, item.c.seq == assignment.c.item)
    .join(content, content.c.item == item.c.seq)
    .join(answer, answer.c.id == assignment.c.answer)
    .where(assignment.c.rater == sa.bindparam("rater"), assignment.c.answer < sa.bindparam("before"))
    .order_by(assignment.c.answer.desc())
)
NEWEST = 2**62


def pages(connection: sa.Connection, rater: int, before: int | None, most: int) -> list[tuple[Row, dict[str, str]]]:
    """Up to `most` of the rater's pages that stand, answered before answer `before`; what is stored by question."""
    rows = connection.execute(_SENT.limit(most), {"rater": rater, "before": before or NEWEST}).all()
    said: dict[int, dict[str, str]] = defaultdict(dict)
    query = (
        sa.select(answer.c.assignment, answer.c.question, answer.c.value)
        .join(assignment, STANDS)
        .where(assignment.c.id.in_([row.id for row in rows]))
        .order_by(answer.c.id)
    )
    for one in connection.execute(query):
        said[one.assignment][one.question] = one.value
    return [(row, said[row.id]) for row in rows]


def guidelines_known(connection: sa.Connection, rater: int) -> tuple[int, str] | None:
    """Version and text of the guidelines that the rater last answered under, None before their first answer."""
    last = (
        sa.select(assignment.c.answer)
        .where(assignment.c.rater == rater, assignment.c.answer.is_not(None))
        .order_by(assignment.c.answer.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        sa.select(guideline.c.version, guideline.c.text)
        .join(answer, answer.c.guideline_version == guideline.c.version)
        .where(answer.c.id == last)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.version, row.text)
