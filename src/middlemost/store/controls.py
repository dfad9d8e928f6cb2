"""Control items, whose right answer is known, mixed in among the items that a rater is lent.

Which items of the line one follows is drawn by the seed, the rater and the item; it is lent next, in round 0, outside
the places: it has no part in redundancy, agreement or consensus. `reach` of round 0 is 1 while one is owed.
"""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.core.qualifying import Controls
from middlemost.store.line import drawn
from middlemost.store.schema import CONTROL, assignment, content, in_state, item, reach
from middlemost.store.sql import Prepared, Row

ROUND = 0

_own = assignment.alias("own")
_MINE = sa.and_(_own.c.item == item.c.seq, _own.c.rater == sa.bindparam("rater"), _own.c.round == ROUND)
_OWED = Prepared(sa.select(reach.c.upto).where(reach.c.rater == sa.bindparam("rater"), reach.c.round == ROUND))
_OWE = Prepared(
    sa.update(reach)
    .where(reach.c.rater == sa.bindparam("whose"), reach.c.round == ROUND)
    .values(upto=sa.bindparam("n"))
)
_BEGIN = Prepared(sa.insert(reach).values(rater=sa.bindparam("whose"), round=ROUND, upto=sa.bindparam("n")))
_POOL = Prepared(
    sa.select(item.c.seq).outerjoin(_own, _MINE).where(CONTROL, sa.or_(_own.c.id.is_(None), in_state("expired", _own)))
)
_ONE = Prepared(
    sa.select(item.c.seq, item.c.id, content.c.text, content.c.fields, _own.c.id.label("lapsed"))
    .join(content, content.c.item == item.c.seq)
    .outerjoin(_own, _MINE)
    .where(item.c.seq == sa.bindparam("which"))
)


def follows(controls: Controls, seed: int, rater: int, seq: int) -> bool:
    """Whether a control item follows the item `seq` of the line."""
    # Of the items that a rater is lent, controls too, they are to be the share.
    return drawn(seed, "control", rater, seq) < controls.share / (1 - controls.share)


def owed(connection: sa.Connection, rater: int) -> bool | None:
    """Whether the next is to be a control item; None where this rater has never been owed one."""
    row = _OWED.one(connection, rater=rater)
    return None if row is None else bool(row.upto)


def owe(connection: sa.Connection, rater: int, before: bool | None, now: bool) -> None:
    """Note whether the next is to be one."""
    if before is None and now:
        _BEGIN.run(connection, whose=rater, n=1)
    elif before is not None and before != now:
        _OWE.run(connection, whose=rater, n=int(now))


def pick(connection: sa.Connection, rater: int, seed: int) -> Row | None:
    """A control item that this rater has not answered; None where there is none left."""
    pool = _POOL.rows(connection, rater=rater)
    if not pool:
        return None
    chosen = min(pool, key=lambda row: drawn(seed, "which", rater, row.seq))
    found: Row = _ONE.one(connection, rater=rater, which=chosen.seq)
    return found
