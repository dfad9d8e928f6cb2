"""Passwords that were tried and not right: kept in the database, so that all server processes count together."""

from __future__ import annotations

from math import ceil

import sqlalchemy as sa

from middlemost.errors import TooManyError
from middlemost.store.schema import guess
from middlemost.store.sql import alone, insert

MOST, SECONDS = 10, 900.0


def count(connection: sa.Connection, about: str, *, now: float) -> int:
    """Count a try before it is judged, so that no two at once pass for one; its number, to be forgiven if it is right.

    TooManyError where there were `MOST` within `SECONDS` that were not.
    """
    alone(connection, "guessing")
    connection.execute(sa.delete(guess).where(guess.c.at <= now - SECONDS))
    made = list(connection.execute(sa.select(guess.c.at).where(guess.c.about == about).order_by(guess.c.at)).scalars())
    if len(made) >= MOST:
        wait = max(1, ceil(made[-MOST] + SECONDS - now))
        raise TooManyError("This was tried too often with a password that is not right.", after=wait)
    return insert(connection, sa.insert(guess), {"about": about, "at": now})


def forgive(connection: sa.Connection, number: int) -> None:
    """The try was right: it does not count."""
    connection.execute(sa.delete(guess).where(guess.c.id == number))
