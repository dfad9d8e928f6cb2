"""What a calibration round shows: who is done, how far raters agree, and the items on which they part."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
import sqlalchemy as sa

from middlemost.core.answers import encode
from middlemost.core.calibrating import Calibration
from middlemost.core.estimate import Estimate
from middlemost.core.nouns import Item
from middlemost.core.qualifying import Exercise
from middlemost.core.questions import Question
from middlemost.core.results import Agreement
from middlemost.core.values import CODE, NUMBER, SET
from middlemost.inference.bootstrap import percentiles
from middlemost.project.by_question import measured
from middlemost.project.folder import Project
from middlemost.project.overview import share_of
from middlemost.project.standing import said
from middlemost.store import calibrating as stored
from middlemost.store import feedback as stored_feedback
from middlemost.store.sql import Row

DRAWS, LEVEL = 1000, 0.95
LEAST_ITEMS = 2


@dataclass(frozen=True)
class JudgedBy:
    """What one rater said of an item, by question, in raters' words; `right` is None where nothing is known to be."""

    rater: str
    said: dict[str, str]
    right: bool | None
    late: bool
    at: float


@dataclass(frozen=True)
class JudgedItem:
    """An item of a round. `differ`: the share of pairs of raters who said different things, None with fewer than two.

    `label` and `why`: what is right, and why, where somebody said so. `votes`: how often what was said to the question
    that is decided on, or else the first.
    """

    id: str
    text: str
    label: str | None
    why: str | None
    differ: float | None
    votes: dict[str, int]
    answers: tuple[JudgedBy, ...]


@dataclass(frozen=True)
class JudgedRater:
    """A rater in a round: `done` of its items, how far they say what the others say, how many they had right.

    `agrees`: the share of others' answers to the same items that are the same. Both None where there is nothing to
    measure on. `read_at`: when they said to have read the feedback.
    """

    rater: str
    done: int
    agrees: Estimate | None
    right: Estimate | None
    n_right: int
    told: bool
    read_at: float | None


@dataclass(frozen=True)
class AgreementOn:
    """How far raters agree on a question of a round."""

    question: str
    agreement: tuple[Agreement, ...]


@dataclass(frozen=True)
class RoundDetail:
    """A round as the desk shows it: the items with the most different answers first. Late answers count nowhere."""

    calibration: Calibration
    total: int
    done: int
    late: int
    agreement: tuple[AgreementOn, ...]
    items: tuple[JudgedItem, ...]
    raters: tuple[JudgedRater, ...]


@dataclass(frozen=True, eq=False)
class _Picture:
    """A round as it stood at one moment."""

    calibration: Calibration
    items: list[Exercise]
    raters: dict[int, str]
    answers: list[Row]
    known: dict[int, tuple[str | None, str | None]]
    readers: dict[str, float | None]


def calibrated(project: Project, number: int) -> RoundDetail:
    """How a round stands. MissingError if there is none of this number."""
    picture = project.store.read(_picture, number)
    pages = [(row, json.loads(row.value)) for row in picture.answers]
    counted = [(row, page) for row, page in pages if not row.late]
    shown = project.protocol.main or project.protocol.question
    items = [_item(project, shown, one, picture, pages) for one in picture.items]
    items.sort(key=lambda one: -1.0 if one.differ is None else one.differ, reverse=True)
    raters = tuple(_raters(shown, picture, counted, project.protocol.main))
    return RoundDetail(
        calibration=picture.calibration,
        total=len(picture.items),
        done=sum(one.done == len(picture.items) for one in raters),
        late=len(pages) - len(counted),
        agreement=tuple(agreement_of(project, counted)),
        items=tuple(items),
        raters=raters,
    )


def _picture(connection: sa.Connection, number: int) -> _Picture:
    return _Picture(
        stored.one(connection, number),
        stored.items(connection, number),
        stored.raters(connection, number),
        stored.answers(connection, number),
        stored.said(connection, number),
        stored_feedback.readers(connection, number),
    )


