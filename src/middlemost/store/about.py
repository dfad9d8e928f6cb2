"""What raters say of themselves, in a table of its own: kept while they like, and gone when they take it back.

The audit log knows that somebody did so, and neither who nor what: that a rater is in this table is theirs to tell.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from middlemost.core.about import Said
from middlemost.store import events
from middlemost.store.schema import about, answer, assignment, in_state, person

SOMEBODY = "a rater"
_COUNTED = (
    sa.select(person.c.pseudonym)
    .join(assignment, assignment.c.rater == person.c.id)
    .join(answer, answer.c.id == assignment.c.answer)
    .where(in_state("done"), assignment.c.round > 0, answer.c.surplus.is_(False))
    .distinct()
)


def put(connection: sa.Connection, rater: int, values: Mapping[str, str], protocol_hash: str, *, now: float) -> None:
    """Keep `values` in place of all that this rater said before; with none, nothing is left of it."""
    had = _delete(connection, rater)
    if values:
        under = {"given_at": now, "protocol_hash": protocol_hash}
        rows = [{"person": rater, "question": name, "value": value} | under for name, value in values.items()]
        connection.execute(sa.insert(about), rows)
    if values or had:
        did = "told of themselves" if values else "withdrew what they told of themselves"
        events.note(connection, did, {}, name=SOMEBODY, now=now)


def withdraw(connection: sa.Connection, rater: int, *, now: float) -> bool:
    """Delete all that this rater said; whether there was any."""
    had = _delete(connection, rater)
    if had:
        events.note(connection, "withdrew what they told of themselves", {}, name=SOMEBODY, now=now)
    return had


def _delete(connection: sa.Connection, rater: int) -> bool:
    return connection.execute(sa.delete(about).where(about.c.person == rater)).rowcount > 0


def one(connection: sa.Connection, rater: int) -> Said | None:
    """What this rater said, None where nothing."""
    rows = connection.execute(sa.select(about).where(about.c.person == rater)).all()
    if not rows:
        return None
    return Said({row.question: row.value for row in rows}, rows[0].given_at, rows[0].protocol_hash)


def every(connection: sa.Connection) -> dict[str, Said]:
    """What the raters whose answers count said, by pseudonym. To be counted in groups; see `core/about.py`."""
    rows = connection.execute(
        sa.select(person.c.pseudonym, about.c.question, about.c.value, about.c.given_at, about.c.protocol_hash)
        .join(person, person.c.id == about.c.person)
        .where(person.c.pseudonym.in_(_COUNTED))
        .order_by(about.c.person, about.c.question)
    )
    found: dict[str, tuple[dict[str, str], float, str]] = {}
    for name, question, value, given_at, under in rows:
        found.setdefault(name, ({}, given_at, under))[0][question] = value
    return {name: Said(*row) for name, row in found.items()}


def n_raters(connection: sa.Connection) -> int:
    """How many raters there are whose answers count: all that groups are parts of."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(_COUNTED.subquery())).scalar_one())


def any_given(connection: sa.Connection) -> bool:
    """Whether anybody said anything."""
    return bool(connection.execute(sa.select(sa.exists().select_from(about))).scalar_one())
