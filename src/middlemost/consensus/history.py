"""What is known of raters: their confusion matrices as a frame, with intervals; and back, as evidence for a fit."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.answers import Answers
from middlemost.core.operator import SparseOperator
from middlemost.core.results import Consensus
from middlemost.errors import InputError, Place
from middlemost.inference.proportion import jeffreys

Floats = NDArray[np.float64]
COLUMNS = ("rater", "label", "answer", "count")


def confusion_frame(answers: Answers, consensus: Consensus, *, level: float = 0.95) -> pl.DataFrame:
    """How often each rater gave each answer to items of each label, with Jeffreys' interval for the share.

    `consensus` is a result for these `answers`. The frame (rater, label, answer, count, share, low, high) has a row for
    each combination; counts are sums of probabilities. Where a rater met no item of a label, the share is null. The
    frame can be the `history` of another fit.

    >>> from middlemost.consensus.majority import MajorityVote
    >>> from middlemost.core.answers import encode
    >>> answers = encode(pl.DataFrame({"item": list("aab"), "rater": list("xyx"), "answer": list("112")}))
    >>> confusion_frame(answers, MajorityVote().fit(answers)).select("rater", "label", "answer", "count").rows()[:2]
    [('x', '1', '1', 1.0), ('x', '1', '2', 0.0)]
    """
    counts = SparseOperator.of(answers).counts(consensus.probabilities)
    n_raters, n_classes = counts.shape[:2]
    met = np.repeat(counts.sum(axis=2).ravel(), n_classes)
    count, known = counts.ravel(), met > 1e-12
    low, high = jeffreys(count, np.maximum(met, count), level)
    shares = {"share": count / np.where(known, met, 1.0), "low": low, "high": high}
    each = np.arange(n_classes)
    return pl.DataFrame(
        {
            "rater": answers.raters.gather(np.repeat(np.arange(n_raters), n_classes**2)),
            "label": answers.classes.gather(np.tile(np.repeat(each, n_classes), n_raters)),
            "answer": answers.classes.gather(np.tile(each, n_raters * n_classes)),
            "count": count,
        }
        | {name: pl.Series(np.where(known, share, np.nan)).fill_nan(None) for name, share in shares.items()}
    )


def counts_of(history: pl.DataFrame, answers: Answers) -> Floats:
    """The counts of a frame (rater, label, answer, count) on the axes of `answers`: (raters, classes, classes).

    Rows of raters or classes that are not among the answers are left out.
    """
    if missing := [name for name in COLUMNS if name not in history.columns]:
        raise InputError(
            f"The history has no column {' or '.join(missing)}; it has {', '.join(history.columns) or 'none'}.",
            mend="It needs the columns rater, label, answer and count.",
        )
    counts = history["count"].cast(pl.Float64, strict=False)
    if bad := (counts.is_null() | ~counts.is_finite() | (counts < 0)).arg_true().to_list():
        place = Place(column="count", value=str(history["count"][bad[0]]))
        raise InputError(f"The count in row {bad[0] + 1} of the history is not a number from 0 up.", place=place)
    rater = codes_among(history["rater"], answers.raters)
    label, answer = (codes_among(history[name], answers.classes) for name in ("label", "answer"))
    known = (rater >= 0) & (label >= 0) & (answer >= 0)
    n_raters, n_classes = answers.n_raters, answers.n_classes
    cell = (rater[known] * n_classes + label[known]) * n_classes + answer[known]
    table = np.bincount(cell, weights=counts.to_numpy()[known], minlength=n_raters * n_classes**2)
    return np.asarray(table, dtype=float).reshape(n_raters, n_classes, n_classes)


def codes_among(names: pl.Series, axis: pl.Series) -> NDArray[np.int64]:
    """The positions of `names` on `axis`, -1 where they are not on it."""
    codes = names.cast(pl.String).cast(pl.Enum(axis), strict=False).to_physical().cast(pl.Int64)
    return codes.fill_null(-1).to_numpy()
