"""How good a rater is, judged by the others: each answer against what is concluded without it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.clamp import Clamp
from middlemost.consensus.concluded import rater_frame
from middlemost.core.answers import Answers
from middlemost.core.operator import SparseOperator
from middlemost.inference.softmax import normalise

Floats = NDArray[np.float64]
_CELLS = 4_000_000
_TINY = 1e-300
_SMOOTHING = 0.5


def judged_by_others(
    operator: SparseOperator, scores: Floats, log_confusion: Floats, clamp: Clamp, *, aside: int | None = None
) -> tuple[Floats, Floats]:
    """By rater: how many answers are right as the others' answers say, and how many the others allow to judge.

    `scores`: (items, classes), the logarithm of each item's answers together with each class; a rater's own part in it,
    the log-probabilities (raters, true, answered) of all their answers to the item, is taken out again. So a rater
    whose items nobody else answered cannot be judged, however sure the model is. Items of `clamp` judge everybody.
    Answers `aside`, abstentions, are neither right nor wrong.
    """
    n_raters, n_classes = operator.shape
    own = log_confusion.transpose(0, 2, 1).reshape(n_raters * n_classes, n_classes)
    known = np.full(len(scores), -1)
    known[clamp.items] = clamp.classes
    right, compared = np.zeros(n_raters), np.zeros(n_raters)
    for first, last in _blocks(operator.matrix.indptr, n_classes):
        rater, credit, counts = _block(operator, scores[first:last], own, known[first:last], first, last, aside)
        right += np.bincount(rater, weights=credit * counts, minlength=n_raters)
        compared += np.bincount(rater, weights=counts, minlength=n_raters)
    return right, compared


def rater_frame_of(answers: Answers, probabilities: Floats) -> pl.DataFrame:
    """The raters' frame for any `probabilities` (items, classes); a rater's part is by their confusion matrix."""
    operator = SparseOperator.of(answers)
    confusion = operator.counts(probabilities) + _SMOOTHING
    confusion /= confusion.sum(axis=2, keepdims=True)
    scores = np.log(np.maximum(probabilities, _TINY))
    return rater_frame(answers, *judged_by_others(operator, scores, np.log(confusion), Clamp.of(None, answers)))


def _blocks(starts: NDArray[np.int32], n_classes: int) -> Iterator[tuple[int, int]]:
    """Ranges of items with no more answers than fit into `_CELLS` numbers, one item at least."""
    first = 0
    while first < len(starts) - 1:
        most = starts[first] + max(1, _CELLS // n_classes)
        last = max(first + 1, int(np.searchsorted(starts, most, side="right")) - 1)
        yield first, last
        first = last


def _block(
    operator: SparseOperator,
    scores: Floats,
    own: Floats,
    known: NDArray[np.intp],
    first: int,
    last: int,
    aside: int | None,
) -> tuple[NDArray[np.intp], Floats, Floats]:
    """For each answer to items `first` to `last`: the rater, the chance that it is right, and whether it counts."""
    matrix, n_classes = operator.matrix, operator.shape[1]
    part = slice(matrix.indptr[first], matrix.indptr[last])
    columns, item = matrix.indices[part], np.repeat(np.arange(last - first), np.diff(matrix.indptr[first : last + 1]))
    rater, answer = np.divmod(columns, n_classes)
    new = np.append(True, (item[1:] != item[:-1]) | (rater[1:] != rater[:-1])) if len(item) else np.empty(0, dtype=bool)
    starts, pair = np.flatnonzero(new), np.cumsum(new) - 1
    if not len(starts):
        return rater, np.empty(0), np.empty(0)
    parts = own[columns]
    parts *= matrix.data[part, None]
    others = scores[item[starts]]
    others -= parts if len(starts) == len(parts) else np.add.reduceat(parts, starts, axis=0)
    normalise(others)
    counts = (np.bincount(item[starts], minlength=last - first) > 1).astype(float)
    counts[known >= 0] = 1.0
    credit = np.where(known[item] >= 0, known[item] == answer, others[pair, answer])
    weight = counts[item] if aside is None else counts[item] * (answer != aside)
    return rater, credit, weight
