"""People, the links that invite them and the sessions that they are signed in with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.nouns import Person
from middlemost.core.panels import PanelName
from middlemost.core.roles import LETTER, Role
from middlemost.errors import AccessError, MissingError, StateError
from middlemost.store import events
from middlemost.store.schema import invite, person, session
from middlemost.store.sql import insert, repeatable


@dataclass(frozen=True)
class Invitation:
    """What a link allows: `uses` people to join in `role`, or, with `person`, that person to sign in again.

    `panel`: where they are recruited; `code`: what they leave with, None where each gets their own.
    """

    role: Role
    name: str | None = None
    uses: int = 1
    rounds: int = 1
    person: int | None = None
    made_by: int | None = None
    panel: PanelName | None = None
    code: str | None = None


_PERSON = (person.c.id, person.c.pseudonym, person.c.name, person.c.role, person.c.rounds)
_SIGNED_IN = (
    sa.select(*_PERSON)
    .join(session, session.c.person == person.c.id)
    .where(session.c.token_hash == sa.bindparam("hash"), session.c.expires_at > sa.bindparam("now"))
)
_INVITE = sa.select(invite).where(invite.c.token_hash == sa.bindparam("hash"))


def hashed(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so that a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_invite(connection: sa.Connection, token: str, allows: Invitation, *, now: float) -> None:
    """Store a link."""
    row = vars(allows) | {"token_hash": hashed(token), "made_at": now}
    connection.execute(sa.insert(invite), row)
    about = {"invite": hashed(token), "role": allows.role, "uses": allows.uses, "person": allows.person}
    events.note(connection, "invited", about, who=allows.made_by, now=now)


def find_invite(
    connection: sa.Connection, token: str, *, to_use: bool = False, used_up: bool = False
) -> tuple[Invitation, int]:
    """What the link allows, and the uses it has left.

    MissingError if it is unknown, StateError if it is used up, but for a panel's where it may be `used_up`.
    """
    query = _INVITE.with_for_update() if to_use else _INVITE
    row = connection.execute(query, {"hash": hashed(token)}).one_or_none()
    if row is None:
        raise MissingError("This link is not valid, or a newer one has replaced it.", mend="Ask for a new link.")
    left = row.uses - row.used
    if not (used_up and row.panel):
        require_left(left)
    allows = Invitation(row.role, row.name, row.uses, row.rounds, row.person, row.made_by, row.panel, row.code)
    return allows, left


def require_left(uses: int) -> None:
    """StateError for a link that has no uses left."""
    if uses <= 0:
        raise StateError("This link has been used already.", mend="Ask for a new link.")


def join(connection: sa.Connection, token: str, name: str | None, *, now: float) -> Person:
    """Use the link once: its person, or a new one called `name`."""
    allows, _ = find_invite(connection, token, to_use=True)
    connection.execute(sa.update(invite).where(invite.c.token_hash == hashed(token)).values(used=invite.c.used + 1))
    if allows.person is not None:
        joined = one(connection, allows.person)
    else:
        joined = add(connection, allows.name or name or "", allows.role, allows.rounds, now=now)
    about = {"invite": hashed(token), "role": joined.role, "again": allows.person is not None}
    events.note(connection, "joined", about, who=joined.id, now=now)
    return joined


def sign_up(connection: sa.Connection, name: str, *, now: float) -> Person:
    """A new rater who came without a link."""
    joined = add(connection, name, "rater", now=now)
    events.note(connection, "joined", {"by": "sign-up", "role": "rater"}, who=joined.id, now=now)
    return joined


def add(connection: sa.Connection, name: str, role: Role, rounds: int = 1, *, now: float) -> Person:
    """A new person, with the next free pseudonym of their role."""
    n = connection.execute(sa.select(sa.func.count()).where(person.c.role == role)).scalar_one()
    pseudonym = f"{LETTER[role]}-{n + 1:03d}"
    row = {"pseudonym": pseudonym, "name": name, "role": role, "rounds": rounds, "joined_at": now}
    number = insert(connection, sa.insert(person), row)
    return Person(number, pseudonym, name, role, rounds)


def drop_unused_owner_invites(connection: sa.Connection) -> None:
    """Owner links that nobody in particular made and nobody used stop working."""
    unused = sa.and_(invite.c.role == "owner", invite.c.used == 0, invite.c.made_by.is_(None))
    connection.execute(sa.delete(invite).where(unused))


def start_session(connection: sa.Connection, token: str, who: int, *, now: float, lasts: float) -> None:
    """Sign a person in with `token`. AccessError for one whose access was taken away."""
    if connection.execute(sa.select(person.c.closed_at).where(person.c.id == who)).scalar() is not None:
        raise AccessError("You may not come in any more.", mend="Ask whoever leads this project.")
    row = {"token_hash": hashed(token), "person": who, "made_at": now, "expires_at": now + lasts}
    connection.execute(sa.insert(session), row)


@repeatable
def end_session(connection: sa.Connection, token: str, *, now: float) -> None:
    """Sign out."""
    ended = connection.execute(sa.select(session.c.person).where(session.c.token_hash == hashed(token))).scalar()
    if ended is not None:
        events.note(connection, "signed out", {}, who=ended, now=now)
    connection.execute(sa.delete(session).where(session.c.token_hash == hashed(token)))


def end_others(connection: sa.Connection, who: int, token: str, *, now: float) -> int:
    """End every session of a person but that of `token`; how many there were."""
    others = sa.and_(session.c.person == who, session.c.token_hash != hashed(token))
    ended = connection.execute(sa.delete(session).where(others)).rowcount
    if ended:
        events.note(connection, "signed out elsewhere", {"sessions": ended}, who=who, now=now)
    return ended


def open_sessions(connection: sa.Connection, who: int, token: str, *, now: float) -> list[tuple[float, bool]]:
    """When the sessions of a person that last still were made, newest first, and which is that of `token`."""
    mine = sa.and_(session.c.person == who, session.c.expires_at > now)
    query = sa.select(session.c.made_at, session.c.token_hash).where(mine).order_by(session.c.made_at.desc())
    return [(row.made_at, row.token_hash == hashed(token)) for row in connection.execute(query)]


def signed_in(connection: sa.Connection, token: str, *, now: float) -> Person | None:
    """Whose session `token` is, if it is one that lasts still."""
    row = connection.execute(_SIGNED_IN, {"hash": hashed(token), "now": now}).one_or_none()
    return None if row is None else Person(*row)


def one(connection: sa.Connection, id: int) -> Person:
    """The person with this number."""
    return Person(*connection.execute(sa.select(*_PERSON).where(person.c.id == id)).one())


def named(connection: sa.Connection, pseudonym: str) -> Person:
    """The person with this pseudonym. MissingError if there is none."""
    row = connection.execute(sa.select(*_PERSON).where(person.c.pseudonym == pseudonym)).one_or_none()
    if row is None:
        raise MissingError(f"There is nobody called {pseudonym!r} in this project.")
    return Person(*row)


def every(connection: sa.Connection) -> list[Person]:
    """Everybody who has joined, in that order."""
    return [Person(*row) for row in connection.execute(sa.select(*_PERSON).order_by(person.c.id))]
