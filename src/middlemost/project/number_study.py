"""Everything that a report says of answers that are numbers, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtrit

from middlemost.agreement import ICC, Alpha, Concordance, MeanSpearman
from middlemost.consensus.numeric import Distance, Huber, Mean, Median, RaterModel, distance
from middlemost.core.answers import Answers
from middlemost.core.estimate import Estimate, places_of
from middlemost.core.gold import Gold, GoldLike, as_gold
from middlemost.core.numbers import NumericAnswers, as_numbers
from middlemost.core.results import NumericConsensus
from middlemost.project.coefficients import DRAWS, first_answers
from middlemost.project.found import Agreeing, Found, Given, agreeing, caveats, draw_sample, notices, single_share
from middlemost.project.number_verdict import NumberFacts, NumberGold, judge_numbers
from middlemost.project.oddities import find_number_oddities
from middlemost.project.overview import redundancy, share_of
from middlemost.project.verdict import Verdict

MOST_DISPUTED = 30
FEW = 5  # answers of a rater from which a bias, a scale and a spread can be told
MANY = 300_000  # answers or, squared, different ones from which a fifth of the bootstrap samples is enough

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """An item on which numbers lie apart: what was said, sorted, and the estimate with its interval."""

    item: str
    values: tuple[float, ...]
    estimate: float
    low: float | None
    high: float | None
    text: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class NumberStudy(Found):
    """The findings on answers that are numbers.

    `consensus` is by the rater model, or Huber's where raters have few answers each. `others`: how far it and simpler
    estimates are from gold, by name; empty without. `steady`: the share of the estimates' variance that other such
    raters would reproduce, None where it cannot be told. `disputed`: the items whose answers lie furthest apart.
    """

    answers: NumericAnswers
    consensus: NumericConsensus
    gold_check: NumberGold | None
    others: tuple[tuple[str, Distance], ...]
    steady: float | None
    redundancy: pl.DataFrame
    disputed: tuple[Spread, ...]

    @cached_property
    def places(self) -> int:
        """How many decimal places are worth showing."""
        return places_of(float(self.answers.values.std()))

    @cached_property
    def verdict(self) -> Verdict:
        """May one train on them."""
        return judge_numbers(
            NumberFacts(
                n_items=self.answers.n_items,
                n_numbers=self.answers.n_classes,
                single_share=single_share(self.answers),
                alpha=self.agreeing.deciding,
                steady=self.steady,
                gold=self.gold_check,
                gold_given=self.gold is not None,
                oddities=self.oddities,
            )
        )


def study_numbers(answers: Answers, gold: GoldLike | None = None, given: Given = Given()) -> NumberStudy:  # noqa: B008
    """Measure, estimate, look for oddities. InputError where an answer or a gold label is no number."""
    numbers = as_numbers(answers)
    known = None if gold is None else as_gold(gold)
    consensus = estimator(numbers).fit(numbers)
    agreed = _agreeing(numbers, given)
    return NumberStudy(
        answers=numbers,
        gold=known,
        given=given,
        agreeing=agreed,
        oddities=find_number_oddities(numbers, consensus),
        sample=draw_sample(numbers, seed=given.seed),
        notices=notices(numbers, agreed.breakdown),
        caveats=caveats(numbers, *consensus.notices, *(known.notices if known else ())),
        consensus=consensus,
        gold_check=None if known is None else check_numbers(consensus, known),
        others=() if known is None else _others(numbers, consensus, known),
        steady=steadiness(consensus),
        redundancy=redundancy(numbers),
        disputed=_disputed(numbers, consensus, given),
    )


def estimator(answers: Answers) -> Huber | RaterModel:
    """The rater model, unless most answers are by raters with too few to tell what is theirs and what the item's."""
    n = answers.per_rater()
    return RaterModel() if 2 * n[n >= FEW].sum() >= n.sum() else Huber()


