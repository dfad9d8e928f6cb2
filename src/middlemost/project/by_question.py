"""What follows from the answers to one question, by the kind of its answers: agreement and conclusion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from middlemost import consensus
from middlemost.agreement import ICC, Alpha
from middlemost.consensus.numeric import Huber
from middlemost.core.answers import Answers, encode
from middlemost.core.gold import Gold
from middlemost.core.protocol import Paradigm
from middlemost.core.questions import Question, Scale
from middlemost.core.results import Agreement, Consensus, NumericConsensus
from middlemost.core.values import CODE, NUMBER, SET, SPANS
from middlemost.errors import SettingError
from middlemost.project.coefficients import DRAWS, between_raters, first_answers

_UNIT = "\x1f"  # stands between the labels of a set, where no option can hold it
YES, NO = "yes", "no"
NOTHING_YET = "There are no answers yet."
SIDE_BY_SIDE = "Nothing is concluded from {}: the answers are shown side by side and released as they are."
_PLURALS = {"spans": "passages", "order": "rankings", "text": "texts"}


@dataclass(frozen=True, eq=False)
class Found:
    """What the answers to `question` say; at most one of `labels`, `numbers` and `sets` is there.

    `sets`: frame (item, label, chosen, confidence, n_answers), one row a label of an item. `counts`: how often what was
    answered; of sets and passages how often each label. `note` says why nothing is concluded where nothing is.
    """

    question: Question
    answers: Answers | None
    agreement: tuple[Agreement, ...] = ()
    labels: Consensus | None = None
    numbers: NumericConsensus | None = None
    sets: pl.DataFrame | None = None
    note: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Answers, or labels in them, in the order of the options; numbers by size."""
        if self.answers is None:
            return {}
        said = dict(zip(self.answers.classes, np.bincount(self.answers.answer).tolist(), strict=False))
        return _COUNTS.get(self.question.kind.name, _no_counts)(self.question, said)


def found(paradigm: Paradigm, question: Question, answers: Answers | None, gold: Gold | None = None) -> Found:
    """Agreement, and unless the project is descriptive what is concluded."""
    if answers is None:
        return Found(question, None, note=NOTHING_YET)
    base = Found(question, answers, measured(question, answers))
    if question.kind not in (CODE, NUMBER, SET):
        return replace(base, note=SIDE_BY_SIDE.format(_PLURALS[question.kind.name]))
    if paradigm == "descriptive":
        return replace(base, note="Descriptive: the result is the distribution of the answers.")
    if question.kind is NUMBER:
        return replace(base, numbers=Huber().fit(answers))
    if question.kind is SET:
        return replace(base, sets=conclude_sets(question, answers))
    return replace(base, labels=consensus.conclude(answers, gold=gold))


def measured(question: Question, answers: Answers) -> tuple[Agreement, ...]:
    """The coefficients that fit the kind of the answers, on each rater's first; none for passages, orders and texts."""
    if question.kind is CODE:
        return between_raters(answers)
    answers = first_answers(answers)
    if question.kind is NUMBER:
        ordinal = isinstance(question, Scale) and question.look == "likert"
        alpha = Alpha(level="ordinal" if ordinal else "interval", draws=DRAWS)
        return alpha.measure(answers), ICC().measure(answers)
    if question.kind is SET:
        return _alpha_of_sets(question, answers)
    return ()


def _alpha_of_sets(question: Question, answers: Answers) -> tuple[Agreement, ...]:
    joined = [_UNIT.join(question.kind.value(text)) for text in answers.classes]
    frame = answers.frame().with_columns(pl.Series("answer", joined).gather(answers.answer))
    try:
        return (Alpha(level="masi", separator=_UNIT, draws=DRAWS).measure(encode(frame, repeats="all")),)
    except SettingError:  # so many different sets that a table of all pairs would be too large
        return ()


def conclude_sets(question: Question, answers: Answers) -> pl.DataFrame:
    """Each label of a set as a yes/no question of its own: item, label, chosen, confidence, n_answers."""
    sets = [set(question.kind.value(text)) for text in answers.classes]
    return pl.concat([_one_label(label, sets, answers) for label in question.shown()]).sort("item", maintain_order=True)


def _one_label(label: str, sets: Sequence[set[str]], answers: Answers) -> pl.DataFrame:
    said = np.array([label in chosen for chosen in sets], dtype=np.int32)[answers.answer]
    asked = replace(answers, classes=pl.Series([NO, YES]), answer=said, notices=())
    return consensus.conclude(asked).labels.select(
        "item",
        pl.lit(label).alias("label"),
        (pl.col("label") == YES).alias("chosen"),
        "confidence",
        "n_answers",
    )


def _by_option(question: Question, said: dict[str, int]) -> dict[str, int]:
    return {option: said.get(option, 0) for option in question.shown()}


def _by_member(question: Question, said: dict[str, int]) -> dict[str, int]:
    """How often each label is in an answer: of sets once, of passages once a passage."""
    counted: Counter[str] = Counter()
    for text, n in said.items():
        for one in question.kind.value(text):
            counted[one["label"] if question.kind is SPANS else one] += n
    return _by_option(question, counted)


def _by_size(question: Question, said: dict[str, int]) -> dict[str, int]:
    return {text: said[text] for text in sorted(said, key=float) if said[text]}


def _no_counts(question: Question, said: dict[str, int]) -> dict[str, int]:
    return {}


_COUNTS: dict[str, Callable[[Question, dict[str, int]], dict[str, int]]] = {
    CODE.name: _by_option,
    SET.name: _by_member,
    SPANS.name: _by_member,
    NUMBER.name: _by_size,
}
