"""More answers where raters disagree: an item whose first answer does not lead by enough votes gets one more place.

It is decided when an item has the answers it was to have so far, in the transaction of the last of them, and again when
one is corrected. The item goes further back in its priority's line, where every rater comes to it.
"""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from middlemost.core.assigning import More
from middlemost.store import events
from middlemost.store.line import MOST_EXTRA, PASS
from middlemost.store.schema import IS_DRAWN, STANDS, answer, assignment, item, reach
from middlemost.store.sql import Prepared

_ITEM = Prepared(
    sa.select(item.c.seq, item.c.id, item.c.line, item.c.places, item.c.taken, item.c.answered, item.c.extra)
    .add_columns(IS_DRAWN.label("drawn"))
    .where(item.c.seq == sa.bindparam("which"))
    .with_for_update()
)
_VOTES = Prepared(
    sa.select(answer.c.value, sa.func.count().label("n"))
    .select_from(assignment)
    .join(answer, STANDS)
    .where(assignment.c.item == sa.bindparam("which"), assignment.c.round == 1)
    .where(answer.c.surplus.is_(False), answer.c.question == sa.bindparam("asked"))
    .group_by(answer.c.value)
)
_ASK = Prepared(
    sa.update(item)
    .where(item.c.seq == sa.bindparam("which"))
    .values(
        extra=sa.bindparam("to"), places=sa.bindparam("of"), line=sa.bindparam("at"),
        returned=sa.or_(item.c.returned, sa.exists().where(reach.c.round == 1, reach.c.upto >= sa.bindparam("at"))),
    )
)  # fmt: skip
_COMPLETE = sa.select(item.c.seq).where(item.c.answered >= item.c.places).order_by(item.c.seq)


def weigh(connection: sa.Connection, seq: int, question: str, least: int, more: More, *, now: float) -> None:
    """Ask for one more answer to an item where its votes on `question` are too close, or for no more where not."""
    row = _ITEM.one(connection, which=seq)
    if row.answered < least or row.drawn:
        return
    wanted = max(least, row.answered)
    if row.answered < more.most and _close(connection, seq, question, more.lead):
        wanted = row.answered + 1
    extra, places = wanted - least, max(wanted, row.taken)
    if (extra, places) == (row.extra, row.places):
        return
    line = row.line
    if places > row.places:
        line = max(line, line + (min(extra, MOST_EXTRA) - line // PASS % (MOST_EXTRA + 1)) * PASS)
        about = {"item": row.id, "answers": places}
        events.note(connection, "asked for more", about, name=events.SERVER, now=now)
    _ASK.run(connection, which=seq, to=extra, of=places, at=line)


def _close(connection: sa.Connection, seq: int, question: str, lead: int) -> bool:
    """Whether the first answer leads the second by fewer votes than it is to."""
    votes: Counter[str] = Counter({row.value: row.n for row in _VOTES.rows(connection, which=seq, asked=question)})
    first, second = [*(n for _, n in votes.most_common(2)), 0, 0][:2]
    return first - second < lead


def weigh_all(connection: sa.Connection, question: str, least: int, more: More, *, now: float) -> None:
    """Do so for every item that has its answers, as when a protocol asks for it from now on."""
    for seq in connection.execute(_COMPLETE).scalars().all():
        weigh(connection, seq, question, least, more, now=now)
