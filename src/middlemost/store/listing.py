"""Items a page at a time, for the desk: each page begins where the one before ended, however many items there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa

from middlemost.store.schema import CONTROL, OPEN, content, decision, flag, gold, item
from middlemost.store.schema import assignment as lent
from middlemost.store.sql import Row

State = Literal["all", "open", "unanswered", "complete", "decided", "flagged", "gold", "control"]
STATES: tuple[State, ...] = get_args(State)
LOOKED_AT = 100_000  # texts that one search goes through before it says how far it came

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
    query = sa.select(*_COLUMNS).join(content, content.c.item == item.c.seq).where(item.c.seq > after)
    # Where few items are in a state, these are looked up; else all are walked along in order.
    query = query.where(item.c.seq.in_(_SMALL[state]) if state in _SMALL else _IN[state])
    query = query.order_by(item.c.seq).limit(most + 1)
    if not search:
        rows = connection.execute(query).all()
        return Listed(tuple(rows[:most]), rows[most - 1].seq if len(rows) > most else None)
    upto = _bound(connection, after)
    has = item.c.id.icontains(search, autoescape=True) | content.c.text.icontains(search, autoescape=True)
    rows = connection.execute(query.where(has, item.c.seq <= upto) if upto else query.where(has)).all()
    if len(rows) > most:
        return Listed(tuple(rows[:most]), rows[most - 1].seq)
    return Listed(tuple(rows), upto, LOOKED_AT if upto else None)


def _bound(connection: sa.Connection, after: int) -> int | None:
    """The last item that one search looks at; None where it comes to the end."""
    query = sa.select(item.c.seq).where(item.c.seq > after).order_by(item.c.seq).offset(LOOKED_AT).limit(1)
    return connection.execute(query).scalar()
