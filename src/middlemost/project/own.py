"""`own`: what raters see of their own work: their earlier answers, and what changed in the guidelines since."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from middlemost.core.nouns import Item, Person
from middlemost.errors import SettingError, shorten
from middlemost.project.folder import Project
from middlemost.project.next import require_rater
from middlemost.project.standing import said
from middlemost.store import own as stored
from middlemost.store.sql import Row

MOST = 200
EXCERPT = 200
_WORDS = re.compile(r"\s+|\S+")
_CONTEXT = 12  # words left standing round a change


@dataclass(frozen=True)
class OwnAnswer:
    """A page that stands. `said`: answers by question, in the words that raters read. `number`: the cursor."""

    assignment: int
    number: int
    item: str
    text: str
    said: dict[str, str]
    at: float
    corrected: bool


@dataclass(frozen=True)
class Piece:
    """A stretch of words of the guidelines: as before, new, or gone; `gap`: words that stayed were left out here."""

    kind: Literal["same", "new", "gone", "gap"]
    text: str = ""


def own_answers(project: Project, person: Person, before: int | None = None, most: int = 50) -> tuple[OwnAnswer, ...]:
    """The newest of a rater's own answers, or the newest before the one with number `before`."""
    require_rater(person)
    if not 1 <= most <= MOST:
        raise SettingError(f"most is {most}.", mend=f"It can be 1 to {MOST}.")
    found = project.store.read(stored.pages, person.id, before, most)
    return tuple(_own(project, row, texts) for row, texts in found)


def _own(project: Project, row: Row, texts: dict[str, str]) -> OwnAnswer:
    item = Item(row.item, row.text, json.loads(row.fields))
    words = {name: said(project.protocol.named(name), text, item) for name, text in texts.items()}
    return OwnAnswer(
        row.id, row.answer, row.item, shorten(row.text, EXCERPT), words, row.submitted_at, row.revision > 1
    )


def guideline_changes(project: Project, person: Person) -> tuple[Piece, ...]:
    """What changed in the guidelines since the rater's last answer; nothing before their first."""
    known = project.store.read(stored.guidelines_known, person.id)
    if known is None or known[0] == project.guideline_version:
        return ()
    return tuple(changes(known[1], project.guidelines))


def changes(before: str, now: str) -> Iterator[Piece]:
    """The difference of two texts, word by word, with some words round each change.

    >>> [(one.kind, one.text) for one in changes("Be kind to all.", "Be fair to all.")]
    [('same', 'Be '), ('gone', 'kind'), ('new', 'fair'), ('same', ' to all.')]
    """
    old, new = _WORDS.findall(before), _WORDS.findall(now)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (step, a, b, c, d) in enumerate(steps):
        if step == "equal":
            yield from _kept(new[c:d], first=number == 0, last=number == len(steps) - 1)
            continue
        if a < b:
            yield Piece("gone", "".join(old[a:b]))
        if c < d:
            yield Piece("new", "".join(new[c:d]))


def _kept(words: list[str], *, first: bool, last: bool) -> Iterator[Piece]:
    head, tail = (0 if first else _CONTEXT), (0 if last else _CONTEXT)
    if len(words) <= head + tail:
        yield Piece("same", "".join(words))
        return
    if head:
        yield Piece("same", "".join(words[:head]))
    yield Piece("gap")
    if tail:
        yield Piece("same", "".join(words[-tail:]))
