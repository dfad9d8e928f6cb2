"""Flags: what raters want the lead to know of an item. Appended."""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.errors import MissingError
from middlemost.store import events
from middlemost.store.schema import assignment, flag, item, person
from middlemost.store.sql import Row, hold, repeatable

_EVERY = (
    sa.select(item.c.id.label("item"), person.c.pseudonym, flag.c.note, flag.c.made_at)
    .join(assignment, assignment.c.id == flag.c.assignment)
    .join(item, item.c.seq == assignment.c.item)
    .join(person, person.c.id == assignment.c.rater)
    .order_by(flag.c.id.desc())
)


@repeatable
def add(connection: sa.Connection, rater: int, id: int, note: str, key: str, *, now: float) -> None:
    """Flag the item of assignment `id`. The same key again changes nothing. MissingError if it is not this rater's."""
    hold(connection, rater)
    whose = connection.execute(sa.select(assignment.c.rater).where(assignment.c.id == id)).scalar()
    if whose != rater:
        raise MissingError("There is no such assignment of yours.")
    if connection.execute(sa.select(flag.c.id).where(flag.c.key == key)).scalar() is None:
        row = {"assignment": id, "note": note, "key": key, "made_at": now}
        connection.execute(sa.insert(flag), row)
        events.note(connection, "flagged", {"assignment": id, "digest": events.digest(note)}, who=rater, now=now)


def newest(connection: sa.Connection, most: int) -> list[Row]:
    """(item, pseudonym, note, made_at) of the newest flags, newest first."""
    return list(connection.execute(_EVERY.limit(most)))


def every(connection: sa.Connection) -> list[Row]:
    """All flags, newest first."""
    return list(connection.execute(_EVERY))


def of_item(connection: sa.Connection, seq: int) -> list[Row]:
    """The flags of one item, newest first."""
    return list(connection.execute(_EVERY.where(assignment.c.item == seq)))


def count(connection: sa.Connection) -> int:
    """How many there are."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(flag)).scalar_one())
