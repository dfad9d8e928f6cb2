"""Do raters agree with themselves? What that bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from middlemost.agreement.alpha import Alpha, Level
from middlemost.agreement.measured import Resampling, Sample
from middlemost.agreement.percent import PercentAgreement
from middlemost.agreement.statistic import Statistic, agreeing, noted
from middlemost.agreement.tally import Floats, Matrix, Rows, Signatures, by_class, total
from middlemost.core.answers import Answers
from middlemost.core.estimate import Estimate
from middlemost.core.results import Agreement, IntraRater
from middlemost.inference.bootstrap import percentile_interval, percentiles
from middlemost.inference.proportion import jeffreys

FEW_RATERS = 3  # from which raters can be drawn
NOTHING = "no rater answered an item twice"
_BLOCK = 4_000_000


def intra_rater(
    answers: Answers, *, level: Level = "nominal", draws: int = 1000, confidence: float = 0.95, seed: int = 0
) -> IntraRater:
    """How far raters give the same answer when they meet an item again, in another round or by chance.

    Every row counts: read answers with `repeats="all"` or with a column `round`. `alpha` is Krippendorff's, of raters
    with themselves (stability: Krippendorff 2004, chapter 11): each rater's answers to an item are compared with each
    other, and chance is what all of those answers would give if dealt out anew; `level` is as in `Alpha`. Intervals
    rest on `draws` bootstrap samples of raters; with fewer than three who repeat, of their items. Without repeats
    nothing is measured, and `sentence` says so.

    Somebody who gives class k with probability p_k agrees with themselves with probability a = sum of p_k². So two
    such raters agree on the same items no more often than their own a in the mean, and a single answer out of K
    classes is right with probability (1 + sqrt((K - 1)(K a - 1))) / K at most: `most_right`. Raters who remember their
    first answer seem more reliable than they are.

    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aabbcc"), "rater": ["x"] * 6, "answer": list("112212")})
    >>> found = intra_rater(encode(frame, repeats="all"), draws=100)
    >>> str(found.agreement.estimate), str(found.most_right)
    ('.667 (.000 to 1.000)', '.789 (.500 to 1.000)')
    """
    own = _Own.of(answers)
    alpha = own.measured(Alpha(level=level, draws=draws, confidence=confidence, seed=seed), "intra-rater-alpha")
    agreement = own.measured(PercentAgreement(draws=draws, confidence=confidence, seed=seed), "intra-rater-agreement")
    most_right = _most_right(agreement, answers.n_classes)
    return IntraRater(agreement, alpha, most_right, own.frame(), own.n_repeats, _sentence(agreement, most_right))


@dataclass(frozen=True, eq=False)
class _Own:
    """Each rater's answers to an item they answered more than once, as if the two together were an item (a pair)."""

    answers: Answers
    rater: NDArray[np.int32]

    @classmethod
    def of(cls, answers: Answers) -> _Own:
        """The pairs with two answers or more."""
        keys = answers.item.astype(np.int64) * answers.n_raters + answers.rater
        _, pair, times = np.unique(keys, return_inverse=True, return_counts=True)
        again = times[pair] > 1
        number = np.cumsum(times > 1) - 1
        kept = answers.take(again)
        names = pl.int_range(int(np.count_nonzero(times > 1)), eager=True).cast(pl.String)
        pairs = replace(kept, items=names, item=number[pair[again]].astype(np.int32))
        rater = np.empty(len(names), dtype=np.int32)
        rater[pairs.item] = pairs.rater
        return cls(pairs, rater)

    @property
    def n_repeats(self) -> int:
        """The answers after the first."""
        return len(self.answers) - len(self.rater)

    @property
    def n_raters(self) -> int:
        """Those who repeat."""
        return len(np.unique(self.rater))

    def measured(self, coefficient: Alpha | PercentAgreement, name: str) -> Agreement:
        """The coefficient over the pairs; its interval draws raters where there are enough of them, else pairs."""
        statistic, note = coefficient.statistic(self.answers)
        value = self._value(statistic)
        why, among = self._why(value, statistic), "raters" if self.n_raters >= FEW_RATERS else "items"
        ends = None
        if why is None:
            draw = self._over_raters if among == "raters" else self._over_items
            ends = draw(statistic, coefficient)
            why = self._about(ends, among)
        low, high = ends or (None, None)
        return Agreement(
            name=name,
            value=0.0 if np.isnan(value) else value,
            low=low,
            high=high,
            level=coefficient.confidence,
            n_items=len(self.rater),
            n_raters=self.n_raters,
            n_answers=len(self.answers),
            note=noted(why, note),
            resampled=among,
        )

    def _value(self, statistic: Statistic) -> float:
        if not self.n_repeats:
            return np.nan
        features = statistic.features(Rows.of(statistic.table(self.answers)))
        return float(statistic.value(total(features, np.ones((1, len(self.rater)))))[0])

    def _why(self, value: float, statistic: Statistic) -> str | None:
        """Why there is no interval, or no value."""
        if not self.n_repeats:
            return f"{NOTHING}, so nothing is measured and the value is set to 0"
        if np.isnan(value):
            return statistic.undefined
        if value >= 1 - 1e-12:
            return "no interval: nobody ever gave another answer to an item than before"
        return "no interval: one rater answered one item again" if len(self.rater) == 1 else None

    def _about(self, ends: tuple[float, float] | None, among: str) -> str | None:
        """What to know of the interval."""
        if ends is None:
            return f"no interval: too few {among}, many samples of them have only one kind of answer"
        if among == "raters":
            return None
        return f"the interval is for other items and the same rater{'s' * (self.n_raters > 1)}"

    def _over_items(self, statistic: Statistic, settings: Resampling) -> tuple[float, float] | None:
        """Pairs drawn with replacement."""
        sample = Sample.of(statistic, self.answers)
        features = statistic.features(sample.rows)

        def values(weights: Floats) -> Floats:
            return statistic.value(total(features, weights))

        return percentile_interval(
            sample.grouped, values, draws=settings.draws, level=settings.confidence, seed=settings.seed,
            width=features.shape[1],
        )  # fmt: skip

    def _over_raters(self, statistic: Statistic, settings: Resampling) -> tuple[float, float] | None:
        """Raters drawn with replacement, each with all their pairs; in an order that does not hang on their names."""
        raters = np.unique(self.rater)
        raters = raters[np.argsort(Signatures.of(self.answers).rater[raters], kind="stable")]
        place = np.empty(self.answers.n_raters, dtype=np.int64)
        place[raters] = np.arange(len(raters))
        features = statistic.features(Rows.of(statistic.table(self.answers)))
        where = place[self.rater], np.arange(len(self.rater))
        added = csr_array((np.ones(len(self.rater)), where), (len(raters), len(self.rater))) @ features
        sums: Matrix = added if isinstance(added, np.ndarray) else csr_array(added)
        rng, n = np.random.default_rng(settings.seed), len(raters)
        size = max(1, _BLOCK // max(n, sums.shape[1]))
        blocks = (min(size, settings.draws - start) for start in range(0, settings.draws, size))
        drawn = (rng.multinomial(n, np.full(n, 1 / n), size=block).astype(float) for block in blocks)
        values = [statistic.value(total(sums, weights)) for weights in drawn]
        return percentiles(np.concatenate(values), settings.confidence)

    def frame(self) -> pl.DataFrame:
        """The raters who repeat, first those who are most surely inconsistent."""
        agree = agreeing(Rows.of(by_class(self.answers)), None)
        n_items = np.bincount(self.rater, minlength=self.answers.n_raters)
        same = np.bincount(self.rater, agree, minlength=self.answers.n_raters).astype(float)
        low, high = jeffreys(same, n_items.astype(float))
        frame = pl.DataFrame({
            "rater": self.answers.raters,
            "n_items": n_items,
            "n_repeats": self.answers.per_rater() - n_items,
            "agreement": same / np.maximum(n_items, 1),
            "low": low,
            "high": high,
        })  # fmt: skip
        return frame.filter(pl.col("n_items") > 0).sort("high", "agreement", "rater")


def _most_right(agreement: Agreement, n_classes: int) -> Estimate:
    """The bound of `intra_rater` at the agreement and the ends of its interval; it rises with them."""
    if not agreement.n_items:
        return Estimate(1.0, level=agreement.level, n=0, note=f"{NOTHING}, so nothing is bounded")
    low, high = (None if end is None else right_at_most(end, n_classes) for end in (agreement.low, agreement.high))
    return Estimate(
        right_at_most(agreement.value, n_classes), low, high, agreement.level, agreement.n_items, agreement.note
    )


def right_at_most(agreement: float, n_classes: int) -> float:
    """The largest chance that an answer is right from somebody who agrees with themselves so often."""
    room = (n_classes - 1) * max(n_classes * agreement - 1, 0.0)
    return float((1 + np.sqrt(room)) / n_classes)


def _sentence(agreement: Agreement, most_right: Estimate) -> str:
    if not agreement.n_items:
        return f"There is nothing to say: {NOTHING}."
    return (
        f"Asked again, a rater gives the same answer in {100 * agreement.value:.0f} % of cases. On the same items two "
        "raters can hardly agree more often than that with each other, and a single answer is right in at most "
        f"{100 * most_right.value:.0f} % of cases."
    )
