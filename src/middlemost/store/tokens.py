"""Tokens by which programs act for a person. Of a token only its SHA-256 is kept."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.nouns import Person
from middlemost.errors import MissingError, StateError
from middlemost.store import events
from middlemost.store.people import hashed
from middlemost.store.schema import person, token
from middlemost.store.sql import repeatable


@dataclass(frozen=True)
class Token:
    """What is known of a token but itself; `revoked_at` and `used_at` are None while it was not."""

    name: str
    person: str
    scope: str
    made_at: float
    expires_at: float
    revoked_at: float | None
    used_at: float | None


_PERSON = (person.c.id, person.c.pseudonym, person.c.name, person.c.role, person.c.rounds)
_ACTS = (
    sa.select(*_PERSON, token.c.scope, token.c.used_at)
    .join(token, token.c.person == person.c.id)
    .where(token.c.token_hash == sa.bindparam("hash"), token.c.expires_at > sa.bindparam("now"))
    .where(token.c.revoked_at.is_(None))
)


def add(connection: sa.Connection, secret: str, name: str, who: int, scope: str, *, now: float, until: float) -> None:
    """Keep a token. StateError if there is one of this name."""
    if connection.execute(sa.select(person.c.closed_at).where(person.c.id == who)).scalar() is not None:
        raise StateError("Nobody acts for one whose access was taken away.", mend="middlemost users reopen")
    if connection.execute(sa.select(sa.exists().where(token.c.name == name))).scalar():
        raise StateError(f"There is a token called {name!r} already.", mend="Give this one another name.")
    row = {"token_hash": hashed(secret), "name": name, "person": who, "scope": scope}
    connection.execute(sa.insert(token), row | {"made_at": now, "expires_at": until})
    events.note(connection, "made a token", {"token": hashed(secret), "scope": scope, "person": who}, now=now)


def acts_for(connection: sa.Connection, secret: str, *, now: float) -> tuple[Person, str, float | None] | None:
    """For whom a token acts, its scope, and when it was used last; None if it is not valid."""
    row = connection.execute(_ACTS, {"hash": hashed(secret), "now": now}).one_or_none()
    return None if row is None else (Person(*row[:5]), row.scope, row.used_at)


@repeatable
def used(connection: sa.Connection, secret: str, *, now: float) -> None:
    """Note that it was used."""
    connection.execute(sa.update(token).where(token.c.token_hash == hashed(secret)).values(used_at=now))


def revoke(connection: sa.Connection, name: str, *, now: float) -> None:
    """From now on it is not valid. MissingError if there is none of this name."""
    found = connection.execute(sa.select(token.c.token_hash).where(token.c.name == name)).scalar()
    if found is None:
        raise MissingError(f"There is no token called {name!r}.", mend="middlemost tokens list says which there are.")
    ended = sa.func.coalesce(token.c.revoked_at, now)
    connection.execute(sa.update(token).where(token.c.name == name).values(revoked_at=ended))
    events.note(connection, "revoked a token", {"token": found}, now=now)


def every(connection: sa.Connection) -> list[Token]:
    """All tokens, in the order in which they were made."""
    columns = (token.c.name, person.c.pseudonym, *(token.c[name] for name in list(Token.__dataclass_fields__)[2:]))
    query = sa.select(*columns).join(person, person.c.id == token.c.person).order_by(token.c.id)
    return [Token(*row) for row in connection.execute(query)]
