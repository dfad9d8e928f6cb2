"""What the lead decided on items. Appended; the newest decision on an item counts."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from middlemost.errors import StateError
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
    key: str | None = None,
    now: float,
) -> None:
    """Append a decision on the item at `seq`; `blind` is what they said before they saw the others' answers.

    The same `key` again appends nothing; StateError if it was used for another decision.
    """
    row = {"item": seq, "label": label, "reason": reason, "made_by": by, "scripted": scripted, "blind": blind}
    if key is not None and _is_there(connection, key, row):
        return
    connection.execute(sa.insert(decision), row | {"made_at": now, "key": key})
    about = {"item": seq, "label": label, "digest": events.digest(reason), "scripted": scripted, "blind": blind}
    events.note(connection, "decided", about, who=by, now=now)


def _is_there(connection: sa.Connection, key: str, row: Mapping[str, object]) -> bool:
    before = connection.execute(sa.select(decision).where(decision.c.key == key)).one_or_none()
    if before is not None and any(before._mapping[name] != value for name, value in row.items()):
        mend = "Make a new key for each decision."
        raise StateError("This idempotency key was used for another decision already.", mend=mend)
    return before is not None


def with_key(connection: sa.Connection, key: str) -> Row:
    """The decision that was sent under a key."""
    return connection.execute(_EVERY.where(decision.c.key == key)).one()


def every(connection: sa.Connection) -> list[Row]:
    """All decisions, oldest first."""
    return list(connection.execute(_EVERY))


def of_item(connection: sa.Connection, seq: int) -> list[Row]:
    """The decisions on one item, oldest first."""
    return list(connection.execute(_EVERY.where(decision.c.item == seq)))
