"""The nouns of collection: what is labelled, who labels, what is lent and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from middlemost.core.roles import MAY, Right, Role
from middlemost.core.values import Value

Kept = Literal["counted", "surplus"]


@dataclass(frozen=True)
class Item:
    """One thing to be labelled. `text` is what raters see; `fields` is what else came with it, kept for the release."""

    id: str
    text: str
    fields: dict[str, object] = field(default_factory=dict)


ANY_ITEM = Item("", "")  # what questions that do not look at the item are asked of


@dataclass(frozen=True)
class Person:
    """Somebody who signs in. `pseudonym` (r-001) is what leaves the project; `name` never does."""

    id: int
    pseudonym: str
    name: str
    role: Role
    rounds: int = 1

    def may(self, right: Right) -> bool:
        """Whether the person's role gives a right."""
        return right in MAY[self.role]


@dataclass(frozen=True)
class Assignment:
    """An item lent to a rater until `expires_at` (Unix seconds). `round` is 1 but for deliberate repeats.

    `given` is the rater's own earlier page, answers by question, where it is taken back to be corrected, else None.
    """

    id: int
    item: Item
    round: int
    expires_at: float
    given: Mapping[str, Value] | None = None


@dataclass(frozen=True)
class Submission:
    """A page on its way in. `key` is made by the client, so that a retry never makes a second one.

    `value` is the answer to the project's only question, or a mapping of answers by question. `started_at` is Unix
    seconds, `active_ms` the time the item was looked at. `edition`: the protocol and guidelines that it was given under
    (`Project.edition`), those in force now if None. `read`: sections of the guidelines read meanwhile.
    """

    assignment: int
    value: object
    key: str
    started_at: float | None = None
    active_ms: int | None = None
    edition: str | None = None
    read: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """The promise that a page is on disk; `answer` numbers the first of its answers.

    `surplus`: it came too late for one of the item's places, and is kept.
    """

    answer: int
    kept: Kept
    revision: int
    repeated: bool
