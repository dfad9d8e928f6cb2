"""What the desk shows: how the project stands, and one item side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from middlemost.core.answers import Answers
from middlemost.core.nouns import Item, Kept
from middlemost.core.results import Agreement, Consensus
from middlemost.project.collected import collected, gold
from middlemost.project.conclude import concluded, decided
from middlemost.project.folder import Project
from middlemost.project.measure import measured
from middlemost.project.overview import by_dispute
from middlemost.project.progress import Progress, progress
from middlemost.project.review import Decision, decisions, of_rows
from middlemost.store import answers as stored
from middlemost.store import counts, items
from middlemost.store import decisions as stored_decisions
from middlemost.store.sql import Row

MOST_DISPUTED = 50


@dataclass(frozen=True)
class RaterRow:
    """One rater. `accuracy` with its interval is the expected share of right answers, None without a consensus."""

    rater: str
    name: str
    n_answers: int
    accuracy: float | None
    low: float | None
    high: float | None
    median_seconds: float | None
    gold_right: int
    gold_answered: int
    skipped: int
    last_answer_at: float | None


@dataclass(frozen=True)
class DisputedRow:
    """An item on which raters differ: its votes by option; label and confidence if there is a consensus."""

    item: str
    text: str
    votes: dict[str, int]
    label: str | None
    confidence: float | None
    decision: Decision | None


@dataclass(frozen=True, eq=False)
class Standing:
    """How the project stood at `at`. `note` says why there is no consensus where there is none.

    `disputed` are the most disputed of the `n_disputed` items that got different answers, `n_decided` of which the
    lead decided. `distribution` counts the answers by option, `labels` the labels.
    """

    at: float
    progress: Progress
    agreement: tuple[Agreement, ...]
    consensus: Consensus | None
    raters: tuple[RaterRow, ...]
    disputed: tuple[DisputedRow, ...]
    n_disputed: int
    n_decided: int
    distribution: dict[str, int]
    labels: dict[str, int]
    note: str | None


def standing(project: Project) -> Standing:
    """How the project stands now. Takes seconds at 10⁶ answers: the desk reads a copy made in the background."""
    at, answers, made = project.store.clock(), collected(project), decisions(project)
    found = concluded(project.protocol.paradigm, answers, gold(project))
    split = np.empty(0, np.int64) if answers is None else by_dispute(answers, found)
    names = [] if answers is None else answers.items.gather(split).to_list()
    return Standing(
        at=at,
        progress=progress(project),
        agreement=() if answers is None else measured(answers),
        consensus=found,
        raters=tuple(_raters(project, answers, found)),
        disputed=() if answers is None else tuple(_rows(project, answers, found, split[:MOST_DISPUTED], made)),
        n_disputed=len(split),
        n_decided=sum(name in made for name in names),
        distribution=_distribution(project, answers),
        labels=_labels(project, found, made),
        note=_note(project, answers),
    )


def pulse(project: Project) -> tuple[int, ...]:
    """Numbers that change whenever `standing` would show another state of the answers. Cheap."""
    return project.store.read(counts.pulse)


def _rows(
    project: Project,
    answers: Answers,
    found: Consensus | None,
    split: np.ndarray[tuple[int], np.dtype[np.int64]],
    made: Mapping[str, Decision],
) -> Iterator[DisputedRow]:
    names = answers.items.gather(split).to_list()
    texts = project.store.read(items.texts, names)
    votes = answers.counts()[split]
    for name, number, row in zip(names, split.tolist(), votes, strict=True):
        label, confidence = _label(found, number)
        yield DisputedRow(name, texts[name], _votes(project, answers, row.tolist()), label, confidence, made.get(name))


def _label(found: Consensus | None, number: int) -> tuple[str | None, float | None]:
    if found is None:
        return None, None
    return found.labels["label"][number], float(found.labels["confidence"][number])


def _votes(project: Project, answers: Answers, row: list[int]) -> dict[str, int]:
    """Votes by option, in the order of the protocol."""
    have = dict(zip(answers.classes, row, strict=True))
    return {option: have[option] for option in project.options if have.get(option)}


def _raters(project: Project, answers: Answers | None, found: Consensus | None) -> Iterator[RaterRow]:
    known = {row["rater"]: row for row in found.raters.iter_rows(named=True)} if found else {}
    seconds = _median_seconds(answers)
    for name, row in project.store.read(counts.by_rater).items():
        estimated = known.get(name, {})
        yield RaterRow(
            rater=name,
            name=row["name"],
            n_answers=row["n_answers"],
            accuracy=estimated.get("accuracy"),
            low=estimated.get("low"),
            high=estimated.get("high"),
            median_seconds=seconds.get(name),
            gold_right=row["gold_right"],
            gold_answered=row["gold_answered"],
            skipped=row["skipped"],
            last_answer_at=row["last_answer_at"],
        )


def _median_seconds(answers: Answers | None) -> dict[str, float]:
    if answers is None or answers.seconds is None:
        return {}
    frame = pl.DataFrame({"rater": answers.raters.gather(answers.rater), "seconds": answers.seconds})
    medians = frame.filter(pl.col("seconds").is_not_nan()).group_by("rater").agg(pl.col("seconds").median())
    return dict(medians.iter_rows())


def _distribution(project: Project, answers: Answers | None) -> dict[str, int]:
    have = {} if answers is None else dict(zip(answers.classes, answers.counts().sum(axis=0).tolist(), strict=True))
    return {option: have.get(option, 0) for option in project.options}


def _labels(project: Project, found: Consensus | None, made: Mapping[str, Decision]) -> dict[str, int]:
    if project.protocol.paradigm == "descriptive":
        return {}
    have = dict(decided(found, made)["label"].value_counts().iter_rows())
    return {option: have.get(option, 0) for option in project.options}


def _note(project: Project, answers: Answers | None) -> str | None:
    if answers is None:
        return "There are no answers yet."
    if project.protocol.paradigm == "descriptive":
        return (
            "Descriptive: opinions differ, so no label is the right one; the result is the distribution of the answers."
        )
    return None


@dataclass(frozen=True)
class GivenAnswer:
    """One revision of one rater's answer to an item; `latest` if it stands."""

    rater: str
    value: str
    round: int
    revision: int
    kept: Kept
    submitted_at: float
    active_ms: int | None
    guideline_version: int
    latest: bool


@dataclass(frozen=True)
class ItemDetail:
    """An item with everything that was said of it; `votes` are the answers that count. `decisions`: newest first."""

    item: Item
    answers: tuple[GivenAnswer, ...]
    votes: dict[str, int]
    gold: str | None
    decisions: tuple[Decision, ...]
    places: int
    answered: int


def item_detail(project: Project, item_id: str) -> ItemDetail:
    """One item side by side. MissingError if there is none with this id."""
    seq, item, places, answered = project.store.read(items.one, item_id)
    given = tuple(map(_given, project.store.read(stored.of_item, seq)))
    standing_ones = [one.value for one in given if one.latest and one.kept == "counted"]
    return ItemDetail(
        item=item,
        answers=given,
        votes={option: standing_ones.count(option) for option in project.options if option in standing_ones},
        gold=project.store.read(items.gold_label, seq),
        decisions=tuple(reversed(of_rows(project.store.read(stored_decisions.of_item, seq)))),
        places=places,
        answered=answered,
    )


def _given(row: Row) -> GivenAnswer:
    kept: Kept = "surplus" if row.surplus else "counted"
    return GivenAnswer(
        row.pseudonym,
        row.value,
        row.round,
        row.revision,
        kept,
        row.submitted_at,
        row.active_ms,
        row.guideline_version,
        bool(row.latest),
    )
