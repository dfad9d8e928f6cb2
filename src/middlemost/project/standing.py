"""What the desk shows: how the project stands, and one item side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.answers import Answers
from middlemost.core.gold import Gold
from middlemost.core.nouns import Item, Kept
from middlemost.core.questions import Question, Ranking, Spans
from middlemost.core.questions.base import texts
from middlemost.core.questions.spans import quoted
from middlemost.core.results import Agreement, Consensus
from middlemost.errors import shorten
from middlemost.project.about import Who, who_answers
from middlemost.project.breakdown import pairs_of
from middlemost.project.by_question import Found
from middlemost.project.by_question import found as found_of
from middlemost.project.collected import gold, timed_answers
from middlemost.project.conclude import decided
from middlemost.project.cost import Cost, cost
from middlemost.project.course import Forecast, Window, forecast, over_time
from middlemost.project.differences import Difference, differences
from middlemost.project.folder import Project
from middlemost.project.overview import by_dispute
from middlemost.project.progress import Progress, progress
from middlemost.project.review import Decision, decisions, of_rows
from middlemost.project.sample import Sampled, sampled
from middlemost.store import answers as stored
from middlemost.store import counts, items
from middlemost.store import decisions as stored_decisions
from middlemost.store import flags as stored_flags
from middlemost.store.sql import Row

MOST_DISPUTED = 50
MOST_FLAGS = 50


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


@dataclass(frozen=True)
class QuestionRow:
    """One question: how many answered it, how far they agree, what they said, and what is concluded of it.

    `counts`: answers by option or number; of several choices, and of passages, how often each label. `concluded`: items
    by label, None where no labels are concluded; `note` says why.
    """

    id: str
    type: str
    ask: str
    answers: int
    agreement: tuple[Agreement, ...]
    counts: dict[str, int]
    concluded: dict[str, int] | None
    note: str | None


@dataclass(frozen=True)
class Flag:
    """What a rater wanted the lead to know of an item."""

    item: str
    rater: str
    note: str
    at: float


@dataclass(frozen=True, eq=False)
class Standing:
    """How the project stood at `at`. `note` says why there is no consensus where there is none.

    Consensus, disputes, distribution and labels are those of the question that is decided on: the first choice.
    `questions` has a row for each. `flags` are the newest of the `n_flags`. `disputed` are the most disputed of the
    `n_disputed` items that got different answers, `n_decided` of which the lead decided. `distribution` counts the
    answers by option, `labels` the labels. `split`: all disputed items in that order, by their place in `answers`.
    `over_time`: agreement at the question that is decided on, or else the first. `pairs`: how far each two raters agree
    on the one that is decided on (first, second, kappa, agrees, n_shared), None where there are too few or too many.
    `who`: raters by what they said of themselves, and `differences`: what that makes; for leads alone.
    `cost`: None where the protocol declares no pay. `sample`: how far the newest sample for the lead to decide is.
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
    questions: tuple[QuestionRow, ...] = ()
    flags: tuple[Flag, ...] = ()
    n_flags: int = 0
    answers: Answers | None = None
    split: NDArray[np.intp] | None = None
    over_time: tuple[Window, ...] = ()
    pairs: pl.DataFrame | None = None
    forecast: Forecast | None = None
    who: Who | None = None
    differences: tuple[Difference, ...] = ()
    cost: Cost | None = None
    sample: Sampled | None = None


def standing(project: Project) -> Standing:
    """How the project stands now. Takes seconds at 10⁶ answers: the desk reads a copy made in the background."""
    at, made, known = project.store.clock(), decisions(project), gold(project)
    given = {one.id: timed_answers(project, one.id) for one in project.protocol.questions}
    each = [_found(project, one, given[one.id][0], known) for one in project.protocol.questions]
    first = next((one for one in each if one.question is project.protocol.main), None)
    answers, found = (None, None) if first is None else (first.answers, first.labels)
    split = np.empty(0, np.intp) if answers is None else by_dispute(answers, found)
    names = [] if answers is None else answers.items.gather(split).to_list()
    labels, done = _labels(project, found, made), progress(project)
    shown = first or each[0]
    times, who = given[shown.question.id][1], who_answers(project)
    return Standing(
        at=at,
        progress=done,
        agreement=shown.agreement,
        consensus=found,
        raters=tuple(_raters(project, shown.answers, found)),
        disputed=() if answers is None else tuple(_rows(project, answers, found, split[:MOST_DISPUTED], made)),
        n_disputed=len(split),
        n_decided=sum(name in made for name in names),
        distribution=_distribution(project, answers),
        labels=labels,
        note=shown.note,
        questions=tuple(_question(one, labels if one is first else None) for one in each),
        flags=tuple(map(_flag, project.store.read(stored_flags.newest, MOST_FLAGS))),
        n_flags=project.store.read(stored_flags.count),
        answers=answers,
        split=split,
        over_time=over_time(shown.question, shown.answers, times),
        pairs=_pairs(answers),
        forecast=forecast(times, done.wanted - done.answers, now=at, seconds=_usual_seconds(shown.answers)),
        who=who,
        differences=differences(who, shown.question, shown.answers),
        cost=cost(project, done),
        sample=sampled(project),
    )


