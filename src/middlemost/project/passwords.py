"""`passwords`: signing in by login and password; setting, changing and removing them.

Passwords are hashed with argon2id (RFC 9106, the second recommended setting). That takes 64 MiB and a good part of a
tenth of a second each time, so callers bound how many are hashed at once. An unknown login takes as long as a wrong
password.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from middlemost.core.nouns import Person
from middlemost.errors import AccessError, InputError, Place, StateError
from middlemost.project.folder import Project
from middlemost.project.people import SESSION_SECONDS, SignedIn, csrf_of
from middlemost.store import events, guesses, people
from middlemost.store import passwords as stored
from middlemost.store.passwords import Password

SHORTEST, LONGEST, LONGEST_LOGIN = 12, 200, 120
HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
_MEND = "Four or five words that only you would put together are a good one."
_TRIVIAL = re.compile(
    r"(pass(wor[dt]|phrase)?|kennwort|qwerty(uiop)?|qwertz(uiop)?|asdf(ghjkl)?|letmein|welcome|iloveyou|admin(istrator)?|"
    r"secret|changeme|hello|middlemost|test|login|user|abc)+"
)

_RUNS = [row * (LONGEST // len(row) + 2) for row in ("0123456789", "1234567890", "abcdefghijklmnopqrstuvwxyz")]


def sign_in(project: Project, login: str, password: str) -> SignedIn:
    """Sign in, under a session token that nobody had before.

    AccessError where the login is unknown or the password is not its own, which looks the same; StateError for one who
    signed up and is not let in yet; TooManyError where this login was tried too often of late.
    """
    login, given, nobody_s = fold(login), _bytes(password), _nobody_s()
    number = project.store.write(guesses.count, _digest("login", login), now=project.store.clock())
    found = project.store.read(stored.find, login)
    right = _is_right(found.hash if found else nobody_s, given)
    if found is None or not right:
        mend = "Try again, or ask whoever leads the project for a new link."
        raise AccessError("Login and password do not go together.", signed_in=False, mend=mend)
    if found.person is None:
        project.store.write(guesses.forgive, number)
        raise StateError("You are not let in yet.", mend="Whoever leads this project sees that you wait.")
    token, fresh = secrets.token_urlsafe(32), HASHER.hash(given) if HASHER.check_needs_rehash(found.hash) else None
    person = project.store.write(_start, found, number, token, fresh, project.store.clock())
    return SignedIn(person, token, csrf_of(token))


def _start(
    connection: sa.Connection, found: Password, number: int, token: str, fresh: str | None, now: float
) -> Person:
    if found.person is None or stored.find(connection, found.login) != found:
        raise AccessError("The password was changed meanwhile.", signed_in=False, mend="Try again.")
    guesses.forgive(connection, number)
    if fresh:
        stored.renew(connection, found, fresh)
    people.start_session(connection, token, found.person, now=now, lasts=SESSION_SECONDS)
    events.note(connection, "signed in", {"by": "password"}, who=found.person, now=now)
    return people.one(connection, found.person)


def login_of(project: Project, person: Person) -> str | None:
    """The login of a person; None for one who has no password."""
    found = project.store.read(stored.of_person, person.id)
    return found.login if found else None


def set_password(project: Project, session: SignedIn, login: str, password: str, old: str = "") -> None:
    """Set one's login and password. Where there are any `old` has to be right, and all other sessions end.

    InputError for a login or a password that cannot be one, StateError for a login that somebody else has, AccessError
    where `old` is not right, TooManyError where it was not too often.
    """
    login = checked_login(login)
    given = checked_password(project, login, password)
    before = project.store.read(stored.of_person, session.person.id)
    with _proving(project, session.person, before, old):
        project.store.write(_set, session, before, login, HASHER.hash(given), project.store.clock())


def _set(
    connection: sa.Connection, session: SignedIn, before: Password | None, login: str, hash: str, now: float
) -> None:
    stored.put(connection, session.person.id, before, login, hash, now=now)
    if before is not None:
        people.end_others(connection, session.person.id, session.token, now=now)


def remove_password(project: Project, session: SignedIn, old: str) -> None:
    """Take one's login and password away. StateError where there are none; else as `set_password`."""
    before = project.store.read(stored.of_person, session.person.id)
    if before is None:
        raise StateError("There is no password to be removed.")
    with _proving(project, session.person, before, old):
        project.store.write(stored.remove, session.person.id, before, now=project.store.clock())


@contextmanager
def _proving(project: Project, person: Person, before: Password | None, old: str) -> Iterator[None]:
    """Do the block if `old` is the password of a person. Counted apart from tries to sign in, which anybody makes."""
    if before is None:
        yield
        return
    number = project.store.write(guesses.count, _digest("person", str(person.id)), now=project.store.clock())
    if not _is_right(before.hash, _bytes(old)):
        raise AccessError("This is not your password so far.", mend="Write the one that you sign in with now.")
    project.store.write(guesses.forgive, number)
    yield


def hash_of(project: Project, login: str, password: str) -> tuple[str, str]:
    """A login as it is kept, and the hash of its password. InputError where either cannot be one."""
    login = checked_login(login)
    return login, HASHER.hash(checked_password(project, login, password))


def fold(login: str) -> str:
    """A login as it is kept: one, whichever way it is written.

    >>> fold("  Ada@Example.ORG ")
    'ada@example.org'
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold()).strip()


def checked_login(login: str) -> str:
    """The login as it is kept. InputError where it cannot be one."""
    login = fold(login)
    if not 1 <= len(login) <= LONGEST_LOGIN or not login.isprintable() or " " in login:
        message = f"A login is an e-mail address or a word, of up to {LONGEST_LOGIN} characters, without spaces."
        raise InputError(message, place=Place(column="login"))
    return login


def checked_password(project: Project, login: str, password: str) -> bytes:
    """The password as it is hashed. InputError where it is too short, too long, or the first that anybody would try."""
    given = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(given) <= LONGEST:
        message = f"A password has {SHORTEST} to {LONGEST} characters."
        raise InputError(message, place=Place(column="password"), mend=_MEND)
    if is_trivial(given, login, project.name):
        message = "This password is among the first that anybody would try."
        raise InputError(message, place=Place(column="password"), mend=_MEND)
    return _bytes(given)


def is_trivial(password: str, *known: str) -> bool:
    """Whether a password is a word of `known`, one of the usual ones, or made of few characters or a run of them.

    >>> is_trivial("Ada@example.org1", "ada@example.org"), is_trivial("Password1234!"), is_trivial("123456789012")
    (True, True, True)
    >>> is_trivial("correct horse battery staple")
    False
    """
    folded = fold(password)
    letters = _letters(folded)
    words = {_letters(fold(part)) for one in known for part in (one, one.partition("@")[0])}
    if letters and (letters in words or _TRIVIAL.fullmatch(letters)):
        return True
    return len(set(folded)) < 5 or any(folded in run or folded in run[::-1] for run in _RUNS)


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]", "", text)


def _is_right(hash: str, given: bytes) -> bool:
    try:
        return HASHER.verify(hash, given)
    except VerificationError:
        return False


@cache
def _nobody_s() -> str:
    """The hash of a password that nobody has, for logins that nobody has."""
    return HASHER.hash(secrets.token_bytes(32))


def _bytes(password: str) -> bytes:
    """What is hashed. One that is too long is never right, and takes no longer than another."""
    return unicodedata.normalize("NFKC", password)[: LONGEST + 1].encode("utf-8", "surrogatepass")


def _digest(what: str, about: str) -> str:
    return hashlib.sha256(f"{what} {about}".encode("utf-8", "surrogatepass")).hexdigest()
