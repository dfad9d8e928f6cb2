"""What the lead sets while raters work: which items come first, and what is said of raters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from middlemost.core.nouns import Person
from middlemost.errors import InputError, MissingError, Place
from middlemost.files.columns import find_columns
from middlemost.files.table import Table, read_table
from middlemost.project.folder import Project
from middlemost.store import attributes, line

LONGEST = 200  # characters of what is said of a rater, and of its name


def prioritise(project: Project, priorities: str | Path | Mapping[str, int], *, by: Person | None = None) -> int:
    """Give items other priorities, all or nothing; how many. Higher ones come first, 0 is usual.

    `priorities` is a mapping by item id, or a table (columns item, priority). MissingError for an item that is not
    there, InputError for what is no priority: -10,000 to 10,000.
    """
    table = read_table(priorities) if isinstance(priorities, (str, Path)) else None
    wanted = _from_table(table) if table else _checked(dict(priorities))  # type: ignore[arg-type]
    who = by.id if by else None
    try:
        return project.store.write(line.prioritise, wanted, who=who, now=project.store.clock())
    except MissingError as error:
        raise _located(error, table, "item") from None


def describe_raters(
    project: Project, raters: str | Path | Mapping[str, Mapping[str, str | None]], *, by: Person | None = None
) -> int:
    """Say what raters are, all or nothing; of how many. Quotas and `not_own` go by it.

    `raters` is a mapping by pseudonym, or a table with a column rater and one for each thing that is said; an empty
    cell takes back what was said. MissingError for somebody who has not joined.
    """
    table = read_table(raters) if isinstance(raters, (str, Path)) else None
    said = _said(table) if table else {name: dict(values) for name, values in dict(raters).items()}  # type: ignore[arg-type]
    _require_short(said)
    who, rules = (by.id if by else None), project.protocol.collection
    try:
        return project.store.write(attributes.describe, said, rules, who=who, now=project.store.clock())
    except MissingError as error:
        raise _located(error, table, "rater") from None


def said_of_raters(project: Project) -> dict[str, dict[str, str]]:
    """What is said of each rater, by pseudonym."""
    return project.store.read(attributes.every)


def _checked(priorities: dict[str, int]) -> dict[str, int]:
    return {name: line.require_priority(given, Place("", value=str(given))) for name, given in priorities.items()}


def _from_table(table: Table) -> dict[str, int]:
    columns = find_columns(table, ("item", "priority"), ())
    rows = table.frame.select(columns["item"], columns["priority"]).rows()
    found: dict[str, int] = {}
    for number, (name, given) in enumerate(rows):
        try:
            found[_named(name, found)] = line.require_priority(given, Place(value=given))
        except InputError as error:
            raise InputError(error.message, place=table.place(number, value=given), mend=error.mend) from None
    return found


def _named(name: str | None, before: Mapping[str, object]) -> str:
    if not name:
        raise InputError("There is no name here.", mend="Fill in the cell, or leave the row out.")
    if name in before:
        raise InputError(f"{name!r} comes twice.", mend="Leave one out.")
    return name


def _said(table: Table) -> dict[str, dict[str, str | None]]:
    column = find_columns(table, ("rater",), ())["rater"]
    names = [name for name in table.frame.columns if name != column]
    if not names:
        mend = "Give it a column for each thing that is said of raters, such as language."
        raise InputError(f"There is no column beside {column!r}.", place=Place(table.name, 1), mend=mend)
    found: dict[str, dict[str, str | None]] = {}
    rows = table.frame.select(pl.col(column), *(pl.col(name).str.strip_chars() for name in names)).rows()
    for number, (rater, *values) in enumerate(rows):
        try:
            found[_named(rater, found)] = {name: value or None for name, value in zip(names, values, strict=True)}
        except InputError as error:
            raise InputError(error.message, place=table.place(number), mend=error.mend) from None
    return found


def _require_short(said: Mapping[str, Mapping[str, str | None]]) -> None:
    for values in said.values():
        for one in (*values, *values.values()):
            if one is not None and not 0 < len(one) <= LONGEST:
                raise InputError(f"What is said of a rater has 1 to {LONGEST} characters.", place=Place(value=one))


def _located(error: MissingError, table: Table | None, noun: str) -> MissingError | InputError:
    """What is unknown, with its line where it came from a file."""
    if table is None:
        return error
    names = table.frame[find_columns(table, (noun,), ())[noun]].to_list()
    row = next((number for number, name in enumerate(names) if repr(name) in error.message), 0)
    return InputError(error.message, place=table.place(row), mend=error.mend)
