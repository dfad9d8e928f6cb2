"""Logins with the hashes of their passwords, of people and of those who wait to be let in."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.errors import Place, StateError
from middlemost.store import events
from middlemost.store.schema import password
from middlemost.store.sql import alone


@dataclass(frozen=True)
class Password:
    """What is kept of one; it is a person's or an applicant's, and the other is None."""

    login: str
    hash: str
    person: int | None = None
    applicant: int | None = None


_KEPT = (password.c.login, password.c.hash, password.c.person, password.c.applicant)


class TakenError(StateError):
    """Somebody else has this login."""


def find(connection: sa.Connection, login: str) -> Password | None:
    """What is kept under a login."""
    row = connection.execute(sa.select(*_KEPT).where(password.c.login == login)).one_or_none()
    return None if row is None else Password(*row)


def of_person(connection: sa.Connection, who: int) -> Password | None:
    """What is kept of a person."""
    row = connection.execute(sa.select(*_KEPT).where(password.c.person == who)).one_or_none()
    return None if row is None else Password(*row)


def add(connection: sa.Connection, one: Password, *, now: float) -> None:
    """Keep a new one. TakenError where somebody has the login."""
    alone(connection, "joining")
    if find(connection, one.login) is not None:
        place = Place(column="login")
        raise TakenError("Somebody has this login already.", place=place, mend="Take another one.")
    connection.execute(sa.insert(password), vars(one) | {"set_at": now})


def put(connection: sa.Connection, who: int, before: Password | None, login: str, hash: str, *, now: float) -> None:
    """Set a person's login and password in place of those of `before`. StateError where these are no longer theirs."""
    _require(connection, who, before)
    connection.execute(sa.delete(password).where(password.c.person == who))
    add(connection, Password(login, hash, person=who), now=now)
    events.note(connection, "set a password" if before is None else "changed the password", {}, who=who, now=now)


def remove(connection: sa.Connection, who: int, before: Password, *, now: float) -> None:
    """Take a person's login and password away. StateError where `before` is no longer theirs."""
    _require(connection, who, before)
    connection.execute(sa.delete(password).where(password.c.person == who))
    events.note(connection, "removed the password", {}, who=who, now=now)


def renew(connection: sa.Connection, before: Password, hash: str) -> None:
    """The same password, hashed at today's costs."""
    kept = sa.and_(password.c.login == before.login, password.c.hash == before.hash)
    connection.execute(sa.update(password).where(kept).values(hash=hash))


def _require(connection: sa.Connection, who: int, before: Password | None) -> None:
    if of_person(connection, who) != before:
        raise StateError("The password was changed meanwhile.", mend="Load the page again.")
