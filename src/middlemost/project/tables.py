"""The desk's tables, whole: what it shows may be taken along. A header and rows each; names only for those who may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from middlemost.core.questions.base import texts
from middlemost.files.spreadsheet import instant
from middlemost.project.folder import Project
from middlemost.project.qualify import candidates, words
from middlemost.project.review import of_rows
from middlemost.project.standing import Standing, disputed
from middlemost.store import decisions, flags

Row = Iterable[object]
AT_ONCE = 500  # disputed items


@dataclass(frozen=True)
class Table:
    """The columns of a table by name, and its rows."""

    columns: tuple[str, ...]
    rows: Iterable[Row]


def raters(project: Project, now: Standing, *, named: bool) -> Table:
    """Everybody who answers, with their names where `named`."""
    courses = {one.rater: words(one.course) for one in candidates(project)}
    columns = (
        "rater", "training", "answers", "share_right", "low", "high", "gold_right", "gold_answered", "skipped",
        "median_seconds", "last_answer_at",
    )  # fmt: skip
    rows = (
        (
            one.rater, *((one.name,) if named else ()), courses.get(one.rater), one.n_answers, one.accuracy, one.low,
            one.high, one.gold_right, one.gold_answered, one.skipped, one.median_seconds, instant(one.last_answer_at),
        )
        for one in now.raters
    )  # fmt: skip
    return Table(("rater", "name", *columns[1:]) if named else columns, rows)


def pairs(now: Standing) -> Table:
    """How far each two raters agree, those who agree least first."""
    columns = ("first", "second", "kappa", "agrees", "n_shared")
    rows = () if now.pairs is None else now.pairs.select(columns).iter_rows()
    return Table(("rater", "and", "kappa", "same_answer", "items_in_common"), rows)


def agreement(now: Standing) -> Table:
    """Every coefficient of every question."""
    rows = (
        (asked.id, one.name, one.value, one.low, one.high, one.level, one.n_items, one.n_raters, one.note)
        for asked in now.questions
        for one in asked.agreement
    )
    return Table(("question", "coefficient", "value", "low", "high", "level", "items", "raters", "note"), rows)


def over_time(now: Standing) -> Table:
    """Agreement in windows of time."""
    rows = ((instant(one.begin), instant(one.end), one.n_items, one.value, one.low, one.high) for one in now.over_time)
    return Table(("begin", "end", "items", "alpha", "low", "high"), rows)


def questions(project: Project, now: Standing) -> Table:
    """How often each answer was given to each question, and how many items have it as their label."""
    return Table(("question", "type", "answer", "words", "times", "items"), _counted(project, now))


def _counted(project: Project, now: Standing) -> Iterator[Row]:
    for one in now.questions:
        read = texts(project.question(one.id).declared())
        labels = one.concluded
        for said, times in one.counts.items():
            yield one.id, one.type, said, read.get(said, said), times, None if labels is None else labels.get(said, 0)


def all_flags(project: Project) -> Table:
    """What raters wanted the lead to know, newest first."""
    rows = ((row.item, row.note, row.pseudonym, instant(row.made_at)) for row in project.store.read(flags.every))
    return Table(("item", "note", "rater", "at"), rows)


def all_decisions(project: Project) -> Table:
    """Everything that was decided, oldest first; of an item the last one counts."""
    rows = (
        (one.item, one.label, one.reason, one.by, instant(one.at), "yes" if one.scripted else "no", one.blind)
        for one in of_rows(project.store.read(decisions.every))
    )
    return Table(("item", "label", "reason", "by", "at", "scripted", "said_before"), rows)


def disputes(project: Project, now: Standing, *, held_back: bool) -> Table:
    """Items with different answers, the most disputed first; `held_back`: nothing that was said of the undecided."""
    options = project.options
    columns = ("item", "text", "decided", "label", "confidence", *(f"said {one}" for one in options))
    return Table(columns, _disputed(project, now, options, held_back))


def _disputed(project: Project, now: Standing, options: tuple[str, ...], held_back: bool) -> Iterator[Row]:
    for first in range(0, now.n_disputed, AT_ONCE):
        for one in disputed(project, now, first, AT_ONCE):
            made = one.decision.label if one.decision else None
            hidden = held_back and made is None
            said = [None if hidden else one.votes.get(option, 0) for option in options]
            label, confidence = (None, None) if hidden else (one.label, one.confidence)
            yield one.item, one.text, made, label, confidence, *said


# Those that follow from the figures, which take a moment, and those that do not.
FROM_FIGURES: dict[str, Callable[[Project, Standing, bool, bool], Table]] = {
    "raters": lambda project, now, named, blind: raters(project, now, named=named),
    "pairs": lambda project, now, named, blind: pairs(now),
    "agreement": lambda project, now, named, blind: agreement(now),
    "agreement-over-time": lambda project, now, named, blind: over_time(now),
    "questions": lambda project, now, named, blind: questions(project, now),
    "disputed": lambda project, now, named, blind: disputes(project, now, held_back=blind),
}
AT_HAND: dict[str, Callable[[Project], Table]] = {"flags": all_flags, "decisions": all_decisions}
TABLES = (*FROM_FIGURES, *AT_HAND)
