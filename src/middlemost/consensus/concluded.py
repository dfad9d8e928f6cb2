"""What the aggregators share: from probabilities to labels, from credits to raters."""

from __future__ import annotations

from typing import ClassVar, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core import ties
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.core.short_rows import totals
from middlemost.inference.proportion import jeffreys
from middlemost.registry import Traits

Floats = NDArray[np.float64]


class Aggregator(Protocol):
    """A row of AGGREGATORS: a frozen dataclass with one verb."""

    name: ClassVar[str]
    traits: ClassVar[Traits]

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Labels, how sure, and who is good."""
        ...


def label_frame(answers: Answers, probabilities: Floats, counts: NDArray[np.integer], *, seed: int) -> pl.DataFrame:
    """The frame (item, label, confidence, n_answers, share), one row an item, sorted by item."""
    chosen = ties.pick(probabilities, answers, seed=seed)
    places = np.arange(answers.n_items) * answers.n_classes + chosen
    votes, n_answers = counts.ravel()[places], totals(counts)
    return pl.DataFrame(
        {
            "item": answers.items,
            "label": answers.classes.gather(chosen),
            "confidence": probabilities.ravel()[places],
            "n_answers": n_answers,
            "share": votes / np.maximum(n_answers, 1),
        }
    )


def rater_frame(
    answers: Answers, right: Floats, compared: Floats, n_answers: NDArray[np.int64] | None = None
) -> pl.DataFrame:
    """The frame (rater, n_answers, accuracy, low, high) from `right` answers among those `compared`, both by rater.

    A rater with nothing to compare has no accuracy. `n_answers` is counted unless it is given.
    """
    low, high = jeffreys(right, compared)
    known = compared > 0
    shares = {"accuracy": right / np.where(known, compared, 1), "low": low, "high": high}
    return pl.DataFrame(
        {"rater": answers.raters, "n_answers": answers.per_rater() if n_answers is None else n_answers}
        | {name: pl.Series(np.where(known, share, np.nan)).fill_nan(None) for name, share in shares.items()}
    )


def vote_shares(answers: Answers, counts: NDArray[np.integer]) -> Floats:
    """Each item's answers as shares (items, classes); the overall shares where an item has none."""
    n_answers = totals(counts)
    shares = counts / np.maximum(n_answers, 1)[:, None]
    if not n_answers.all():
        shares[n_answers == 0] = counts.sum(axis=0) / len(answers) if len(answers) else 1 / answers.n_classes
    return shares
