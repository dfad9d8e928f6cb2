"""What the lead says of raters, by name: the group they belong to, what they wrote. It says who is given what."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from middlemost.core.protocol import Collection
from middlemost.errors import MissingError
from middlemost.store import events, line
from middlemost.store.schema import attribute, person
from middlemost.store.sql import alone

Said = Mapping[str, Mapping[str, str | None]]


def describe(connection: sa.Connection, said: Said, rules: Collection, *, who: int | None, now: float) -> int:
    """Note what is said of raters, by pseudonym; None takes back what was said. How many raters it is about.

    MissingError if one is unknown. What is not mentioned stays as it was.
    """
    alone(connection, "protocol")
    known = {row.pseudonym: row.id for row in connection.execute(sa.select(person.c.id, person.c.pseudonym))}
    if unknown := [name for name in said if name not in known]:
        raise MissingError(f"There is nobody called {unknown[0]!r} in this project.")
    for pseudonym, values in said.items():
        note(connection, known[pseudonym], values)
        line.start_again(connection, known[pseudonym])
    line.bar(connection, rules)
    about = {
        "raters": len(said),
        "digest": events.digest(sorted((name, sorted(v.items())) for name, v in said.items())),
    }
    events.note(connection, "described", about, who=who, now=now)
    return len(said)


def note(connection: sa.Connection, whose: int, values: Mapping[str, str | None]) -> None:
    """Put what is said of one person in place of what was said before."""
    connection.execute(sa.delete(attribute).where(attribute.c.person == whose, attribute.c.name.in_(list(values))))
    rows = [{"person": whose, "name": name, "value": value} for name, value in values.items() if value is not None]
    if rows:
        connection.execute(sa.insert(attribute), rows)


def every(connection: sa.Connection) -> dict[str, dict[str, str]]:
    """What is said of each person, by pseudonym."""
    query = sa.select(person.c.pseudonym, attribute.c.name, attribute.c.value)
    found: dict[str, dict[str, str]] = {}
    for pseudonym, name, value in connection.execute(query.join(person, person.c.id == attribute.c.person)):
        found.setdefault(pseudonym, {})[name] = value
    return found
