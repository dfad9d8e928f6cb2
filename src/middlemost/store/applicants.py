"""Who signed up and waits to be let in."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.nouns import Person
from middlemost.errors import MissingError, StateError
from middlemost.store import events, people
from middlemost.store.schema import applicant, identity, password
from middlemost.store.sql import alone, insert

MOST = 1_000


@dataclass(frozen=True)
class Applicant:
    """One who waits since `made_at`. `login`: how they will sign in; `issuer`: at whose provider they are known."""

    id: int
    name: str
    made_at: float
    login: str | None
    issuer: str | None


def add(connection: sa.Connection, name: str, *, now: float) -> int:
    """Somebody more waits. StateError where too many do."""
    alone(connection, "joining")
    if connection.execute(sa.select(sa.func.count()).select_from(applicant)).scalar_one() >= MOST:
        raise StateError(
            "Too many wait to be let in.", mend="Try again when whoever leads this project has let some in."
        )
    number = insert(connection, sa.insert(applicant), {"name": name, "made_at": now})
    events.note(connection, "signed up", {"applicant": number}, name=events.SERVER, now=now)
    return number


def every(connection: sa.Connection) -> list[Applicant]:
    """Who waits, the longest first."""
    query = (
        sa.select(applicant.c.id, applicant.c.name, applicant.c.made_at, password.c.login, identity.c.issuer)
        .outerjoin(password, password.c.applicant == applicant.c.id)
        .outerjoin(identity, identity.c.applicant == applicant.c.id)
        .order_by(applicant.c.id)
    )
    return [Applicant(*row) for row in connection.execute(query)]


def let_in(connection: sa.Connection, number: int, *, by: int | None, now: float) -> Person:
    """They join as a rater, and sign in by what they signed up with. MissingError where nobody of this number waits."""
    name = _name_of(connection, number)
    joined = people.sign_up(connection, name, now=now)
    for table in (password, identity):
        mine = table.c.applicant == number
        connection.execute(sa.update(table).where(mine).values(person=joined.id, applicant=None))
    connection.execute(sa.delete(applicant).where(applicant.c.id == number))
    events.note(connection, "let in", {"applicant": number, "person": joined.id}, who=by, now=now)
    return joined


def decline(connection: sa.Connection, number: int, *, by: int | None, now: float) -> None:
    """They do not wait any more, and nothing of them is kept. MissingError where nobody of this number waits."""
    _name_of(connection, number)
    drop(connection, number)
    events.note(connection, "declined", {"applicant": number}, who=by, now=now)


def drop(connection: sa.Connection, number: int) -> None:
    """Forget them."""
    for table in (password, identity):
        connection.execute(sa.delete(table).where(table.c.applicant == number))
    connection.execute(sa.delete(applicant).where(applicant.c.id == number))


def _name_of(connection: sa.Connection, number: int) -> str:
    alone(connection, "joining")
    name: str | None = connection.execute(sa.select(applicant.c.name).where(applicant.c.id == number)).scalar()
    if name is None:
        raise MissingError(f"Nobody waits under the number {number}.", mend="Somebody else may have seen to it.")
    return name
