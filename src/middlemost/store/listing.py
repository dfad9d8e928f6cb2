"""Items a page at a time, for the desk: each page begins where the one before ended, however many items there are.

Where the items of a page have to be looked for, by words in them or by how many answers they have, they are looked
through stretch by stretch, each twice as long as the one before, until the page is full or `PATIENCE` is over. A page
says how far it came, and the next one looks on from there: no page takes long, whatever is in a million items.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal, get_args

import sqlalchemy as sa

from middlemost.store.schema import CONTROL, OPEN, content, decision, flag, gold, item
from middlemost.store.schema import assignment as lent
from middlemost.store.sql import Row

State = Literal["all", "open", "unanswered", "complete", "decided", "flagged", "gold", "control"]
STATES: tuple[State, ...] = get_args(State)
PATIENCE = 0.1  # seconds after which no other stretch is begun
FIRST_STRETCH = 1_000

_COLUMNS = (item.c.seq, item.c.id, content.c.text, item.c.places, item.c.answered)
_IN: dict[State, sa.ColumnElement[bool]] = {
    "all": item.c.control.is_(False),
    "open": OPEN,
    "unanswered": sa.and_(item.c.answered == 0, item.c.control.is_(False)),
    "complete": sa.and_(item.c.answered >= item.c.places, item.c.control.is_(False)),
    "decided": sa.exists().where(decision.c.item == item.c.seq),
    "flagged": sa.exists().where(lent.c.item == item.c.seq, flag.c.assignment == lent.c.id),
    "gold": sa.exists().where(gold.c.item == item.c.seq),
    "control": CONTROL,
}
_SMALL: dict[State, sa.Select[int]] = {
    "decided": sa.select(decision.c.item),
    "flagged": sa.select(lent.c.item).join(flag, flag.c.assignment == lent.c.id),
    "gold": sa.select(gold.c.item),
    "control": sa.select(item.c.seq).where(CONTROL),
}


@dataclass(frozen=True)
class Listed:
    """Some items in order of their numbers. `after`: where the next page begins, None where there is none.

    `searched`: how many items were looked through, where a search ended before it had filled the page.
    """

    rows: tuple[Row, ...]
    after: int | None
    searched: int | None = None


def listed(connection: sa.Connection, state: State, search: str, after: int, most: int) -> Listed:
    """Up to `most` items in `state` past number `after`, whose id or text has `search` in it (letters in any case)."""
    query = sa.select(*_COLUMNS).join(content, content.c.item == item.c.seq).order_by(item.c.seq)
    # Where few items are in a state, these are looked up; else all are walked along in order.
    query = query.where(item.c.seq.in_(_SMALL[state]) if state in _SMALL else _IN[state])
    if search:
        has = item.c.id.icontains(search, autoescape=True) | content.c.text.icontains(search, autoescape=True)
        return _looked_for(connection, query.where(has), after, most)
    if state != "all" and state not in _SMALL:
        return _looked_for(connection, query, after, most)
    rows = connection.execute(query.where(item.c.seq > after).limit(most + 1)).all()
    return Listed(tuple(rows[:most]), rows[most - 1].seq if len(rows) > most else None)


def _looked_for(connection: sa.Connection, query: sa.Select[*tuple[Any, ...]], after: int, most: int) -> Listed:
    rows: list[Row] = []
    began, stretch, looked, upto = perf_counter(), FIRST_STRETCH, 0, after
    while perf_counter() - began < PATIENCE or not looked:
        end = _end_of(connection, upto, stretch)
        part = query.where(item.c.seq > upto) if end is None else query.where(item.c.seq > upto, item.c.seq <= end)
        rows += connection.execute(part.limit(most + 1 - len(rows))).all()
        if len(rows) > most:
            return Listed(tuple(rows[:most]), rows[most - 1].seq)
        if end is None:
            return Listed(tuple(rows), None)
        looked, stretch, upto = looked + stretch, 2 * stretch, end
    return Listed(tuple(rows), upto, looked)


def _end_of(connection: sa.Connection, after: int, stretch: int) -> int | None:
    """The last item of the stretch past `after`; None where it goes to the end."""
    query = sa.select(item.c.seq).where(item.c.seq > after).order_by(item.c.seq).offset(stretch - 1).limit(2)
    found = list(connection.execute(query).scalars())
    return found[0] if len(found) == 2 else None
