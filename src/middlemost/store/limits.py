"""How much a rater may be given still: in all, today, in this session.

What was sent is counted back from the newest page, no further than the limit reaches, by the index of a rater's pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from middlemost.core.assigning import Limits
from middlemost.store.schema import answer, assignment
from middlemost.store.sql import Prepared

DAY = 86_400.0
ANY_NUMBER = 2**31 - 1

_MINE = sa.and_(assignment.c.rater == sa.bindparam("rater"), assignment.c.answer.is_not(None))
IN_ALL = Prepared(sa.select(sa.func.count().label("n")).select_from(assignment).where(_MINE))
SENT = Prepared(
    sa.select(answer.c.submitted_at)
    .select_from(assignment)
    .join(answer, answer.c.id == assignment.c.answer)
    .where(_MINE)
    .order_by(assignment.c.answer.desc())
    .limit(sa.bindparam("most"))
)


@dataclass(frozen=True)
class Reached:
    """Which limit a rater has come to, and when they are given items again (Unix seconds; None: no more)."""

    what: Literal["items", "a_day", "a_session"]
    most: int
    until: float | None


def room(connection: sa.Connection, rater: int, limits: Limits, now: float) -> int:
    """How many items the rater may hold at `now`."""
    return min((left for left, _ in _rooms(connection, rater, limits, now)), default=ANY_NUMBER)


def reached(connection: sa.Connection, rater: int, limits: Limits, now: float, held: int = 0) -> Reached | None:
    """The limit that keeps the rater from being given more than the `held` at `now`; the one that lasts longest."""
    full = [limit for left, limit in _rooms(connection, rater, limits, now) if left <= held]
    return max(full, key=lambda one: float("inf") if one.until is None else one.until, default=None)


def _rooms(connection: sa.Connection, rater: int, limits: Limits, now: float) -> list[tuple[int, Reached]]:
    found = []
    if limits.items is not None:
        sent = int(IN_ALL.one(connection, rater=rater).n)
        found.append((max(0, limits.items - sent), Reached("items", limits.items, None)))
    most = max(limits.a_day or 0, limits.a_session or 0)
    times = [float(row.submitted_at) for row in SENT.rows(connection, rater=rater, most=most)] if most else []
    if limits.a_day is not None:
        today = now - now % DAY
        sent = sum(today <= at < today + DAY for at in times)  # also what a clock that was ahead put later today
        found.append((max(0, limits.a_day - sent), Reached("a_day", limits.a_day, today + DAY)))
    if limits.a_session is not None:
        pause = limits.pause_minutes * 60
        sent = _in_session(times, now, pause)
        until = (times[0] if times else now) + pause
        found.append((max(0, limits.a_session - sent), Reached("a_session", limits.a_session, until)))
    return found


def _in_session(times: list[float], now: float, pause: float) -> int:
    """How many of the newest pages were sent without a pause between them, and before now.

    A clock that is put back by more than a pause is one as well: nobody waits for the time that it had come to.
    """
    later = now
    for n, at in enumerate(times):
        if abs(later - at) >= pause:
            return n
        later = at
    return len(times)
