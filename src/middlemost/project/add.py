"""`add`: items into the project, and gold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from middlemost.core.gold import Gold
from middlemost.core.memory import uncollected
from middlemost.core.nouns import Item
from middlemost.core.protocol import Collection
from middlemost.core.shown import unfit
from middlemost.errors import InputError, MissingError, Place, SettingError, StateError
from middlemost.files.columns import find_columns
from middlemost.files.gold import read_gold
from middlemost.files.items import is_source, items_of, place_of
from middlemost.files.table import read_table
from middlemost.files.wording import did_you_mean
from middlemost.project.folder import Project
from middlemost.project.pictures import picture
from middlemost.store import events
from middlemost.store import items as stored

Drawn = Literal["random", "chosen"]


@dataclass(frozen=True)
class Added:
    """How many items are new, how many were there already, and how many got a gold label that had none."""

    new: int
    known: int
    gold: int


def add(
    project: Project,
    items: str | Path | Iterable[Item] | None = None,
    gold: str | Path | Mapping[str, str] | Gold | None = None,
    drawn: Drawn | None = None,
) -> Added:
    """Add items and gold, all or nothing. Adding them again changes nothing.

    `drawn` says how the gold items were found, at "random" from the items or "chosen", unless the gold says so itself.
    InputError for a file that cannot be read, an id that cannot be one, an item that is there (or comes twice) with
    another text, a gold label that is no option or whose item is unknown.
    """
    with uncollected():
        given = items_of(items)
        labels = _labels(project, gold, drawn) if gold is not None else {}
        rules = project.protocol.collection
        try:
            for item in given:
                require_shown(project, item)
            new, golden = project.store.write(_add, given, rules, labels, project.store.clock())
        except InputError as error:
            raise _located(error, items, gold) from None
    return Added(new, len(given) - new, golden)


def require_shown(project: Project, item: Item) -> None:
    """An item has what the protocol shows of it."""
    place = Place(column="id", value=item.id)
    if wrong := unfit(project.protocol, item):
        raise InputError(wrong[0], place=place, mend=wrong[1])
    if project.protocol.show == "image":
        try:
            picture(project, str(item.fields["image"]))
        except (InputError, MissingError) as error:
            raise InputError(f"{error.message} ({item.fields['image']})", place=place, mend=error.mend) from None


def _located(error: InputError, items: object, gold: object) -> InputError:
    """What the store says of an item or of gold, with its line where it came from a file."""
    place = error.place or Place()
    if place.value is not None and place.column == "id" and is_source(items):
        place = place_of(items, place.value)
    elif place.value is not None and place.column == "item":
        place = _place_in_gold(gold, "item", place.value)
    return InputError(error.message, place=place, mend=error.mend)


def _place_in_gold(gold: object, column: Literal["item", "label"], value: str) -> Place:
    """Where `value` stands first. Reads the file again, so only for a message."""
    if not isinstance(gold, (str, Path)):
        return Place(column=column, value=value)
    table = read_table(gold)
    theirs = find_columns(table, ("item", "label"), ("drawn",))[column]
    return table.place(table.frame[theirs].to_list().index(value), theirs, value)


def _add(
    connection: sa.Connection, items: list[Item], rules: Collection, labels: dict[str, tuple[str, str]], now: float
) -> tuple[int, int]:
    new = stored.add(connection, items, rules.answers_per_item, rules)
    golden = stored.add_gold(connection, labels) if labels else 0
    if new or labels:
        events.note(connection, "added", {"items": new, "gold": len(labels), "digest": _digest(labels)}, now=now)
    return new, golden


def _digest(labels: dict[str, tuple[str, str]]) -> str | None:
    return events.digest(sorted(labels.items())) if labels else None


def _labels(
    project: Project, given: str | Path | Mapping[str, str] | Gold, drawn: Drawn | None
) -> dict[str, tuple[str, str]]:
    """(label, drawn) by item."""
    if project.protocol.paradigm == "descriptive":
        raise StateError("A descriptive project has no gold: no answer to it is wrong.", mend="Leave the gold out.")
    if not project.options:
        raise StateError("Gold is about a choice, and no question here is one.", mend="Leave the gold out.")
    gold = read_gold(given)
    for label in gold.labels:
        if label not in project.options:
            place = _place_in_gold(given, "label", label)
            mend = did_you_mean(label, project.options, otherwise="The options are: ")
            raise InputError("This gold label is none of the question's options.", place=place, mend=mend)
    return dict(zip(gold.items, zip(gold.labels, _drawn(gold, drawn), strict=True), strict=True))


def _drawn(gold: Gold, drawn: Drawn | None) -> list[str]:
    if gold.drawn is not None and drawn is not None and gold.drawn != drawn:
        raise SettingError(f"The gold says it was drawn otherwise ({gold.drawn}) than {drawn}.", mend="Leave one out.")
    if gold.sampled is not None:
        return ["random" if sampled else "chosen" for sampled in gold.sampled]
    how = gold.drawn or drawn
    if how is None:
        raise SettingError(
            "How was the gold drawn? Only items drawn at random tell the share of wrong labels.",
            mend="Say random or chosen: --drawn, or a column `drawn` in the file.",
        )
    return [how] * len(gold)
