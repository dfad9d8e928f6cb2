"""`close`: taking a person's access away, and giving it back."""

from __future__ import annotations

from middlemost.core.nouns import Person
from middlemost.core.roles import MAY_INVITE
from middlemost.errors import AccessError
from middlemost.project.folder import Project
from middlemost.project.people import people, person_named
from middlemost.store import closing as stored


def close(project: Project, pseudonym: str, *, by: Person | None = None) -> None:
    """They come in no more: sessions, tokens, password, identities and links end, and what they hold goes back.

    What they answered stays. `by` is None on the command line. MissingError where there is nobody of this pseudonym;
    AccessError for oneself, or one whom `by` may not invite; StateError where it is so already, or for the last owner.
    """
    person = _within_reach(project, pseudonym, by)
    project.store.write(stored.close, person, by=by.id if by else None, now=project.store.clock())


def reopen(project: Project, pseudonym: str, *, by: Person | None = None) -> None:
    """They may come in again, by a new link. Errors as above; StateError where they may already."""
    person = _within_reach(project, pseudonym, by)
    project.store.write(stored.reopen, person, by=by.id if by else None, now=project.store.clock())


def _within_reach(project: Project, pseudonym: str, by: Person | None) -> Person:
    person = person_named(project, pseudonym)
    if by is not None and person.role not in MAY_INVITE[by.role]:
        raise AccessError(f"A {by.role} may not close or reopen {pseudonym}, who is {person.role}.")
    if by is not None and person.id == by.id:
        raise AccessError("Nobody closes themselves.", mend="Ask another one who may invite.")
    return person


def closed(project: Project) -> frozenset[str]:
    """The pseudonyms of those whose access was taken away."""
    return project.store.read(stored.closed)


def members(project: Project) -> list[tuple[Person, bool]]:
    """Everybody who has joined, in order, each with whether their access was taken away."""
    gone = closed(project)
    return [(one, one.pseudonym in gone) for one in people(project)]
