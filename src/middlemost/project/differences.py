"""How answers differ by who gives them: shares of the options, agreement within and between groups of raters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from middlemost.agreement import Alpha, between_groups, by_group
from middlemost.core.about import LEAST, AboutQuestion
from middlemost.core.answers import Answers
from middlemost.core.estimate import Estimate
from middlemost.core.questions import Question
from middlemost.core.values import CODE, NUMBER
from middlemost.inference.proportion import clustered
from middlemost.project.about import Who
from middlemost.project.coefficients import DRAWS, first_answers

MOST_NUMBERS = 12  # different numbers whose shares are still told one by one


@dataclass(frozen=True)
class Share:
    """The share of a group's answers that are `option`, with its interval if other raters of the group had answered."""

    option: str
    group: str
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Agreed:
    """How far raters of one group agree (`first` is `second`), or those of one with those of another."""

    first: str
    second: str
    estimate: Estimate


@dataclass(frozen=True)
class Difference:
    """What the `groups` that raters' answers to `about` make say of the `question`. No group is of fewer than five."""

    about: AboutQuestion
    question: Question
    groups: tuple[str, ...]
    shares: tuple[Share, ...]
    agreement: tuple[Agreed, ...]


def differences(who: Who | None, question: Question, answers: Answers | None) -> tuple[Difference, ...]:
    """One for each thing that raters said of themselves by which two groups or more can be told apart."""
    if who is None or answers is None or question.kind not in (CODE, NUMBER):
        return ()
    answers = first_answers(answers)
    found = (_difference(one.question, who.members[one.question.id], question, answers) for one in who.groups)
    return tuple(one for one in found if one is not None)


def _difference(
    about: AboutQuestion, members: Mapping[str, str], question: Question, answers: Answers
) -> Difference | None:
    answering = set(answers.raters.gather(np.flatnonzero(answers.per_rater())))
    sizes = Counter(group for name, group in members.items() if name in answering)
    groups = tuple(group for group in about.groups if sizes[group] >= LEAST)
    if len(groups) < 2:
        return None
    of = {name: group for name, group in members.items() if name in answering and group in groups}
    coefficient = Alpha(level="nominal" if question.kind is CODE else "interval", draws=DRAWS)
    agreement = (*_within(answers, of, groups, coefficient), *_between(answers, of, groups, coefficient))
    return Difference(about, question, groups, tuple(_shares(question, answers, of, groups)), agreement)


def _shares(question: Question, answers: Answers, of: Mapping[str, str], groups: tuple[str, ...]) -> Iterator[Share]:
    options = _options(question, answers)
    place = {name: at for at, name in enumerate(answers.classes)}
    said = np.zeros((answers.n_raters, answers.n_classes))
    np.add.at(said, (answers.rater, answers.answer), 1)
    rows = {group: [at for at, name in enumerate(answers.raters) if of.get(name) == group] for group in groups}
    for option in options:
        for group in groups:
            n = said[rows[group]].sum(axis=1)
            k = said[rows[group], place[option]] if option in place else np.zeros(len(n))
            yield Share(option, group, float(k.sum() / n.sum()), *clustered(k, n))


def _options(question: Question, answers: Answers) -> tuple[str, ...]:
    if question.kind is CODE:
        return question.shown()
    numbers = sorted(answers.classes.to_list(), key=float)
    return tuple(numbers) if len(numbers) <= MOST_NUMBERS else ()


def _within(answers: Answers, of: Mapping[str, str], groups: tuple[str, ...], coefficient: Alpha) -> Iterator[Agreed]:
    found = {row["group"]: row for row in by_group(answers, of, coefficient, of="raters").iter_rows(named=True)}
    for group in groups:
        yield Agreed(group, group, _estimate(found[group]))


def _between(answers: Answers, of: Mapping[str, str], groups: tuple[str, ...], coefficient: Alpha) -> Iterator[Agreed]:
    for row in between_groups(answers, of, coefficient).iter_rows(named=True):
        first, second = sorted((row["first"], row["second"]), key=groups.index)
        yield Agreed(first, second, _estimate(row))


def _estimate(row: Mapping[str, Any]) -> Estimate:
    return Estimate(row["value"], row["low"], row["high"], note=row["note"])