def _pairs(answers: Answers | None) -> pl.DataFrame | None:
    if answers is None:
        return None
    if answers.round is not None:  # repeats say nothing of agreement between raters
        answers = answers.take(answers.round == 1)
    return pairs_of(answers) if len(answers) else None


def _usual_seconds(answers: Answers | None) -> float | None:
    """What half of the answers took less than; None where nobody knows."""
    known = np.empty(0) if answers is None or answers.seconds is None else answers.seconds
    known = known[~np.isnan(known)]
    return float(np.median(known)) if len(known) else None


def disputed(project: Project, now: Standing, first: int, most: int) -> tuple[DisputedRow, ...]:
    """Disputed items as they stood in `now`, the most disputed first, from number `first` on; decisions as they are."""
    if now.answers is None or now.split is None:
        return ()
    rows = _rows(project, now.answers, now.consensus, now.split[first : first + most], decisions(project))
    return tuple(rows)


def _found(project: Project, question: Question, answers: Answers | None, known: Gold | None) -> Found:
    main = question is project.protocol.main
    return found_of(project.protocol.paradigm, question, answers, known if main else None)


def _question(one: Found, decided_labels: dict[str, int] | None) -> QuestionRow:
    asked, n = one.question, 0 if one.answers is None else len(one.answers)
    return QuestionRow(
        asked.id, asked.type, asked.ask, n, one.agreement, one.counts, decided_labels or _concluded(one), one.note
    )


def _concluded(one: Found) -> dict[str, int] | None:
    """Items by concluded label."""
    if one.sets is not None:
        return dict(one.sets.group_by("label", maintain_order=True).agg(pl.col("chosen").sum()).iter_rows())
    if one.labels is not None:
        return dict(one.labels.labels["label"].value_counts().iter_rows())
    return None


def _flag(row: Row) -> Flag:
    return Flag(row.item, row.pseudonym, row.note, row.made_at)


def pulse(project: Project) -> tuple[int, ...]:
    """Numbers that change whenever `standing` would show another state of the answers. Cheap."""
    return project.store.read(counts.pulse)


def _rows(
    project: Project,
    answers: Answers,
    found: Consensus | None,
    split: NDArray[np.intp],
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
    main = project.protocol.main
    known = {row["rater"]: row for row in found.raters.iter_rows(named=True)} if found else {}
    seconds = _median_seconds(answers)
    for name, row in project.store.read(counts.by_rater, main.id if main else "").items():
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


@dataclass(frozen=True)
class GivenAnswer:
    """One revision of one rater's answer to a question on an item; `latest` if it stands. `said`: in raters' words."""

    rater: str
    question: str
    value: str
    said: str
    round: int
    revision: int
    kept: Kept
    submitted_at: float
    active_ms: int | None
    guideline_version: int
    latest: bool


@dataclass(frozen=True)
class ItemDetail:
    """An item with everything that was said of it.

    `votes` are the answers that count to the question that is decided on. `decisions` and `flags`: newest first.
    """

    item: Item
    answers: tuple[GivenAnswer, ...]
    votes: dict[str, int]
    gold: str | None
    decisions: tuple[Decision, ...]
    places: int
    answered: int
    flags: tuple[Flag, ...] = ()


def item_detail(project: Project, item_id: str) -> ItemDetail:
    """One item side by side. MissingError if there is none with this id."""
    seq, item, places, answered = project.store.read(items.one, item_id)
    given = tuple(_given(project, item, row) for row in project.store.read(stored.of_item, seq))
    main = project.protocol.main
    standing_ones = [
        one.value for one in given if main and one.question == main.id and one.latest and one.kept == "counted"
    ]
    return ItemDetail(
        item=item,
        answers=given,
        votes={option: standing_ones.count(option) for option in project.options if option in standing_ones},
        gold=project.store.read(items.gold_label, seq),
        decisions=tuple(reversed(of_rows(project.store.read(stored_decisions.of_item, seq)))),
        places=places,
        answered=answered,
        flags=tuple(map(_flag, project.store.read(stored_flags.of_item, seq))),
    )


def _given(project: Project, item: Item, row: Row) -> GivenAnswer:
    kept: Kept = "surplus" if row.surplus else "counted"
    return GivenAnswer(
        row.pseudonym,
        row.question,
        row.value,
        said(project.protocol.named(row.question), row.value, item),
        row.round,
        row.revision,
        kept,
        row.submitted_at,
        row.active_ms,
        row.guideline_version,
        bool(row.latest),
    )


def said(question: Question | None, text: str, item: Item) -> str:
    """What is stored of an answer, in the words that raters read; passages with the text that they mark."""
    if question is None:
        return text
    value = question.kind.value(text)
    if isinstance(question, Spans):
        read = texts(question.labels)
        return ", ".join(f"“{passage}” {read.get(label, label)}" for passage, label in quoted(item.text, value)) or "–"
    if isinstance(question, Ranking) and question.field:
        entries = question.entries(item)
        return " > ".join(" = ".join(shorten(entries.get(one, one), 40) for one in group) for group in value)
    return question.words(value)
