"""Sets of labels: each label is concluded as a yes/no question of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.conclude import conclude
from middlemost.core.answers import Answers
from middlemost.core.estimate import Estimate
from middlemost.core.gold import Gold, GoldLike, as_gold
from middlemost.core.results import Consensus
from middlemost.core.sets import Members
from middlemost.errors import SettingError
from middlemost.inference.proportion import clopper_pearson

MOST_LABELS = 500
NO, YES = "no", "yes"

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SetConsensus:
    """A set of labels for each item, concluded label by label.

    `labels`: frame (item, label, confidence, n_answers), one row an item, sorted by item; `label` is the set, its
    labels sorted and joined by `separator`; `confidence` is that of its least sure question, so the whole set is right
    at most so often. `probabilities`: (items, classes) floats, the chance that an item has a label. `questions`: for
    each label the `Consensus` of its yes/no question. `error`: the share of sets that are not exactly right, None
    without gold drawn at random. `held`: frame (item, truth, label, confidence), the gold items drawn at random, each
    judged without its own gold where gold set the labels right; `truth` and `label` are sets.
    """

    items: pl.Series
    classes: pl.Series
    separator: str
    labels: pl.DataFrame
    probabilities: NDArray[np.float64]
    questions: Mapping[str, Consensus]
    calibrated: bool = False
    error: Estimate | None = None
    held: pl.DataFrame | None = None
    notices: tuple[str, ...] = ()


def conclude_sets(
    answers: Answers,
    *,
    separator: str = "|",
    gold: GoldLike | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> SetConsensus:
    """Sets of labels from answers such as "toxic|insult": each label is a yes/no question, answered by `conclude`.

    An answer says yes to the labels it holds and no to all others; the set is what is concluded yes. Where no answer is
    the empty set, no item ends without a label: the likeliest one stands. `gold` holds sets, written alike. Raises
    SettingError for an empty separator, or more than 500 labels.

    >>> from middlemost.core.answers import encode
    >>> rows = {"item": list("aaabbb"), "rater": list("xyzxyz"), "answer": ["p|q", "q|p", "p", "r", "r", "q"]}
    >>> conclude_sets(encode(pl.DataFrame(rows))).labels["label"].to_list()
    ['p|q', 'r']
    """
    members = _members(answers.classes, separator)
    known = None if gold is None else as_gold(gold)
    questions = {
        label: conclude(question(answers, members, place), _of_label(known, label, separator), level=level, seed=seed)
        for place, label in enumerate(members.labels)
    }
    chances = np.column_stack([one.probabilities[:, 1] for one in questions.values()])
    chosen = np.column_stack([(one.labels["label"] == YES).to_numpy() for one in questions.values()])
    filled = bool(members.table.any(axis=1).all())
    labels = _labels(answers, members.labels, chances, chosen, separator, filled)
    calibrated = all(one.calibrated for one in questions.values())
    held = None if known is None else _held(labels, members.labels, questions, known, separator, filled)
    return SetConsensus(
        items=answers.items,
        classes=members.labels,
        separator=separator,
        labels=labels,
        probabilities=chances,
        questions=questions,
        calibrated=calibrated,
        error=None if held is None else _share_wrong(held, level),
        held=held,
        notices=tuple(dict.fromkeys(text for one in questions.values() for text in one.notices)),
    )


def question(answers: Answers, members: Members, place: int) -> Answers:
    """The answers to one label's question: classes no and yes."""
    said = members.table[:, place].astype(np.int32)
    return replace(answers, classes=pl.Series([NO, YES]), answer=said[answers.answer], notices=())


def _members(classes: pl.Series, separator: str) -> Members:
    if not separator:
        raise SettingError("separator is empty.", mend="It stands between the labels of one answer: '|', say.")
    members = Members.of(classes, separator)
    if not len(members.labels):
        raise SettingError("Every answer is the empty set.", mend="There is nothing to conclude.")
    if len(members.labels) > MOST_LABELS:
        problem = f"There are {len(members.labels):,} labels, too many to ask of each item one by one."
        raise SettingError(problem, mend=f"That works up to {MOST_LABELS}. Is the separator right?")
    return members


def _of_label(gold: Gold | None, label: str, separator: str) -> Gold | None:
    """What gold says to one label's question."""
    if gold is None:
        return None
    members = Members.of(gold.labels, separator)
    place = members.labels.index_of(label)
    has = np.zeros(len(gold), dtype=bool) if place is None else members.table[:, place]
    return replace(gold, labels=pl.Series(np.where(has, YES, NO), dtype=pl.String))


def _labels(
    answers: Answers, names: pl.Series, chances: NDArray[np.float64], chosen: Flags, separator: str, filled: bool
) -> pl.DataFrame:
    chosen = _filled(chosen, chances) if filled else chosen
    sure = np.where(chosen, chances, 1 - chances).min(axis=1)
    texts = Members(names, chosen).texts(separator)
    return pl.DataFrame({"item": answers.items, "label": texts, "confidence": sure, "n_answers": answers.per_item()})


def _filled(chosen: Flags, chances: NDArray[np.float64]) -> Flags:
    """With the likeliest label where there is none."""
    empty = np.flatnonzero(~chosen.any(axis=1))
    chosen = chosen.copy()
    chosen[empty, chances[empty].argmax(axis=1)] = True
    return chosen


def _held(
    labels: pl.DataFrame,
    names: pl.Series,
    questions: Mapping[str, Consensus],
    gold: Gold,
    separator: str,
    filled: bool,
) -> pl.DataFrame | None:
    """The sampled gold items with answers: the true set, and what is concluded without it where gold had a say."""
    sampled = gold.at_random()
    truth = Members.of(sampled.labels, separator).texts(separator)
    known = pl.DataFrame({"item": sampled.items, "truth": truth})
    judged = _cross_fitted(names, questions, separator, filled)
    if judged is None:
        judged = labels.filter(pl.col("n_answers") > 0).select("item", "label", "confidence")
    held = known.join(judged, on="item", how="inner").sort("item")
    return held if held.height else None


def _cross_fitted(
    names: pl.Series, questions: Mapping[str, Consensus], separator: str, filled: bool
) -> pl.DataFrame | None:
    """The gold items' sets, each question judged by a fit that has not seen the item; None without calibration."""
    held = [one.calibration.held for one in questions.values() if one.calibration is not None]
    if len(held) < len(questions):
        return None
    chosen = np.column_stack([(frame["label"] == YES).to_numpy() for frame in held])
    sure = np.column_stack([frame["confidence"].to_numpy() for frame in held])
    if filled:
        chosen = _filled(chosen, np.where(chosen, sure, 1 - sure))
    texts = Members(names, chosen).texts(separator)
    return pl.DataFrame({"item": held[0]["item"], "label": texts, "confidence": sure.min(axis=1)})


def _share_wrong(held: pl.DataFrame, level: float) -> Estimate:
    n, wrong = held.height, int((held["label"] != held["truth"]).sum())
    low, high = clopper_pearson(wrong, n, level)
    return Estimate(wrong / n, low, high, level, n)
