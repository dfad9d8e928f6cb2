"""`close`: taking a person's access away, and giving it back."""

from __future__ import annotations

from middlemost.project.folder import Project
from middlemost.store import closing as stored
from middlemost.store import people


def close(project: Project, pseudonym: str) -> None:
    """They come in no more: sessions, tokens, password, identities and links end, and what they hold goes back.

    What they answered stays. MissingError where there is nobody of this pseudonym; StateError where it is so already,
    or where they are the last owner.
    """
    person = project.store.read(people.named, pseudonym)
    project.store.write(stored.close, person, now=project.store.clock())


def reopen(project: Project, pseudonym: str) -> None:
    """They may come in again, by a new link. MissingError as above; StateError where they may already."""
    person = project.store.read(people.named, pseudonym)
    project.store.write(stored.reopen, person, now=project.store.clock())


def closed(project: Project) -> frozenset[str]:
    """The pseudonyms of those whose access was taken away."""
    return project.store.read(stored.closed)