def check_numbers(consensus: NumericConsensus, gold: Gold) -> NumberGold | None:
    """The estimates against the gold drawn at random, else all gold; None where no gold item has an answer."""
    drawn, known = gold.to_count_on()
    away = distance(consensus, known)
    if not away.mean_absolute.n:
        return None
    truth = pl.DataFrame({"item": known.items, "truth": known.labels.str.strip_chars().cast(pl.Float64)})
    both = truth.join(consensus.estimates.drop_nulls("estimate"), on="item", how="inner")
    miss = (both["estimate"] - both["truth"]).to_numpy()
    ranged = both.drop_nulls("low")
    held = int(ranged["truth"].is_between(ranged["low"], ranged["high"]).sum())
    return NumberGold(
        n=len(miss),
        n_unanswered=len(known) - len(miss),
        drawn=drawn,
        distance=away,
        spread=float(both["truth"].to_numpy().std()),
        above=_mean(miss),
        held=None if not ranged.height else share_of(held, ranged.height),
    )


def steadiness(consensus: NumericConsensus) -> float | None:
    """The variance between the estimates over that and their own uncertainty: their reliability."""
    known = consensus.estimates.drop_nulls()
    if known.height < 2:
        return None
    errors = ((known["high"] - known["low"]) / 2 / 1.959964).to_numpy() ** 2
    between = float(known["estimate"].to_numpy().var(ddof=1))
    whole = between + float(errors.mean())
    return between / whole if whole > 0 else None


def _agreeing(answers: NumericAnswers, given: Given) -> Agreeing:
    """Alpha for all answers; coefficients of a full table where there is one."""
    draws = DRAWS if len(answers) <= MANY else DRAWS // 5
    alpha = Alpha("interval", draws=draws, seed=given.seed)
    first = first_answers(answers)
    shown = [alpha.measure(first)]
    if _is_full(first):
        tabled = (ICC(), Concordance(draws=draws // 5), MeanSpearman(draws=draws // 5))
        shown += [found for one in tabled if (found := one.measure(first)).low is not None]
    return agreeing(answers, tuple(shown), alpha, given, level="interval")


def _is_full(answers: Answers) -> bool:
    """Whether every rater answered half of the items at least: else few items, if any, have all raters."""
    return answers.n_raters > 1 and bool((answers.per_rater() * 2 >= answers.n_items).all())


def _others(answers: NumericAnswers, consensus: NumericConsensus, gold: Gold) -> tuple[tuple[str, Distance], ...]:
    known = gold.to_count_on()[1]
    rows = [("these", distance(consensus, known))]
    rows += [(one.name, distance(one.fit(answers), known)) for one in (Mean(), Median())]
    return tuple(rows) if rows[0][1].mean_absolute.n else ()


def _disputed(answers: NumericAnswers, consensus: NumericConsensus, given: Given) -> tuple[Spread, ...]:
    n = answers.per_item()
    mean = np.bincount(answers.item, answers.values, answers.n_items) / np.maximum(n, 1)
    squares = np.bincount(answers.item, (answers.values - mean[answers.item]) ** 2, answers.n_items)
    spread = np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), 0.0)
    rows = [int(row) for row in np.argsort(-spread.round(9), kind="stable")[:MOST_DISPUTED] if spread[row] > 0]
    among = np.isin(answers.item, rows)
    values = {row: np.sort(answers.values[among][answers.item[among] == row]).tolist() for row in rows}
    found = consensus.estimates
    return tuple(
        Spread(one["item"], tuple(values[row]), one["estimate"], one["low"], one["high"], given.texts.get(one["item"]))
        for row, one in zip(rows, found[rows].iter_rows(named=True), strict=True)
    )


def _mean(values: Floats) -> Estimate:
    n, mean = len(values), float(values.mean())
    if n < 2:
        return Estimate(mean, n=n, note="an interval needs two items whose number is known")
    width = float(stdtrit(n - 1, 0.975) * values.std(ddof=1) / n**0.5)
    return Estimate(mean, mean - width, mean + width, n=n)
