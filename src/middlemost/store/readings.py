"""Which sections of the guidelines raters read before they answered, of the pages that stand and count."""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.store.schema import answer, assignment, flag, item, reading
from middlemost.store.sql import Row

_stood = answer.alias("stood")
_pages = sa.func.count(sa.distinct(assignment.c.id)).label("pages")
# Under one version of the guidelines; control items have no part in it.
_COUNTS = sa.and_(
    _stood.c.guideline_version == sa.bindparam("version"), _stood.c.surplus.is_(False), assignment.c.round > 0
)
_GIVEN = (
    sa.select(item.c.id.label("item"), sa.func.count().label("pages"))
    .select_from(assignment)
    .join(_stood, _stood.c.id == assignment.c.answer)
    .join(item, item.c.seq == assignment.c.item)
    .where(_COUNTS)
    .group_by(item.c.id)
)
# Read before any revision of the page, under the same version.
_READ = (
    sa.select(item.c.id.label("item"))
    .select_from(reading)
    .join(answer, answer.c.id == reading.c.answer)
    .join(assignment, assignment.c.id == answer.c.assignment)
    .join(_stood, _stood.c.id == assignment.c.answer)
    .join(item, item.c.seq == assignment.c.item)
    .where(_COUNTS, answer.c.guideline_version == sa.bindparam("version"))
)


def pages(connection: sa.Connection, version: int) -> list[Row]:
    """(item, pages): how many pages there are of each item."""
    return list(connection.execute(_GIVEN, {"version": version}))


def of_sections(connection: sa.Connection, version: int) -> list[Row]:
    """(item, section, pages): before how many pages of each item each section was read."""
    query = _READ.add_columns(reading.c.section, _pages).group_by(item.c.id, reading.c.section)
    return list(connection.execute(query, {"version": version}))


def of_items(connection: sa.Connection, version: int) -> list[Row]:
    """(item, pages): before how many pages of each item anything was read."""
    return list(connection.execute(_READ.add_columns(_pages).group_by(item.c.id), {"version": version}))


def flagged(connection: sa.Connection) -> set[str]:
    """The items that raters flagged."""
    query = sa.select(item.c.id).join(assignment, assignment.c.item == item.c.seq)
    return set(connection.execute(query.join(flag, flag.c.assignment == assignment.c.id).distinct()).scalars())


def skipped(connection: sa.Connection) -> list[Row]:
    """(item, reason): why raters skipped items."""
    query = sa.select(item.c.id.label("item"), assignment.c.skip_reason.label("reason"))
    query = query.join(assignment, assignment.c.item == item.c.seq)
    return list(connection.execute(query.where(assignment.c.skip_reason.is_not(None))))
