"""`flag`: what a rater wants the lead to know of an item."""

from __future__ import annotations

from concurrent.futures import Future

from middlemost.core.nouns import Person
from middlemost.errors import InputError, Place
from middlemost.project.folder import Project
from middlemost.project.next import require_rater
from middlemost.store import flags

LONGEST_NOTE = 500


def flag(project: Project, person: Person, assignment: int, note: str, key: str) -> None:
    """Flag the item of an assignment; the same key again changes nothing.

    InputError without a note, MissingError for an assignment that is not this person's.
    """
    flag_later(project, person, assignment, note, key).result()


def flag_later(project: Project, person: Person, assignment: int, note: str, key: str) -> Future[None]:
    """The same as a future."""
    require_rater(person)
    note = note.strip()
    if not 1 <= len(note) <= LONGEST_NOTE:
        raise InputError(f"A note has 1 to {LONGEST_NOTE} characters.", place=Place(column="note"))
    return project.store.submit(flags.add, person.id, assignment, note, key, now=project.store.clock())