def agreement_of(project: Project, counted: Sequence[tuple[Row, dict[str, str]]]) -> list[AgreementOn]:
    """The coefficients that fit each question, on the answers of a round that count; none where nobody answered it."""
    found = []
    for question in project.protocol.questions:
        rows = [(row.name, row.rater, page[question.id]) for row, page in counted if question.id in page]
        if rows:
            frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
            answers = encode(frame, repeats="all", question=question.id)
            found.append(AgreementOn(question.id, measured(question, answers)))
    return found


def _item(
    project: Project, shown: Question, one: Exercise, picture: _Picture, pages: list[tuple[Row, dict[str, str]]]
) -> JudgedItem:
    mine = [(row, page) for row, page in pages if row.item == one.seq]
    label, why = picture.known[one.seq]
    main = project.protocol.main
    item = Item(one.id, one.text, one.fields)
    answers = tuple(
        JudgedBy(
            row.rater, in_words(project, page, item), is_right(main, page, label), bool(row.late), row.submitted_at
        )
        for row, page in mine
    )
    stand = [page[shown.id] for row, page in mine if not row.late and shown.id in page]
    votes = {said(shown, text, item): n for text, n in Counter(stand).most_common()}
    return JudgedItem(one.id, one.text, label, why, _differ(shown, stand), votes, answers)


def in_words(project: Project, page: dict[str, str], item: Item) -> dict[str, str]:
    """A stored page in the words that raters read, by question."""
    return {name: said(project.protocol.named(name), text, item) for name, text in page.items()}


def is_right(main: Question | None, page: dict[str, str], label: str | None) -> bool | None:
    """Whether a stored page says what is right, None where nothing is known to be."""
    return None if label is None or main is None else page.get(main.id) == label


def _differ(question: Question, stand: list[str]) -> float | None:
    if question.kind not in (CODE, NUMBER, SET) or len(stand) < 2:
        return None
    pairs = [first != second for first, second in combinations(stand, 2)]
    return sum(pairs) / len(pairs)


def _raters(
    shown: Question, picture: _Picture, counted: list[tuple[Row, dict[str, str]]], main: Question | None
) -> list[JudgedRater]:
    votes: dict[int, Counter[str]] = {one.seq: Counter() for one in picture.items}
    own: dict[str, list[tuple[Row, dict[str, str]]]] = {name: [] for name in picture.raters.values()}
    for row, page in counted:
        own[row.rater].append((row, page))
        votes[row.item].update([page[shown.id]] if shown.id in page else [])
    return [_rater(name, mine, votes, shown, picture, main) for name, mine in own.items()]


def _rater(
    name: str,
    mine: list[tuple[Row, dict[str, str]]],
    votes: dict[int, Counter[str]],
    shown: Question,
    picture: _Picture,
    main: Question | None,
) -> JudgedRater:
    marks = [is_right(main, page, picture.known[row.item][0]) for row, page in mine]
    known = [one for one in marks if one is not None]
    counts = [
        (votes[row.item][page[shown.id]] - 1, votes[row.item].total() - 1) for row, page in mine if shown.id in page
    ]
    return JudgedRater(
        rater=name,
        done=len(mine),
        agrees=_agrees(counts) if shown.kind in (CODE, NUMBER, SET) else None,
        right=share_of(sum(known), len(known)) if known else None,
        n_right=sum(known),
        told=name in picture.readers,
        read_at=picture.readers.get(name),
    )


def _agrees(counts: list[tuple[int, int]]) -> Estimate | None:
    """The share of others' answers that are the same, of (same, others) an item; interval by bootstrap over items."""
    table = np.array([pair for pair in counts if pair[1] > 0], dtype=float).reshape(-1, 2)
    if not len(table):
        return None
    same, others = table.sum(axis=0)
    if len(table) < LEAST_ITEMS:
        return Estimate(float(same / others), n=len(table), note="no interval: only one item")
    rng = np.random.default_rng(0)
    draws = rng.multinomial(len(table), np.full(len(table), 1 / len(table)), size=DRAWS) @ table
    ends = percentiles(draws[:, 0] / draws[:, 1], LEVEL)
    low, high = ends or (None, None)
    return Estimate(float(same / others), low, high, LEVEL, len(table))


def pulse(project: Project, number: int) -> tuple[int, ...]:
    """Numbers that change whenever `calibrated` would show another state of the round. Cheap."""
    return project.store.read(stored.pulse, number)
