"""`feedback`: what raters are told of their own answers, when a round is closed or when a lead wants them to know.

Gold and control items are never spoken of: they would be given away.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.nouns import Item, Person
from middlemost.core.questions import Question
from middlemost.core.values import CODE, NUMBER, SET
from middlemost.errors import AccessError, InputError, MissingError, Place, StateError
from middlemost.project.calibrated import in_words, is_right
from middlemost.project.folder import Project
from middlemost.project.next import require_rater
from middlemost.project.review import COMMAND_LINE
from middlemost.store import calibrating, people
from middlemost.store import feedback as stored
from middlemost.store.feedback import Message
from middlemost.store.sql import Row

LONGEST_NOTE = 2000
MOST_PARTS = 100


@dataclass(frozen=True)
class Part:
    """One item that feedback is about. `own`: what its rater said, by question, in raters' words; empty: nothing.

    `others`: how often the others said what, by question; empty where they are not told of. `right` and `label` (in
    raters' words) are None where nothing is known to be right; `why` is what a lead said of it.
    """

    item: Item
    own: dict[str, str]
    others: dict[str, dict[str, int]]
    right: bool | None
    label: str | None
    why: str | None
    late: bool = False


@dataclass(frozen=True)
class Feedback:
    """What a rater is told, by whom (a pseudonym), when; `read_at`: when they said to have read it.

    `calibration` and `purpose`: of the round that it is about, None where it is about none.
    """

    number: int
    at: float
    by: str
    note: str | None
    calibration: str | None
    purpose: str | None
    parts: tuple[Part, ...]
    read_at: float | None


@dataclass(frozen=True)
class Mistaken:
    """An answer that a decision contradicts: what the rater said, what was decided, and why."""

    item: str
    text: str
    said: str
    label: str
    reason: str


def send_feedback(
    project: Project,
    pseudonym: str,
    note: str | None = None,
    items: Sequence[str] = (),
    *,
    calibration: int | None = None,
    by: Person | None = None,
) -> None:
    """Tell one rater of their answers to `items`, with a note or without: what was decided on them, and why.

    With `calibration`, the items are those of a round that is closed. StateError for an item that nobody has decided,
    that the rater has not answered, or that is gold or a control item: these are not spoken of.
    """
    rater = _rater(project, pseudonym, by)
    note = (note or "").strip() or None
    if note is not None and len(note) > LONGEST_NOTE:
        raise InputError(f"A note has at most {LONGEST_NOTE:,} characters.", place=Place(column="note"))
    items = list(dict.fromkeys(items))
    if note is None and not items:
        raise InputError("There is nothing to tell.", place=Place(column="note"), mend="Write a note, or name items.")
    if len(items) > MOST_PARTS:
        raise InputError(f"Feedback is about {MOST_PARTS} items at most.", place=Place(column="items"))
    number = by.id if by else None
    project.store.write(_send, project, rater, note, items, calibration, number, project.store.clock())


def feedback_to(project: Project, person: Person) -> tuple[Feedback, ...]:
    """All that a rater was told, newest first."""
    require_rater(person)
    return project.store.read(_feedback, project, person)


def sent_to(project: Project, pseudonym: str) -> tuple[Feedback, ...]:
    """The same for those who lead the project."""
    return project.store.read(_feedback, project, _rater(project, pseudonym))


def unread(project: Project, person: Person) -> int:
    """How much a rater was told and has not said to have read."""
    return project.store.read(stored.unread, person.id)


def acknowledge(project: Project, person: Person, number: int) -> None:
    """A rater has read what they were told. Again changes nothing; MissingError if it was not told to them."""
    require_rater(person)
    project.store.write(stored.read, person.id, number, now=project.store.clock())


def mistaken(project: Project, pseudonym: str, most: int = MOST_PARTS) -> tuple[Mistaken, ...]:
    """The answers of a rater that decisions contradict, newest decision first; never gold or control items."""
    rater, main = _rater(project, pseudonym), project.protocol.main
    if main is None or project.protocol.paradigm == "descriptive":
        return ()
    rows = project.store.read(stored.differing, rater.id, main.id)[:most]
    words = main.words
    return tuple(Mistaken(row.item, row.text, words(row.said), words(row.label), row.reason) for row in rows)


def _rater(project: Project, pseudonym: str, by: Person | None = None) -> Person:
    if by is not None and not by.may("invite"):
        raise AccessError("Only leads give raters feedback.")
    person = project.store.read(people.named, pseudonym)
    if person.role != "rater":
        raise StateError(f"{pseudonym} is no rater.", mend="Feedback is about what raters answered.")
    return person


def _send(
    connection: sa.Connection,
    project: Project,
    rater: Person,
    note: str | None,
    items: list[str],
    calibration: int | None,
    by: int | None,
    now: float,
) -> None:
    if calibration is None:
        message = Message([rater.id], note, decided=_decided(connection, project, rater, items))
    else:
        message = Message([rater.id], note, calibrated=_of_round(connection, calibration, rater, items))
    stored.send(connection, message, by=by, now=now)


def _decided(connection: sa.Connection, project: Project, rater: Person, items: list[str]) -> list[tuple[int, int]]:
    main = project.protocol.main
    rows = stored.differing(connection, rater.id, main.id, items) if main and items else []
    found = {row.item: (row.decision, row.answer) for row in rows}
    for one in items:
        if one not in found:
            message = f"There is nothing to tell {rater.pseudonym} of {one!r}."
            mend = "Name items that they answered and a lead decided on; gold and control items are not spoken of."
            raise StateError(message, mend=mend)
    return [found[one] for one in items]


def _of_round(connection: sa.Connection, number: int, rater: Person, items: list[str]) -> list[int]:
    of = calibrating.one(connection, number)
    if of.is_open:
        raise StateError("This round is open: raters are told of it once it is closed.", mend="Close it first.")
    if rater.id not in calibrating.raters(connection, number):
        raise StateError(f"{rater.pseudonym} was not in this round.")
    known = {one.id: one.seq for one in calibrating.items(connection, number)}
    for one in items:
        if one not in known:
            raise MissingError(f"There is no item {one!r} in this round.")
    return [known[one] for one in items]


def _feedback(connection: sa.Connection, project: Project, person: Person) -> tuple[Feedback, ...]:
    rows = stored.of_rater(connection, person.id)
    parts: dict[int, list[Row]] = {row.id: [] for row in rows}
    for part in stored.parts(connection, person.id):
        parts[part.feedback].append(part)
    return tuple(_one(connection, project, person, row, parts[row.id]) for row in rows)


def _one(connection: sa.Connection, project: Project, person: Person, row: Row, chosen: list[Row]) -> Feedback:
    number = row.calibration or next((part.calibration for part in chosen if part.calibration is not None), None)
    of = None if number is None else calibrating.one(connection, number)
    if of is None:
        shown = _of_decisions(connection, project, chosen)
    else:
        only = {part.calibrated for part in chosen} or None
        shown = _of_calibration(connection, project, person, of.number, only)
    name, purpose = (None, None) if of is None else (of.name, of.purpose)
    return Feedback(row.id, row.made_at, row.maker or COMMAND_LINE, row.note, name, purpose, tuple(shown), row.read_at)


def _of_decisions(connection: sa.Connection, project: Project, chosen: list[Row]) -> list[Part]:
    rows = stored.decided(connection, [part.decision for part in chosen])
    found = []
    for part in chosen:
        row = rows[part.decision]
        page = stored.page(connection, part.assignment, part.revision)
        own = in_words(project, page, item := Item(row.name, row.text, json.loads(row.fields)))
        right = is_right(project.protocol.main, page, row.label)
        found.append(Part(item, own, {}, right, _label(project, row.label), row.reason))
    return found


def _of_calibration(
    connection: sa.Connection, project: Project, person: Person, number: int, only: set[int] | None
) -> list[Part]:
    known, rows = calibrating.said(connection, number), calibrating.answers(connection, number)
    found = []
    for one in calibrating.items(connection, number):
        if only is not None and one.seq not in only:
            continue
        pages = [(row, json.loads(row.value)) for row in rows if row.item == one.seq]
        mine = next(((row, page) for row, page in pages if row.rater == person.pseudonym), None)
        others = [page for row, page in pages if row.rater != person.pseudonym and not row.late]
        label, why = known[one.seq]
        item = Item(one.id, one.text, one.fields)
        own = in_words(project, mine[1], item) if mine else {}
        right = is_right(project.protocol.main, mine[1], label) if mine else None
        counts = {asked.id: _counts(asked, others) for asked in project.protocol.questions}
        told = {name: n for name, n in counts.items() if n}
        found.append(Part(item, own, told, right, _label(project, label), why, bool(mine and mine[0].late)))
    return found


def _counts(question: Question, pages: list[dict[str, str]]) -> dict[str, int]:
    """How often what was said, the most frequent first; nobody's own words, by which they could be known."""
    if question.kind not in (CODE, NUMBER, SET):
        return {}
    given = Counter(page[question.id] for page in pages if question.id in page)
    return {question.words(question.kind.value(text)): n for text, n in given.most_common()}


def _label(project: Project, label: str | None) -> str | None:
    main = project.protocol.main
    return label if label is None or main is None else main.words(label)
