"""Groups of raters or items, from a file, a frame or a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from middlemost.core.words import plural
from middlemost.errors import InputError, Place
from middlemost.files.columns import find_columns
from middlemost.files.table import Table, read_table

MOST_GROUPS = 12
GROUP = "group"


@dataclass(frozen=True, eq=False)
class Grouping:
    """One way to group the `of`: `frame` has two columns, their names and the group of each (none for some)."""

    name: str
    of: Literal["raters", "items"]
    frame: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Groups:
    """The groupings found, and what was left out and why."""

    groupings: tuple[Grouping, ...] = ()
    notices: tuple[str, ...] = ()


def read_groups(source: object) -> Groups:
    """Groups from a path or frame with a column rater (or item); each other column is a grouping of its own.

    A column with more than twelve different values (an age, a name) makes no groups and is left out with a notice.
    InputError where there is no such column, or a rater stands in two groups of one column.

    >>> frame = pl.DataFrame({"rater": ["ann", "bob"], "country": ["UK", "FR"]})
    >>> [(one.name, one.of) for one in read_groups(frame).groupings]
    [('country', 'raters')]
    """
    table = read_table(source)
    of, names = _key(table)
    columns = [column for column in table.frame.columns if column != names]
    if not columns:
        mend = "Give it a second column, group."
        raise InputError(f"There is no column beside {names!r}.", place=Place(table.name), mend=mend)
    kept = [column for column in columns if 0 < table.frame[column].drop_nulls().n_unique() <= MOST_GROUPS]
    for column in kept:
        _require_one_group(table, names, column)
    left_out = [column for column in columns if column not in kept]
    said = f"In the groups {', '.join(left_out)} {'is' if len(left_out) == 1 else 'are'} left out: "
    notices = (f"{said}more than {MOST_GROUPS} different values, or none.",) if left_out else ()
    return Groups(tuple(Grouping(column, of, _pairs(table, names, column)) for column in kept), notices)


def groups_in(table: Table, columns: Mapping[str, str] | None = None) -> Groups:
    """The groups that a column `group` of the answers themselves makes: of raters, else of items; else none."""
    if GROUP not in table.frame.columns:
        return Groups()
    given = {noun: column for noun, column in (columns or {}).items() if noun in ("item", "rater")}
    found = find_columns(table, ("item", "rater"), (), given)
    for of, noun in (("raters", "rater"), ("items", "item")):
        pairs = _pairs(table, found[noun], GROUP).drop_nulls()
        if pairs.height and not pairs[found[noun]].is_duplicated().any() and pairs[GROUP].n_unique() <= MOST_GROUPS:
            return Groups((Grouping(GROUP, "raters" if of == "raters" else "items", pairs),))
    return Groups((), ("The column group is left out: it groups neither the raters nor the items.",))


def _key(table: Table) -> tuple[Literal["raters", "items"], str]:
    """The column of names: raters where there is one, else items."""
    found = find_columns(table, (), ("rater", "item"))
    if "rater" in found:
        return "raters", found["rater"]
    if "item" in found:
        return "items", found["item"]
    listed = ", ".join(repr(column) for column in table.frame.columns)
    problem = f"Groups need a column rater (or item); the columns are {listed}."
    raise InputError(problem, place=Place(table.name), mend="Write rater,group in the first line.")


def _pairs(table: Table, names: str, column: str) -> pl.DataFrame:
    return table.frame.select(names, column).drop_nulls(names).unique(maintain_order=True)


def _require_one_group(table: Table, names: str, column: str) -> None:
    pairs = table.frame.select(names, column).with_row_index().drop_nulls().unique([names, column], keep="first")
    twice = pairs.sort("index").filter(pl.col(names).is_duplicated())
    if twice.is_empty():
        return
    name = twice[names][0]
    groups = " and ".join(repr(group) for group in twice.filter(pl.col(names) == name)[column])
    place = table.place(int(twice["index"][0]), column)
    n = plural(twice[names].n_unique(), f"{names} stands", f"{names}s stand")
    raise InputError(f"{name!r} is in {groups}; {n} in two groups.", place=place, mend="Each belongs to one.")
