"""The nouns of collection: what is labelled, who labels, what is lent and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["owner", "lead", "rater"]
Kept = Literal["counted", "surplus"]


@dataclass(frozen=True)
class Item:
    """One thing to be labelled. `text` is what raters see; `fields` is what else came with it, kept for the release."""

    id: str
    text: str
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """Somebody who signs in. `pseudonym` (r-001) is what leaves the project; `name` never does."""

    id: int
    pseudonym: str
    name: str
    role: Role
    rounds: int = 1


@dataclass(frozen=True)
class Assignment:
    """An item lent to a rater until `expires_at` (Unix seconds). `round` is 1 but for deliberate repeats.

    `given` is the rater's own earlier answer where a sent answer is taken back to be corrected, else None.
    """

    id: int
    item: Item
    round: int
    expires_at: float
    given: str | None = None


@dataclass(frozen=True)
class Submission:
    """One answer on its way in. `key` is made by the client, so that a retry never makes a second answer.

    `started_at` is Unix seconds, `active_ms` the time the item was looked at.
    """

    assignment: int
    value: str
    key: str
    started_at: float | None = None
    active_ms: int | None = None


@dataclass(frozen=True)
class Receipt:
    """The promise that an answer is on disk. `surplus`: it came too late for one of the item's places, and is kept."""

    answer: int
    kept: Kept
    revision: int
    repeated: bool
