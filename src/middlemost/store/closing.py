"""Taking a person's access away, and giving it back."""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.core.nouns import Person
from middlemost.errors import StateError
from middlemost.store import events, lending
from middlemost.store.schema import identity, invite, password, person, session, token
from middlemost.store.sql import alone, hold


def close(connection: sa.Connection, who: Person, *, by: int | None, now: float) -> None:
    """They come in by no way any more, nor does anybody by a link of theirs; what they hold goes back.

    StateError where that is so already, or where they are the last owner.
    """
    alone(connection, "joining")
    hold(connection, who.id)
    if who.pseudonym in closed(connection):
        raise StateError(f"The access of {who.pseudonym} was taken away already.")
    if who.role == "owner" and _owners(connection) == 1:
        mend = "middlemost invite --role owner makes a link for another one."
        raise StateError(f"{who.pseudonym} is the last owner.", mend=mend)
    connection.execute(sa.update(person).where(person.c.id == who.id).values(closed_at=now))
    for table in (session, password, identity):
        connection.execute(sa.delete(table).where(table.c.person == who.id))
    theirs = sa.and_(token.c.person == who.id, token.c.revoked_at.is_(None))
    connection.execute(sa.update(token).where(theirs).values(revoked_at=now))
    links = sa.or_(invite.c.person == who.id, invite.c.made_by == who.id)
    connection.execute(sa.update(invite).where(links).values(uses=invite.c.used))
    lending.return_all(connection, who.id)
    events.note(connection, "closed", {"person": who.pseudonym}, who=by, now=now)


def reopen(connection: sa.Connection, who: Person, *, by: int | None, now: float) -> None:
    """They may come in again, by a new link. StateError where they may already."""
    opened = sa.and_(person.c.id == who.id, person.c.closed_at.is_not(None))
    if not connection.execute(sa.update(person).where(opened).values(closed_at=None)).rowcount:
        raise StateError(f"{who.pseudonym} may come in: their access was not taken away.")
    events.note(connection, "reopened", {"person": who.pseudonym}, who=by, now=now)


def closed(connection: sa.Connection) -> frozenset[str]:
    """The pseudonyms of those whose access was taken away."""
    return frozenset(connection.execute(sa.select(person.c.pseudonym).where(person.c.closed_at.is_not(None))).scalars())


def _owners(connection: sa.Connection) -> int:
    owners = sa.and_(person.c.role == "owner", person.c.closed_at.is_(None))
    return int(connection.execute(sa.select(sa.func.count()).where(owners)).scalar_one())
