"""Tokens: how programs act for a person, within a scope and until a day."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from middlemost.core.nouns import Person
from middlemost.core.roles import RIGHTS, Right
from middlemost.errors import SettingError, did_you_mean
from middlemost.project.folder import Project
from middlemost.project.people import SignedIn
from middlemost.store import tokens as stored
from middlemost.store.tokens import Token

PREFIX = "mm_"
MOST_DAYS = 366
DAY = 86_400.0
USED_EVERY = 3_600.0  # how exactly the last use is noted


def make_token(project: Project, person: Person, name: str, scope: Sequence[str], days: int = 90) -> str:
    """A new token, shown this once: `person`, but limited to the rights in `scope`.

    SettingError for a right that there is not or that the person has not; StateError for a name that is taken.
    """
    for one in scope:
        if one not in RIGHTS:
            raise SettingError(f"There is no right {one!r}.", mend=did_you_mean(one, RIGHTS, otherwise="They are: "))
    rights = [right for right in RIGHTS if right in scope]
    if lacking := [right for right in rights if not person.may(right)]:
        raise SettingError(f"{person.pseudonym} is {person.role} and may not {lacking[0]}.", mend="Leave it out.")
    if not rights or not 1 <= len(name.strip()) <= 80:
        raise SettingError("A token needs a name of up to 80 characters, and a scope.", mend=f"One of {RIGHTS}.")
    if not 1 <= days <= MOST_DAYS:
        raise SettingError(f"days is {days}.", mend=f"A token lasts 1 to {MOST_DAYS} days.")
    secret, now = PREFIX + secrets.token_urlsafe(32), project.store.clock()
    until = now + days * DAY
    project.store.write(stored.add, secret, name.strip(), person.id, " ".join(rights), now=now, until=until)
    return secret


def by_token(project: Project, secret: str) -> SignedIn | None:
    """For whom a token acts; None if it is not valid. Its use is noted, at most once an hour."""
    now = project.store.clock()
    found = project.store.read(stored.acts_for, secret, now=now)
    if found is None:
        return None
    person, scope, used_at = found
    if used_at is None or used_at < now - USED_EVERY:
        project.store.write(stored.used, secret, now=now)
    return SignedIn(person, secret, "", frozenset(_rights(scope)))


def revoke_token(project: Project, name: str) -> None:
    """From now on it is not valid; servers that know it forget it within seconds. MissingError if there is none."""
    project.store.write(stored.revoke, name, now=project.store.clock())


def tokens(project: Project) -> list[Token]:
    """All tokens, without what they are."""
    return project.store.read(stored.every)


def _rights(scope: str) -> list[Right]:
    return [right for right in RIGHTS if right in scope.split()]
