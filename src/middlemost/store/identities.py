"""Who people are at a provider (OpenID Connect), and those who are on the way there and back."""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.core.entering import Errand
from middlemost.errors import StateError
from middlemost.store import events
from middlemost.store.people import hashed
from middlemost.store.schema import identity, journey
from middlemost.store.sql import Row, alone


def find(connection: sa.Connection, issuer: str, subject: str) -> Row | None:
    """Whose identity it is: `person` or `applicant`, the other is None; None where nobody's."""
    mine = sa.and_(identity.c.issuer == issuer, identity.c.subject == subject)
    return connection.execute(sa.select(identity.c.person, identity.c.applicant).where(mine)).one_or_none()


def issuers_of(connection: sa.Connection, who: int) -> list[Row]:
    """Where a person has an identity: issuer, made_at."""
    columns = (identity.c.issuer, identity.c.made_at)
    return list(connection.execute(sa.select(*columns).where(identity.c.person == who).order_by(identity.c.made_at)))


def add(
    connection: sa.Connection,
    issuer: str,
    subject: str,
    *,
    person: int | None = None,
    applicant: int | None = None,
    now: float,
) -> None:
    """From now on this identity is theirs. StateError where it is somebody's already, or they have another there."""
    alone(connection, "joining")
    if find(connection, issuer, subject) is not None:
        raise StateError("Somebody here is known by this account already.", mend="Sign in with it.")
    if any(one.issuer == issuer for one in (issuers_of(connection, person) if person is not None else ())):
        mend = "Sign in with that one, or disconnect it first."
        raise StateError("Another account of the same provider is connected.", mend=mend)
    row = {"issuer": issuer, "subject": subject, "person": person, "applicant": applicant, "made_at": now}
    connection.execute(sa.insert(identity), row)
    if person is not None:
        events.note(connection, "connected", {"issuer": issuer}, who=person, now=now)


def disconnect(connection: sa.Connection, who: int, issuer: str, *, now: float) -> None:
    """A person is no longer known by what they are at `issuer`."""
    mine = sa.and_(identity.c.person == who, identity.c.issuer == issuer)
    if connection.execute(sa.delete(identity).where(mine)).rowcount:
        events.note(connection, "disconnected", {"issuer": issuer}, who=who, now=now)


def set_out(connection: sa.Connection, state: str, browser: str, errand: Errand, *, now: float, lasts: float) -> None:
    """Somebody sets out, whose browser holds the secret `browser`; `state` is to come back with them."""
    connection.execute(sa.delete(journey).where(journey.c.expires_at <= now))
    row = {"state_hash": hashed(state), "browser_hash": hashed(browser), "expires_at": now + lasts}
    connection.execute(sa.insert(journey), row | vars(errand))


def come_back(connection: sa.Connection, state: str, browser: str, *, now: float) -> Errand | None:
    """What they went for; None where they did not set out from this browser, too long ago, or have come back before."""
    mine = journey.c.state_hash == hashed(state)
    row = connection.execute(sa.select(journey).where(mine).with_for_update()).one_or_none()
    connection.execute(sa.delete(journey).where(mine))
    if row is None or row.browser_hash != hashed(browser) or row.expires_at <= now:
        return None
    return Errand(row.purpose, row.name, row.person)
