"""Which coefficients of agreement are shown, and on which answers: one choice for desk, datasheet and report."""

from __future__ import annotations

import numpy as np

from middlemost.agreement import Alpha, FleissKappa, GwetAC, PercentAgreement
from middlemost.core.answers import Answers
from middlemost.core.estimate import Estimate, decimal
from middlemost.core.results import Agreement

# Of all coefficients those that most readers know; none of them grows with the pairs of raters.
SHOWN = (Alpha, FleissKappa, GwetAC, PercentAgreement)
DRAWS = 1_000  # bootstrap samples for their intervals


def between_raters(answers: Answers, *, draws: int = DRAWS, seed: int = 0) -> tuple[Agreement, ...]:
    """The `SHOWN` coefficients on each rater's first answer to an item, alpha first.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": list("1121")})
    >>> [found.name for found in between_raters(encode(frame))]
    ['alpha', 'fleiss-kappa', 'gwet-ac', 'percent-agreement']
    """
    answers = first_answers(answers)
    return tuple(method(draws=draws, seed=seed).measure(answers) for method in SHOWN)


def first_answers(answers: Answers) -> Answers:
    """Each rater's first answer to an item: of the lowest round, then the first row.

    A rater who agrees with themselves says nothing of agreement between raters.
    """
    if not answers.repeated():
        return answers
    rounds = np.zeros(len(answers)) if answers.round is None else answers.round
    order = np.lexsort((rounds, answers.rater, answers.item))
    item, rater = answers.item[order], answers.rater[order]
    first = np.append(True, (item[1:] != item[:-1]) | (rater[1:] != rater[:-1]))
    return answers.take(np.sort(order[first]))


def figure(estimate: Estimate) -> str:
    """A coefficient with its interval or why it has none, and nothing but the why where nothing could be measured.

    >>> figure(Estimate(0.8, note="no interval: only one item has two answers"))
    '.800 (no interval: only one item has two answers)'
    >>> figure(Estimate(0.0, note="no item has two answers"))
    'no item has two answers'
    """
    if estimate.low is not None:
        return str(estimate)
    if estimate.value == 0:  # declared, not measured
        return why(estimate)
    return f"{decimal(estimate.value)} (no interval: {why(estimate)})"


def why(estimate: Estimate) -> str:
    """Why a coefficient has no interval."""
    return (estimate.note or "not enough data").removeprefix("no interval: ")
