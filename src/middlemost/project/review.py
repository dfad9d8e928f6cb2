"""`review`: the lead decides on an item; that fixes its label."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.nouns import Person
from middlemost.errors import AccessError, InputError, Place, StateError
from middlemost.files.wording import did_you_mean
from middlemost.project.folder import Project
from middlemost.store import decisions as stored
from middlemost.store import items
from middlemost.store.sql import Row

LONGEST_REASON = 2000
COMMAND_LINE = "command line"


@dataclass(frozen=True)
class Decision:
    """What was decided on an item, why, and by whom (a pseudonym); `scripted` by a program, not by one who looked.

    `blind`: what they said of it before they saw the others' answers, None where they saw these at once.
    """

    item: str
    label: str
    reason: str
    by: str
    at: float
    scripted: bool
    blind: str | None = None


def review(
    project: Project,
    person: Person | None,
    item_id: str,
    label: str,
    reason: str,
    scripted: bool = False,
    blind: str | None = None,
    key: str | None = None,
) -> Decision:
    """Decide on an item. Its newest decision counts, all are kept. `person` is None on the command line.

    The same `key` again makes no second decision, and gives the first. AccessError for those who may not decide,
    StateError in a descriptive project or for a key of another decision, MissingError for an unknown item.
    """
    if person is not None and not person.may("decide"):
        raise AccessError("Only leads and adjudicators decide on items.")
    if project.protocol.paradigm == "descriptive":
        raise StateError("In a descriptive project opinions differ: nobody decides which of them is right.")
    if not project.options:
        raise StateError("A decision is about a choice, and no question here is one.")
    for column, said in (("label", label), ("blind", blind)):
        if said is not None and said not in project.options:
            mend = did_you_mean(said, project.options, otherwise="The options are: ")
            raise InputError("This is none of the options.", place=Place(column=column, value=said), mend=mend)
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InputError(f"Give a reason of up to {LONGEST_REASON} characters.", place=Place(column="reason"))
    by = person.id if person else None
    return project.store.write(_review, item_id, label, reason, by, scripted, blind, key, project.store.clock())


def _review(
    connection: sa.Connection,
    item_id: str,
    label: str,
    reason: str,
    by: int | None,
    scripted: bool,
    blind: str | None,
    key: str | None,
    now: float,
) -> Decision:
    seq, *_ = items.one(connection, item_id)
    stored.add(connection, seq, label, reason, by, scripted=scripted, blind=blind, key=key, now=now)
    made = stored.of_item(connection, seq)[-1] if key is None else stored.with_key(connection, key)
    return of_rows([made])[0]


def decisions(project: Project) -> dict[str, Decision]:
    """The decision that counts, of every item that has one."""
    return {one.item: one for one in of_rows(project.store.read(stored.every))}


def of_rows(rows: list[Row]) -> list[Decision]:
    """Decisions as the store gives them."""
    return [
        Decision(row.id, row.label, row.reason, row.pseudonym or COMMAND_LINE, row.made_at, row.scripted, row.blind)
        for row in rows
    ]
