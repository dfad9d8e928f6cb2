"""`check`: whether the project is in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from middlemost.core.protocol import Protocol
from middlemost.errors import ProtocolError
from middlemost.files.protocol import Declaration
from middlemost.project.change import losses
from middlemost.project.database import Location
from middlemost.project.effects import effects
from middlemost.project.folder import declaration
from middlemost.store import counts


@dataclass(frozen=True)
class Checked:
    """A project that is in order: its protocol, what it holds, and what its lead may still want to know.

    `changes`: what it changes for the answers that are there, once it is in force.
    """

    protocol: Protocol
    items: int
    answers: int
    notices: tuple[str, ...]
    changes: tuple[str, ...] = ()


def check(folder: str | Path, *, database: str | None = None) -> Checked:
    """Look through the project in `folder`. Nothing is made in it, and no protocol put in force by it.

    The one change: a database that an earlier version of middlemost made is brought up to date, to be read.

    ProtocolError lists every mistake with its line and column; InputError for guidelines that are missing or not
    text; StateError for a database that is not ours.
    """
    folder = Path(folder)
    declared, guidelines = declaration(folder)
    where = Location(folder, database)
    items, answers, changes = _held(where, declared, guidelines) if where.exists() else (0, 0, ())
    return Checked(declared.protocol, items, answers, tuple(_notices(declared.protocol, items)), changes)


def _held(where: Location, declared: Declaration, guidelines: str) -> tuple[int, int, tuple[str, ...]]:
    with where.open() as store:
        if lost := store.read(losses, declared):
            raise ProtocolError(lost)
        have = store.read(counts.of_project)
        return have["items"], have["answers"], store.read(effects, declared, guidelines)


def _notices(protocol: Protocol, items: int) -> Iterator[str]:
    if not items:
        yield "There are no items yet: middlemost add."
    if protocol.collection.answers_per_item == 1:
        yield "With one answer an item, agreement cannot be measured."
    unstated = [name for name, value in protocol.disclosure if value is None]
    if unstated:
        yield f'The datasheet will say "not stated" of: {", ".join(unstated)}.'
