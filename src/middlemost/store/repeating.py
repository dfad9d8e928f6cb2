"""A set share of a rater's items comes to them again, in between the new ones, to see whether they answer the same.

Which ones follows from the seed, the rater and the item; each comes after a set number of others. They are of round 2,
outside the places.
"""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.core.assigning import Repeats
from middlemost.store.line import drawn
from middlemost.store.schema import assignment, reach
from middlemost.store.sql import Prepared, Row

ROUND = 2
LOOKED_AT = 20  # items in one go
PASSED = 10  # so many that do not come again are noted, so that they are not looked at again

_later = (
    sa.select(assignment.c.answer)
    .where(assignment.c.rater == sa.bindparam("rater"), assignment.c.answer > sa.bindparam("than"))
    .limit(sa.bindparam("most"))
    .subquery("later")
)
SINCE = Prepared(sa.select(sa.func.count().label("n")).select_from(_later))
_PASS = Prepared(
    sa.update(reach)
    .where(reach.c.rater == sa.bindparam("whose"), reach.c.round == ROUND)
    .values(upto=sa.bindparam("to"))
)
_SET_OUT = Prepared(sa.insert(reach).values(rater=sa.bindparam("whose"), round=ROUND, upto=sa.bindparam("to")))


def due(
    connection: sa.Connection, following: Prepared, rater: int, want: int, repeats: Repeats, seed: int
) -> list[Row]:
    """Up to `want` items that the rater is to answer again now; `following` gives what they answered past the reach."""
    if want <= 0:
        return []
    rows = following.rows(connection, rater=rater, round=ROUND, want=LOOKED_AT)
    found: list[Row] = []
    passed = 0
    for row in rows:
        if drawn(seed, "again", rater, row.seq) < repeats.share:
            if len(found) == want or not _old_enough(connection, rater, row.upto, repeats.after):
                break
            found.append(row)
        passed += 1
    if found or passed >= PASSED:
        step = _SET_OUT if rows[0].reached is None else _PASS
        step.run(connection, whose=rater, to=rows[passed - 1].upto)
    return found


def _old_enough(connection: sa.Connection, rater: int, answered: int, after: int) -> bool:
    return int(SINCE.one(connection, rater=rater, than=answered, most=after).n) >= after
