"""What raters say of themselves (demographics), if they like: told, changed, withdrawn, counted in groups, released."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import polars as pl
import sqlalchemy as sa

from middlemost.core.about import RATER, AboutRaters, Groups, Release, Said, at_least, grouped, settled
from middlemost.core.nouns import Person
from middlemost.errors import InputError, MissingError, Place, did_you_mean
from middlemost.files.protocol import parse_protocol
from middlemost.project.folder import Project
from middlemost.project.next import require_rater
from middlemost.store import about as stored
from middlemost.store import editions

MARK = 12  # characters


@dataclass(frozen=True)
class Who:
    """The groups of raters as leads may see them, and who is in those that are shown, for comparing their answers.

    `members` maps raters to groups, by question. It stays inside: it is shown to nobody.
    """

    groups: tuple[Groups, ...]
    members: Mapping[str, Mapping[str, str]]


def tell(project: Project, person: Person, values: Mapping[str, str]) -> None:
    """Keep what a rater says of themselves, by question, in place of all that they said before; on disk on return.

    What is left out is not kept. MissingError where nothing is asked; InputError for what is no answer to it.
    """
    require_rater(person)
    asked = _asked(project)
    for name, value in values.items():
        _require_possible(asked, name, value)
    project.store.write(stored.put, person.id, values, project.protocol_hash, now=project.store.clock())


def withdraw(project: Project, person: Person) -> bool:
    """Delete all that a rater said of themselves; whether there was any."""
    require_rater(person)
    return project.store.write(stored.withdraw, person.id, now=project.store.clock())


def told(project: Project, person: Person) -> Said | None:
    """What a rater said of themselves: for this rater alone."""
    require_rater(person)
    return project.store.read(stored.one, person.id)


def offer(project: Project, person: Person) -> str | None:
    """A mark of what a rater is to be offered to tell; None where nothing is asked, or they have told all of it.

    Who told is asked anew where more is released now, where it is for something else, or where something new is asked.
    """
    asked = project.protocol.about_raters
    if asked is None:
        return None
    given = told(project, person)
    if given and (before := project.store.read(_under, given.protocol_hash)) and not _more(before, asked):
        return None
    return sha256(f"{asked.release} {asked.why}".encode()).hexdigest()[:MARK]


def _more(before: AboutRaters, now: AboutRaters) -> bool:
    new = any(before.named(one.id) is None for one in now.questions)
    return new or before.why != now.why or not at_least(before.release, now.release)


def who_answers(project: Project) -> Who | None:
    """The groups of those who answer; None where nothing is asked."""
    asked = project.protocol.about_raters
    return None if asked is None else project.store.read(_who, asked)


def _who(connection: sa.Connection, asked: AboutRaters, consented: Release = "nothing") -> Who:
    """The same of those who agreed to the release `consented` at least."""
    said = agreed(connection, consented)
    names = settled(said)
    raters = stored.n_raters(connection) - (len(said) - len(names))  # without those who are not counted yet
    groups = tuple(grouped(one, [said[name].values for name in names], raters) for one in asked.questions)
    members = {
        one.question.id: {
            name: said[name].values[one.question.id]
            for name in names
            if said[name].values.get(one.question.id) in one.shown
        }
        for one in groups
    }
    return Who(groups, members)


def agreed(connection: sa.Connection, wanted: Release) -> dict[str, Said]:
    """What was said by those who agreed to the release `wanted`, or to more."""
    every = stored.every(connection)
    levels = {one.protocol_hash: _level(connection, one.protocol_hash) for one in every.values()}
    return {name: one for name, one in every.items() if at_least(levels[one.protocol_hash], wanted)}


def _level(connection: sa.Connection, protocol_hash: str) -> Release:
    before = _under(connection, protocol_hash)
    return before.release if before else "nothing"


def _under(connection: sa.Connection, protocol_hash: str) -> AboutRaters | None:
    """What was asked, and what for, under an earlier protocol."""
    text = editions.protocols(connection).get(protocol_hash)
    return parse_protocol(text).protocol.about_raters if text is not None else None


def released_groups(connection: sa.Connection, asked: AboutRaters | None) -> tuple[Groups, ...]:
    """The groups as a datasheet has them: of those who agreed to what is released now; none where nothing is."""
    if asked is None or asked.release == "nothing":
        return ()
    return _who(connection, asked, asked.release).groups


def released_rows(connection: sa.Connection, asked: AboutRaters | None) -> pl.DataFrame | None:
    """A row a rater who agreed to it, with a column a question; None where that is not released, or there is none."""
    if asked is None or asked.release != "rows":
        return None
    said = agreed(connection, "rows")
    if not said:
        return None
    columns = {RATER: sorted(said)} | {one.id: [_possible(one.groups, said[name], one.id) for name in sorted(said)]
                                       for one in asked.questions}  # fmt: skip
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _possible(groups: tuple[str, ...], said: Said, question: str) -> str | None:
    """An answer, unless its option is gone from the protocol since."""
    value = said.values.get(question)
    return value if value in groups else None


def _asked(project: Project) -> AboutRaters:
    if project.protocol.about_raters is None:
        raise MissingError("This project asks raters nothing about themselves.")
    return project.protocol.about_raters


def _require_possible(asked: AboutRaters, name: str, value: str) -> None:
    question = asked.named(name)
    if question is None:
        mend = did_you_mean(name, [one.id for one in asked.questions], otherwise="The questions are: ")
        raise InputError("There is no such question.", place=Place(column=name), mend=mend)
    if value not in question.groups:
        mend = did_you_mean(value, question.groups, otherwise="The answers are: ")
        raise InputError("This is none of the answers.", place=Place(column=name, value=value), mend=mend)
