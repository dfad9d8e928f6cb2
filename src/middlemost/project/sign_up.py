"""`sign_up`: joining as a rater without a link, where the protocol says so, and letting in those who wait for it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TypeAlias

import sqlalchemy as sa

from middlemost.core.nouns import Person
from middlemost.errors import AccessError, InputError, MissingError, Place
from middlemost.project.folder import Project
from middlemost.project.passwords import hash_of
from middlemost.project.people import SESSION_SECONDS, SignedIn, csrf_of, tidy_name
from middlemost.store import applicants as stored
from middlemost.store import passwords, people
from middlemost.store.applicants import Applicant
from middlemost.store.passwords import Password

# Keeps what they will sign in by: the person's number, or the applicant's.
Known: TypeAlias = Callable[[sa.Connection, int | None, int | None], None]


def sign_up(project: Project, name: str, login: str, password: str) -> SignedIn | None:
    """Join as a rater by login and password; None where one has to be let in first.

    MissingError where nobody can, InputError for what cannot be a name, login or password, StateError for a login that
    somebody has.
    """
    require_sign_up(project)
    name = name_given(name)
    login, hashed = hash_of(project, login, password)
    now = project.store.clock()

    def known(connection: sa.Connection, person: int | None, applicant: int | None) -> None:
        passwords.add(connection, Password(login, hashed, person, applicant), now=now)

    token = secrets.token_urlsafe(32)
    person = project.store.write(enter, project.protocol.sign_up == "approved", name, known, token, now=now)
    return SignedIn(person, token, csrf_of(token)) if person else None


def enter(connection: sa.Connection, waits: bool, name: str, known: Known, token: str, *, now: float) -> Person | None:
    """One more rater, signed in by `token`; or one more who `waits`, and None."""
    if waits:
        known(connection, None, stored.add(connection, name, now=now))
        return None
    joined = people.sign_up(connection, name, now=now)
    known(connection, joined.id, None)
    people.start_session(connection, token, joined.id, now=now, lasts=SESSION_SECONDS)
    return joined


def require_sign_up(project: Project) -> None:
    """MissingError where people come by links alone."""
    if project.protocol.sign_up == "closed":
        mend = "Open the link that you were given, or ask whoever leads it for one."
        raise MissingError("Nobody can sign up for this project by themselves.", mend=mend)


def name_given(name: str | None) -> str:
    """A name as it is kept. InputError where there is none."""
    if not (name or "").strip():
        raise InputError("Please say what you are called.", place=Place(column="name"))
    return tidy_name(name or "")


def applicants(project: Project) -> tuple[Applicant, ...]:
    """Who signed up and waits, the longest first."""
    return tuple(project.store.read(stored.every))


def let_in(project: Project, applicant: int, *, by: Person | None = None) -> Person:
    """They join as a rater. MissingError where nobody of this number waits; `by` is None on the command line."""
    _require_lead(by)
    return project.store.write(stored.let_in, applicant, by=by.id if by else None, now=project.store.clock())


def decline(project: Project, applicant: int, *, by: Person | None = None) -> None:
    """They do not join, and nothing of them is kept. MissingError where nobody of this number waits."""
    _require_lead(by)
    project.store.write(stored.decline, applicant, by=by.id if by else None, now=project.store.clock())


def _require_lead(by: Person | None) -> None:
    if by is not None and not by.may("invite"):
        raise AccessError("Only leads let people in.")
