"""What the lead decided on items. Appended; the newest decision on an item counts."""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.store import events
from middlemost.store.schema import decision, item, person
from middlemost.store.sql import Row

_EVERY = (
    sa.select(
        item.c.id,
        decision.c.label,
        decision.c.reason,
        person.c.pseudonym,
        decision.c.made_at,
        decision.c.scripted,
        decision.c.blind,
    )
    .join(item, item.c.seq == decision.c.item)
    .outerjoin(person, person.c.id == decision.c.made_by)
    .order_by(decision.c.id)
)


def add(
    connection: sa.Connection,
    seq: int,
    label: str,
    reason: str,
    by: int | None,
    *,
    scripted: bool,
    blind: str | None = None,
    now: float,
) -> None:
    """Append a decision on the item at `seq`; `blind` is what they said before they saw the others' answers."""
    row = {"item": seq, "label": label, "reason": reason, "made_by": by, "made_at": now, "scripted": scripted}
    connection.execute(sa.insert(decision), row | {"blind": blind})
    about = {"item": seq, "label": label, "digest": events.digest(reason), "scripted": scripted, "blind": blind}
    events.note(connection, "decided", about, who=by, now=now)


def every(connection: sa.Connection) -> list[Row]:
    """All decisions, oldest first."""
    return list(connection.execute(_EVERY))


def of_item(connection: sa.Connection, seq: int) -> list[Row]:
    """The decisions on one item, oldest first."""
    return list(connection.execute(_EVERY.where(decision.c.item == seq)))
