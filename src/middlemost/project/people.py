"""People: links that invite them, joining, sessions."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.nouns import Person
from middlemost.core.panels import PanelName
from middlemost.core.roles import MAY_INVITE, Right, Role
from middlemost.errors import AccessError, InputError, Place, SettingError
from middlemost.project.folder import Project
from middlemost.store import people as stored
from middlemost.store.people import Invitation

SESSION_SECONDS = 90 * 24 * 3600.0
LONGEST_NAME = 80
MOST_USES, MOST_ROUNDS = 1000, 20


@dataclass(frozen=True)
class SignedIn:
    """A person and the session they are signed in with. `token` is the secret of the cookie, `csrf` that of forms.

    `scope`: what the token of a program is limited to; None in a browser's session.
    """

    person: Person
    token: str
    csrf: str
    scope: frozenset[Right] | None = None

    def may(self, right: Right) -> bool:
        """Whether the person has a right, and the scope has it too."""
        return self.person.may(right) and (self.scope is None or right in self.scope)


@dataclass(frozen=True)
class InviteView:
    """What a link offers, before it is used. `name` is None where the person is to say it."""

    role: Role
    name: str | None
    uses_left: int
    rounds: int
    bound: bool
    project: str
    panel: PanelName | None = None


def invite(
    project: Project,
    *,
    by: Person | None = None,
    role: Role = "rater",
    name: str | None = None,
    uses: int = 1,
    rounds: int = 1,
    person: Person | None = None,
) -> str:
    """The token of a new link, shown this once: only its hash is stored.

    `uses` people can join by it; with `person` that person signs in again, say on a new device. `rounds` over 1: its
    raters answer every item so many times, later, for consistency. `by` is None on the command line.
    """
    if person is not None:
        role, name, rounds = person.role, person.name, person.rounds
    if by is not None and role not in MAY_INVITE[by.role]:
        raise AccessError(f"A {by.role} may not invite a {role}.")
    if not 1 <= uses <= MOST_USES:
        raise SettingError(f"uses is {uses}.", mend=f"A link is for 1 to {MOST_USES} people.")
    if not 1 <= rounds <= MOST_ROUNDS:
        raise SettingError(f"rounds is {rounds}.", mend=f"It can be 1 to {MOST_ROUNDS}.")
    allows = Invitation(
        role,
        tidy_name(name) if name else None,
        uses,
        rounds,
        person=person.id if person else None,
        made_by=by.id if by else None,
    )
    token = secrets.token_urlsafe(32)
    project.store.write(stored.add_invite, token, allows, now=project.store.clock())
    return token


def owner_invite(project: Project) -> str | None:
    """The token of a one-time link for the owner; None once there is one. Earlier links of this kind stop working."""
    token = secrets.token_urlsafe(32)
    made = project.store.write(_owner_invite, token, project.store.clock())
    return token if made else None


def _owner_invite(connection: sa.Connection, token: str, now: float) -> bool:
    if any(person.role == "owner" for person in stored.every(connection)):
        return False
    stored.drop_unused_owner_invites(connection)
    stored.add_invite(connection, token, Invitation("owner"), now=now)
    return True


def peek_invite(project: Project, token: str, *, used_up: bool = False) -> InviteView:
    """What the link offers; nothing is used up by it.

    MissingError if it is unknown, StateError if it is used up, but for a panel's where it may be `used_up`.
    """
    allows, left = project.store.read(stored.find_invite, token, used_up=used_up)
    bound = allows.person is not None
    return InviteView(allows.role, allows.name, left, allows.rounds, bound, project.name, allows.panel)


def join(project: Project, token: str, name: str | None = None) -> SignedIn:
    """Use a link once: sign in as its person, or as a new one called `name`."""
    offered = peek_invite(project, token)
    if offered.panel is not None:
        raise InputError("This link is for raters of a panel.", mend=f"Open it from {offered.panel}.")
    needed = offered.name is None
    if needed and not (name or "").strip():
        raise InputError("Please say what you are called.", place=Place(column="name"))
    session = secrets.token_urlsafe(32)
    person = project.store.write(
        _join, token, tidy_name(name) if needed and name else None, session, project.store.clock()
    )
    return SignedIn(person, session, csrf_of(session))


def _join(connection: sa.Connection, token: str, name: str | None, session: str, now: float) -> Person:
    person = stored.join(connection, token, name, now=now)
    stored.start_session(connection, session, person.id, now=now, lasts=SESSION_SECONDS)
    return person


def signed_in(project: Project, session_token: str | None) -> SignedIn | None:
    """Whose session this is, None if nobody's."""
    if not session_token:
        return None
    person = project.store.read(stored.signed_in, session_token, now=project.store.clock())
    return None if person is None else SignedIn(person, session_token, csrf_of(session_token))


def sign_out(project: Project, session_token: str) -> None:
    """End the session."""
    project.store.write(stored.end_session, session_token, now=project.store.clock())


@dataclass(frozen=True)
class OpenSession:
    """A session that lasts still: made at `at` (Unix seconds); `here` is the one that asks."""

    at: float
    here: bool


def open_sessions(project: Project, session: SignedIn) -> tuple[OpenSession, ...]:
    """Where a person is signed in, newest first."""
    now = project.store.clock()
    found = project.store.read(stored.open_sessions, session.person.id, session.token, now=now)
    return tuple(OpenSession(at, here) for at, here in found)


def sign_out_elsewhere(project: Project, session: SignedIn) -> int:
    """End all sessions of a person but the one that asks; how many there were."""
    return project.store.write(stored.end_others, session.person.id, session.token, now=project.store.clock())


def people(project: Project) -> tuple[Person, ...]:
    """Everybody who has joined, in that order."""
    return tuple(project.store.read(stored.every))


def person_named(project: Project, pseudonym: str) -> Person:
    """The person with this pseudonym. MissingError if there is none."""
    return project.store.read(stored.named, pseudonym)


def tidy_name(name: str) -> str:
    """A name without needless spaces. InputError where it is too long."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise InputError(f"A name has at most {LONGEST_NAME} characters.", place=Place(column="name", value=name))
    return name


def csrf_of(session_token: str) -> str:
    """A second secret that follows from the first, so that it needs no storing."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()
